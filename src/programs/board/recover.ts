// `kanban recover`: what a dispatcher's comparison does in time, done now because a person asks for it. What stays out: how a board
// comes back (policies/recovery).
import type { World } from '../../../harness/lane/world.ts';
import { BoardError, boardCode } from '../../board-file/board-error.ts';
import { behaviourOf } from '../../policies/catalogue.ts';
import { withBoard } from './board.ts';
import type { BoardSettings } from './settings.ts';

/** Looks at the whole board, and brings back what is gone. @throws BoardError; `KANBAN_NO_RECOVERY` where nothing is kept beside it */
export function recover(world: World, settings: BoardSettings): void {
  const { file, policies } = settings;
  if (behaviourOf(policies, 'recovery').recoversMsMost === null) {
    const message = `Nothing is kept beside ${file} that could bring it back: restore a copy by hand`;
    throw new BoardError(boardCode.noRecovery, 'recover', message);
  }
  withBoard(world, settings, () => undefined, { dispatches: true });
}
