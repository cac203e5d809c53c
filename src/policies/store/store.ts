// The axis `store`: where a board's tables are.
import type { PolicyValue } from '../axis.ts';

export interface Store extends PolicyValue {
  /** The board is a database of a PostgreSQL server: there is no file that a process opens, probes, locks or replaces. */
  readonly onServer: boolean;
  /** An operation's statement, as the server is to have it. */
  dialect(sql: string): string;
}
