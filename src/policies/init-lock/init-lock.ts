// The axis `initLock`: a flock(2) round connects. What stays out: how the lock is waited for
// (board-file/file-lock.ts).
import type { PolicyValue } from '../axis.ts';

/**
 * @property takes is there a lock at all
 * @property everyConnect round every connect, not only the first of a process
 * @property waitsMsMost when the time is up the connect goes on without it
 */
export interface InitLock extends PolicyValue {
  readonly takes: boolean;
  readonly everyConnect: boolean;
  readonly waitsMsMost: number | null;
}
