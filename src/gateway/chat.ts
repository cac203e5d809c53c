// A helper thread of a gateway: creates the task that a chat message asks for and subscribes the chat to it. It is the
// one place that may leave its connection open, as `with connect() as conn` does in Python: that commits, it does not
// close.
import type { Connection, Json, World } from '../../harness/lane/world.ts';
import { connect, disconnect } from '../board/connect.ts';
import { subscribe } from '../board/subscriptions.ts';
import { createTask } from '../board/tasks.ts';
import type { ChatMessage, GatewaySettings } from './settings.ts';
import { tick } from './tick.ts';

/** What the gateway's main thread hands to a helper. */
export interface ChatJob {
  readonly settings: GatewaySettings;
  readonly message: ChatMessage;
}

const previousTask = 'previous-task';

/** Program of the thread. */
export function chat(world: World, args: Json): void {
  const { settings, message } = args as unknown as ChatJob;
  tick(world, 'chat', () => {
    const connection = connect(world, settings.board);
    try {
      answer(world, connection, settings, message);
    } finally {
      if (!message.leaks) disconnect(world, settings.board, connection);
    }
  });
}

function answer(world: World, connection: Connection, { profile }: GatewaySettings, message: ChatMessage): void {
  const previous = world.shared.get(previousTask);
  const parent = message.afterPrevious && typeof previous === 'string' ? previous : undefined;
  const task = createTask(world, connection, message.order, parent);
  world.shared.set(previousTask, task);
  subscribe(world, connection, task, profile);
}
