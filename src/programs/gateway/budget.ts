// The budget watcher of a gateway that dispatches: every 60 s it reads what runs have cost. It only reads. What it saw
// running tells the dispatcher whether the clock can bring it work.
import type { World, Json } from '../../../harness/lane/world.ts';
import { sleeps } from '../../policies/notify/poll.ts';
import { withBoard } from '../board/board.ts';
import { asLane } from './lanes.ts';
import { forever } from '../process/quiet.ts';
import { budgetIntervalMs, gatewayConfig, initialSleepMs } from './settings.ts';
import { watch } from './watch.ts';

const runningKey = 'running-tasks';

/** How many tasks ran when the watcher last looked; undefined when it could not look. */
export function runningTasks(world: World): number | undefined {
  const running = world.shared.get(runningKey);
  return typeof running === 'number' ? running : undefined;
}

/** Program of the thread. */
export function budget(world: World, args: Json): void {
  const config = gatewayConfig(args);
  asLane(world, config, () => {
    watch(world, { lane: 'budget', firstMs: initialSleepMs, pauses: sleeps(world, budgetIntervalMs) }, () => {
      world.shared.set(runningKey, null);
      const { running } = withBoard(world, config.board, (board) => board.do('budget_usage', {}));
      world.shared.set(runningKey, running);
      return { idle: true, dueMs: forever };
    });
  });
}
