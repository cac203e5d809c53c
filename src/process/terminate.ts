// How the reported code ends another process: SIGTERM, a number of looks half a second apart, SIGKILL.
import type { World } from '../../harness/lane/world.ts';

const lookMs = 500;

/**
 * Ends a process.
 *
 * @param looks how often to look whether it has gone before SIGKILL
 * @returns gone: there was none · stopped: it ended by itself after SIGTERM · killed
 */
export function terminate(world: World, name: string, looks: number): 'gone' | 'stopped' | 'killed' {
  if (!world.kill(name, 'SIGTERM')) return 'gone';
  for (let look = 0; look < looks; look++) {
    if (world.poll(name) !== undefined) return 'stopped';
    world.sleep(lookMs);
  }
  return world.kill(name, 'SIGKILL') ? 'killed' : 'stopped';
}

/** `run --replace`, and whoever stops a gateway: 10 s. */
export const gatewayLooks = 20;
/** `enforce_max_runtime` and the end of a reclaimed worker: 5 s. */
export const workerLooks = 10;
