// `hermes kanban init`: what makes the board before a run, and what a person starts after having taken it away. As a
// command does, it says what went wrong and exits with 1.
import type { World, Json } from '../../../harness/lane/world.ts';
import { endBoard, withBoard } from '../board/board.ts';
import { BoardError } from '../../board-file/board-error.ts';
import type { BoardSettings } from '../board/settings.ts';

/** @property bulkKiB so much is on it, of earlier work; by default nothing */
export interface InitSettings extends BoardSettings {
  readonly bulkKiB?: number;
}

/** Program: a board, all connections closed. */
export function init(world: World, args: Json): void {
  const { bulkKiB: kib = 0, ...settings } = args as unknown as InitSettings;
  try {
    withBoard(world, settings, (board) => {
      if (kib > 0) board.do('add_bulk', { kib });
    });
  } catch (error) {
    if (!(error instanceof BoardError)) throw error;
    const { code, statement } = error;
    world.observe('cli', { by: world.process, verb: 'init', ok: false, code, statement });
    world.exit(1);
  }
  endBoard(world, settings);
}
