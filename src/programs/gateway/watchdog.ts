// The watchdog of a gateway (policy `guard`): every 60 s it asks whether a unit's main process of the same profile lives
// that is not this process; then this one is an orphan, and stops itself.
import type { World, Json } from '../../../harness/lane/world.ts';
import { during } from '../../board-file/board-error.ts';
import { unitsOf } from '../process/unit-state.ts';
import { stopSelf } from './down.ts';
import { asLane } from './lanes.ts';
import { forever } from '../process/quiet.ts';
import { gatewayConfig, watchdogIntervalMs } from './settings.ts';
import { sleeps } from '../../policies/notify/poll.ts';
import { watch } from './watch.ts';

/** Program of the thread. */
export function watchdog(world: World, args: Json): void {
  const config = gatewayConfig(args);
  asLane(world, config, () => {
    watch(world, { lane: 'watchdog', firstMs: watchdogIntervalMs, pauses: sleeps(world, watchdogIntervalMs) }, () => {
      if (isOrphan(world, config.profile)) stopSelf(world, 'watchdog');
      return { idle: true, dueMs: forever };
    });
  });
}

function isOrphan(world: World, profile: string): boolean {
  const mains = during('watchdog', () => unitsOf(world, profile)).flatMap(({ mainPid }) => mainPid ?? []);
  return !mains.includes(world.process) && mains.some((main) => world.poll(main) === undefined);
}
