// Why a gateway goes down. Whoever decides it leaves word for the main lane, which says it.
import type { World } from '../../../harness/lane/world.ts';

/** stop: somebody asked it to · takeover: another gateway replaces it · watchdog: it is an orphan · refused: never came up */
export type WhyDown = 'stop' | 'takeover' | 'watchdog' | 'refused';

const key = 'why-down';

/** Stops this gateway as SIGTERM does: lanes end their ticks. */
export function stopSelf(world: World, why: WhyDown): void {
  world.shared.set(key, why);
  world.kill(world.process, 'SIGTERM');
}

/** What a lane of this gateway has left; undefined when somebody else stopped it. */
export function whyStopped(world: World): WhyDown | undefined {
  return world.shared.get(key) as WhyDown | undefined;
}
