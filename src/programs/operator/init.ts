// `hermes kanban init`: what makes the board before a run, and what a person starts after having taken it away. As a
// command does, it says what went wrong and exits with 1.
import type { World, Json } from '../../../harness/lane/world.ts';
import { endBoard, withBoard } from '../board/board.ts';
import { BoardError } from '../../board-file/board-error.ts';
import type { BoardSettings } from '../board/settings.ts';

/** Program: an empty board, all connections closed. */
export function init(world: World, args: Json): void {
  const settings = args as unknown as BoardSettings;
  try {
    withBoard(world, settings, () => undefined);
  } catch (error) {
    if (!(error instanceof BoardError)) throw error;
    const { code, statement } = error;
    world.observe('cli', { by: world.process, verb: 'init', ok: false, code, statement });
    world.exit(1);
  }
  endBoard(world, settings);
}
