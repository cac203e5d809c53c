// The notifier thread of a gateway: every 5 s it connects, claims the events that its chats have not heard of, and
// delivers them. What stays out: the SQL (board/subscriptions.ts).
import type { Json, World } from '../../harness/lane/world.ts';
import { withBoard } from '../board/connect.ts';
import { claimNotices, unsubscribe } from '../board/subscriptions.ts';
import { type GatewaySettings, initialSleepMs, notifyIntervalMs } from './settings.ts';
import { tick } from './tick.ts';

/** Program of the thread. */
export function notifier(world: World, args: Json): void {
  const settings = args as unknown as GatewaySettings;
  world.sleep(initialSleepMs);
  while (!world.stopping()) {
    tick(world, 'notifier', () => notify(world, settings));
    world.sleep(notifyIntervalMs);
  }
}

function notify(world: World, { board, profile, sendMs }: GatewaySettings): void {
  const notices = withBoard(world, board, (connection) => claimNotices(world, connection, profile));
  for (const { task, kind } of notices) {
    world.sleep(sendMs);
    world.observe('notified', { task, kind });
    if (kind === 'completed') withBoard(world, board, (connection) => unsubscribe(world, connection, task));
  }
}
