// lockstep.hold-flock: takes a flock(2) on a file, stands still with it, gives it back.
import { FileError, type World, type Json } from '../../../lane/world.ts';

/**
 * @property file below the world's directory; made when it is not there
 * @property holdMs virtual ms
 * @property timeoutMs how long to try to take it, virtual ms
 */
export interface FlockOrder {
  readonly file: string;
  readonly holdMs: number;
  readonly timeoutMs: number;
}

export function holdFlock(world: World, args: Json): void {
  const { file, holdMs, timeoutMs } = args as unknown as FlockOrder;
  try {
    const lock = world.flock(file, 'exclusive', { timeoutMs });
    if (lock === undefined) {
      world.observe('flock-refused', { file, code: 'EWOULDBLOCK' });
      return;
    }
    world.observe('flock-held', { file });
    world.sleep(holdMs);
    lock.release();
    world.observe('flock-released', { file });
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    world.observe('flock-refused', { file, code: error.code });
  }
}
