// One tick of a gateway's watcher, whatever it does: an error is logged and never ends the gateway, as reported. The
// log line is an observation.
import type { World } from '../../harness/lane/world.ts';
import { BoardError } from '../board/board-error.ts';

/** Runs a tick; leaves `tick` or `tick-failed`. `lane` is the watcher's name in the gateway. */
export function tick(world: World, lane: string, body: () => void): void {
  const gateway = world.process;
  try {
    body();
    world.observe('tick', { gateway, lane, ok: true });
  } catch (error) {
    if (!(error instanceof BoardError)) throw error;
    world.observe('tick-failed', {
      gateway,
      lane,
      code: error.code,
      statement: error.statement,
      message: error.message,
    });
  }
}
