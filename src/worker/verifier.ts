// A verifier: a short-lived worker process that shows its task, reports life, comments, ends the task and exits. Each
// tool call opens a connection of its own. What stays out: the SQL (board/tasks.ts).
import type { Connection, Json, World } from '../../harness/lane/world.ts';
import { BoardError } from '../board/board-error.ts';
import { withBoard } from '../board/connect.ts';
import type { BoardSettings } from '../board/settings.ts';
import { addComment, endTask, heartbeat, showTask, type TaskOrder } from '../board/tasks.ts';

/**
 * What the dispatcher tells a worker (its HERMES_KANBAN_ environment).
 *
 * @property startMs interpreter, imports and the model's first answer
 */
interface WorkerArgs {
  readonly board: BoardSettings;
  readonly task: string;
  readonly run: number;
  readonly startMs: number;
}

/** Program of the process. */
export function verifier(world: World, args: Json): void {
  const { board, task, run, startMs } = args as unknown as WorkerArgs;
  const call = <T>(name: string, body: (connection: Connection) => T): T | undefined => {
    try {
      return withBoard(world, board, body);
    } catch (error) {
      if (!(error instanceof BoardError)) throw error;
      world.observe('call-failed', { worker: world.process, call: name, code: error.code, statement: error.statement });
      return undefined;
    }
  };
  world.sleep(startMs);
  const order: TaskOrder | undefined = call('kanban_show', (connection) => showTask(connection, task));
  if (order === undefined) return;
  for (let i = 0; i < order.heartbeats; i++) {
    call('heartbeat', (connection) => heartbeat(world, connection, task, run));
    world.sleep(order.thinkMs);
  }
  call('kanban_comment', (connection) => addComment(world, connection, task, run));
  const { verdict } = order;
  const ended = call(`kanban_${verdict}`, (connection) => endTask(world, connection, { task, run, verdict }));
  if (ended === true) world.observe('verified', { worker: world.process, task, verdict });
}
