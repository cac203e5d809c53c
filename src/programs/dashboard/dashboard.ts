// The dashboard's API server: a process of its own that reads all tasks every few seconds. It never writes. What stays
// out: what a person sees of it.
import type { World, Json } from '../../../harness/lane/world.ts';
import { endBoard, withBoard } from '../board/board.ts';
import { BoardError } from '../../board-file/board-error.ts';
import type { BoardSettings } from '../board/settings.ts';
import { forever, Promises, type TickFailure, type TickReport } from '../process/quiet.ts';

interface DashboardSettings {
  readonly board: BoardSettings;
  /** Default 3 s. */
  readonly everyMs?: number;
}

const everyMsDefault = 3000;

/** Program of the process. */
export function dashboard(world: World, args: Json): void {
  const { board, everyMs = everyMsDefault } = args as unknown as DashboardSettings;
  const promises = new Promises();
  while (!world.stopping()) {
    const beganMs = world.now();
    const report = poll(world, board);
    const quietUntilMs = promises.after({ tookMs: world.now() - beganMs, report });
    world.sleep(everyMs, quietUntilMs === undefined ? {} : { quietUntilMs });
  }
  endBoard(world, board);
}

function poll(world: World, settings: BoardSettings): TickReport | TickFailure {
  try {
    withBoard(world, settings, (board) => board.do('list_tasks', {}));
    return { idle: true, dueMs: forever };
  } catch (error) {
    if (!(error instanceof BoardError)) throw error;
    const { code, statement } = error;
    world.observe('call-failed', { worker: world.process, call: 'list_tasks', code, statement });
    return { code, statement, dueMs: forever };
  }
}
