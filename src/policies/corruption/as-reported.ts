// As reported: the class KanbanDbCorruptError is a RuntimeError, which the gateway's check does not know. So each refusal
// makes a backup, nothing is disabled, and the next tick tries again. Only "malformed" and "not a database" from SQLite
// itself disable a board, for the dispatcher alone, until the file changes (#28439, `_tick_once_for_board`).
import { BoardError, boardCode, saysCorrupt, saysDamaged } from '../../board-file/board-error.ts';
import { backUpAnew } from '../../board-file/backups.ts';
import { fingerprint } from '../../board-file/fingerprint.ts';
import type { Corruption } from './corruption.ts';

function disabledKey(file: string): string {
  return `disabled_corrupt_boards:${file}`;
}

export const asReported: Corruption = {
  says: 'KanbanDbCorruptError is not recognised: a backup at each attempt, and no end of attempts, as reported',
  recreates: true,
  dropsKept: false,
  admit({ world, file, dispatches }) {
    if (!dispatches) return undefined;
    const now = fingerprint(world, file);
    if (world.shared.get(disabledKey(file)) !== now) return now;
    throw new BoardError(boardCode.disabled, '_tick_once_for_board', `Dispatch is disabled for the board ${file}`);
  },
  creating: () => undefined,
  refusing(use) {
    let name: string | undefined;
    use.raw(() => {
      name = backUpAnew(use.world, use.file);
    });
    return name;
  },
  met({ world, file, dispatches }, error, admitted) {
    if (!saysCorrupt(error)) return;
    world.observe('corrupt-error', { by: world.process, board: file, code: error.code, message: error.message });
    if (dispatches && admitted !== undefined && saysDamaged(error)) world.shared.set(disabledKey(file), admitted);
  },
  mend: () => false,
  closed: () => undefined,
};
