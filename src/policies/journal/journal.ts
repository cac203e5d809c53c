// The axis `journal`: the mode that every connect sets.
import type { Connection } from '../../../harness/lane/world.ts';
import type { PolicyValue } from '../axis.ts';

/**
 * @property mode as `PRAGMA journal_mode` takes it, and answers it in lower case
 * @property modeOn the mode that a connect sets on this connection, where that depends on it; undefined: it sets none
 */
export interface Journal extends PolicyValue {
  readonly mode: 'WAL' | 'DELETE' | 'TRUNCATE' | 'PERSIST';
  modeOn?(connection: Connection): Journal['mode'] | undefined;
}
