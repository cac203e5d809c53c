// `hermes kanban init`: what makes the board before a run.
import type { Json, World } from '../../harness/lane/world.ts';
import { endBoard, withBoard } from '../board/board.ts';
import type { BoardSettings } from '../board/settings.ts';

/** Program: an empty board, all connections closed. */
export function init(world: World, args: Json): void {
  const settings = args as unknown as BoardSettings;
  withBoard(world, settings, () => undefined);
  endBoard(world, settings);
}
