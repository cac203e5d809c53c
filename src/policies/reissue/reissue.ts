// The axis `reissue`: whether a connect sets the journal mode of a database that has it already.
import type { Connection } from '../../../harness/lane/world.ts';
import type { PolicyValue } from '../axis.ts';

export interface Reissue extends PolicyValue {
  /** Must this connect issue `PRAGMA journal_mode=mode`? */
  mustSet(connection: Connection, mode: string): boolean;
}
