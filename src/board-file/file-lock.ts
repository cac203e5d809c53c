// Waiting for a flock(2): a try, then a sleep, as the reported code polls. What stays out: which files are locked
// (policies/lock, policies/init-lock).
import type { Flock, World } from '../../harness/lane/world.ts';
import { BoardError, boardCode, during } from './board-error.ts';

/** Virtual ms before the next try, after so many in vain. */
type Pause = (tries: number) => number;

/** As the reported code polls. */
const asReported: Pause = () => 50;

/**
 * For a lock that is held for one transaction: milliseconds, or as long as its holder stands still. With 50 ms from the first try on,
 * p99 of four gateways was 159 ms, and with these 47 (docs/decisions.md).
 */
export const briefly: Pause = (tries) => (tries <= 50 ? 2 : 50);

/** A lane that is being stopped does not sleep any more, so time does not pass for it: it tries this often and gives up. */
const triesWhileStopping = 200;

/**
 * @param limitMs virtual; null waits as long as it takes
 * @param pause before each further try
 * @returns undefined when the time is up
 */
export function waitForFileLock(
  world: World,
  file: string,
  limitMs: number | null,
  pause: Pause = asReported,
): Flock | undefined {
  const began = world.now();
  let late = 0;
  for (let tries = 1; late < triesWhileStopping; tries++) {
    const lock = world.flock(file, 'exclusive');
    if (lock !== undefined) return lock;
    if (limitMs !== null && world.now() - began >= limitMs) return undefined;
    world.sleep(pause(tries));
    if (world.stopping()) late++;
  }
  return undefined;
}

/**
 * Takes a lock that must be had.
 *
 * @param file its lock file; undefined: there is nothing to take
 * @param limitMs virtual
 * @param by the function that wants it
 * @param pause as for {@link waitForFileLock}
 * @throws BoardError `LOCK_TIMEOUT` when the time is up
 */
export function takeFileLock(
  world: World,
  file: string | undefined,
  limitMs: number,
  by: string,
  pause?: Pause,
): Flock | undefined {
  if (file === undefined) return undefined;
  const lock = during(by, () => waitForFileLock(world, file, limitMs, pause));
  if (lock !== undefined) return lock;
  throw new BoardError(boardCode.lockTimeout, by, `${file} was not free within ${limitMs / 1000} s`);
}
