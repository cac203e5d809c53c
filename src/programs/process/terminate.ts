// How the reported code ends another process: SIGTERM, a number of looks half a second apart, SIGKILL.
import type { World } from '../../../harness/lane/world.ts';

const lookMs = 500;

/** Ends a process, if it lives. @param looks how often to look whether it has gone before SIGKILL */
export function terminate(world: World, name: string, looks: number): void {
  if (!world.kill(name, 'SIGTERM')) return;
  for (let look = 0; look < looks && world.poll(name) === undefined; look++) world.sleep(lookMs);
  world.kill(name, 'SIGKILL');
}

/** `run --replace`, and whoever stops a gateway: 10 s. */
export const gatewayLooks = 20;
/** `enforce_max_runtime` and the end of a reclaimed worker: 5 s. */
export const workerLooks = 10;
