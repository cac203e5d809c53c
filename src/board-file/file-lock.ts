// Waiting for a flock(2): a try, then a sleep, as the reported code polls. What stays out: which files are locked
// (policies/lock, policies/init-lock).
import type { Flock, World } from '../../harness/lane/world.ts';
import { BoardError, boardCode, during } from './board-error.ts';

const pollMs = 50;
/** A lane that is being stopped does not sleep any more, so time does not pass for it: it tries this often and gives up. */
const triesWhileStopping = 200;

/**
 * @param limitMs virtual; null waits as long as it takes
 * @returns undefined when the time is up
 */
export function waitForFileLock(world: World, file: string, limitMs: number | null): Flock | undefined {
  const began = world.now();
  for (let late = 0; late < triesWhileStopping; late += world.stopping() ? 1 : 0) {
    const lock = world.flock(file, 'exclusive');
    if (lock !== undefined) return lock;
    if (limitMs !== null && world.now() - began >= limitMs) return undefined;
    world.sleep(pollMs);
  }
  return undefined;
}

/**
 * Takes a lock that must be had.
 *
 * @param file its lock file; undefined: there is nothing to take
 * @param limitMs virtual
 * @param by the function that wants it
 * @throws BoardError `LOCK_TIMEOUT` when the time is up
 */
export function takeFileLock(world: World, file: string | undefined, limitMs: number, by: string): Flock | undefined {
  if (file === undefined) return undefined;
  const lock = during(by, () => waitForFileLock(world, file, limitMs));
  if (lock !== undefined) return lock;
  throw new BoardError(boardCode.lockTimeout, by, `${file} was not free within ${limitMs / 1000} s`);
}
