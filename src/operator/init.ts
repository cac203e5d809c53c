// `hermes kanban init`: what makes the board before a run.
import type { Json, World } from '../../harness/lane/world.ts';
import { connect, disconnect } from '../board/connect.ts';
import type { BoardSettings } from '../board/settings.ts';

/** Program: an empty board, all connections closed. */
export function init(world: World, args: Json): void {
  const settings = args as unknown as BoardSettings;
  disconnect(world, settings, connect(world, settings));
}
