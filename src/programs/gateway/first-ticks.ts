// A dispatcher's first ticks after the machine has come up again, as far as they open the board: whatever the strategy does then to bring
// it back is done. What stays out: work (dispatcher.ts); it would make the rows other ones.
import type { Json, World } from '../../../harness/lane/world.ts';
import { BoardError } from '../../board-file/board-error.ts';
import { endBoard, withBoard } from '../board/board.ts';
import type { BoardSettings } from '../board/settings.ts';

interface FirstTicksArgs {
  readonly board: BoardSettings;
  readonly ticks: number;
  readonly everyMs: number;
}

/** Program of the process. */
export function firstTicks(world: World, args: Json): void {
  const { board, ticks, everyMs } = args as unknown as FirstTicksArgs;
  for (let tick = 0; tick < ticks; tick++) {
    if (tick > 0) world.sleep(everyMs);
    try {
      withBoard(world, board, (opened) => opened.do('ready_tasks', {}), { dispatches: true });
    } catch (error) {
      if (!(error instanceof BoardError)) throw error;
      const { code, statement } = error;
      world.observe('call-failed', { worker: world.process, call: 'ready_tasks', code, statement });
    }
  }
  endBoard(world, board);
}
