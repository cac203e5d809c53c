// The axis `probe`: raw reads of the database file past SQLite. Each opens and closes the file, and the close drops every
// POSIX lock that this process has on it (howtocorrupt.html §2.2). What stays out: what is read (board-file/raw-probe.ts).
import type { World } from '../../../harness/lane/world.ts';
import type { PolicyValue } from '../axis.ts';

/**
 * @property readsHeader a connect reads the first 64 bytes
 * @property readsAfterCommit a write transaction reads 4 bytes when it has committed
 */
export interface Probe extends PolicyValue {
  readonly readsHeader: boolean;
  readonly readsAfterCommit: boolean;
  /** Does a raw read of a board’s file, if it may be done now. Result: was it done? */
  raw(world: World, file: string, read: () => void): boolean;
}
