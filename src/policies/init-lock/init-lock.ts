// The axis `initLock`: a flock(2) round the first connect of each process. What stays out: how the lock is waited for
// (board/file-lock.ts).
import type { PolicyValue } from '../axis.ts';

/**
 * @property takes is there a lock at all
 * @property timeoutMs virtual; undefined: waits as long as it takes. When the time is up the connect goes on without it
 */
export interface InitLock extends PolicyValue {
  readonly takes: boolean;
  readonly timeoutMs: number | undefined;
}
