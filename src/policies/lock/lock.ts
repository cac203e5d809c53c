// The axis `lock`: a flock(2) of our own round what SQLite locks by itself. What stays out: how the lock is waited for
// (board-file/file-lock.ts).
import type { PolicyValue } from '../axis.ts';

/**
 * Names of lock files for a board’s database file; undefined: no lock.
 *
 * @property waitsMsMost when the time is up the operation fails
 * @property session held from before open() until after close()
 * @property transaction held round BEGIN … COMMIT
 */
export interface Lock extends PolicyValue {
  readonly waitsMsMost: number;
  session(file: string): string | undefined;
  transaction(file: string): string | undefined;
}
