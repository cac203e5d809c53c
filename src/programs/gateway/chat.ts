// A helper thread of a gateway: creates the task that a chat message asks for and subscribes the chat to it. It is the
// one place that may leave its connection open, as `with connect() as conn` does in Python: that commits, it does not
// close.
import type { World, Json } from '../../../harness/lane/world.ts';
import { type Board, openBoard } from '../board/board.ts';
import { asLane } from './lanes.ts';
import { forever } from '../process/quiet.ts';
import { type ChatMessage, type GatewayConfig, gatewayConfig } from './settings.ts';
import { skippedTick, tick } from './watch.ts';

/**
 * What the gateway's main thread hands to a helper.
 *
 * @property opens false where this gateway keeps away from the board
 */
export interface ChatJob {
  readonly settings: GatewayConfig;
  readonly message: ChatMessage;
  readonly opens: boolean;
}

const previousTask = 'previous-task';
/** Each gateway of the reports serves one. */
const chatName = 'chat-1';

/** Program of the thread. */
export function chat(world: World, args: Json): void {
  const { settings, message, opens } = args as unknown as ChatJob;
  const config = gatewayConfig(settings as unknown as Json);
  asLane(world, config, () => {
    tick(world, 'chat', () => {
      if (!opens) return skippedTick('kanban-disabled');
      const board = openBoard(world, config.board);
      try {
        answer(world, board, config, message);
      } finally {
        if (message.leaks) board.forget();
        else board.close();
      }
      return { idle: false, dueMs: forever };
    });
  });
}

function answer(world: World, board: Board, { profile }: GatewayConfig, message: ChatMessage): void {
  const previous = world.shared.get(previousTask);
  const parent = message.afterPrevious && typeof previous === 'string' ? { parent: previous } : {};
  const task = board.do('create_task', { order: message.order, ...parent });
  world.shared.set(previousTask, task);
  board.do('add_notify_sub', { task, chat: chatName, profile });
}
