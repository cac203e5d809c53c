// Quarantine: any error that says the board is damaged disables it in this process until the file changes; one backup a
// state of the file, whichever process makes it; one error a process; no new board where a backup says that one was.
import type { World } from '../../../harness/lane/world.ts';
import { BoardError, boardCode, saysCorrupt } from '../../board-file/board-error.ts';
import { backupPrefix, backupsOf, backUpOnce } from '../../board-file/backups.ts';
import { fingerprint, missingFile } from '../../board-file/fingerprint.ts';
import { whileNoneOpen } from '../../board-file/open-count.ts';
import type { BoardUse, Corruption } from './corruption.ts';

function disabledKey(file: string): string {
  return `quarantined:${file}`;
}

function owedKey(file: string): string {
  return `backup-owed:${file}`;
}

function wasTold(world: World, file: string, state: string): boolean {
  const key = `told:${file}:${state}`;
  const before = world.shared.get(key) === true;
  world.shared.set(key, true);
  return before;
}

/** Is this error, met in this use, one that says the board is not what it should be? */
function isDamage({ world, file }: BoardUse, error: BoardError): boolean {
  return saysCorrupt(error) || (error.code.startsWith('SQLITE_CANTOPEN') && fingerprint(world, file) === missingFile);
}

/** Makes the backup that is owed, unless a connection is open here: then the last to close makes it. */
function payBackup({ world, file }: BoardUse): void {
  const owed = world.shared.get(owedKey(file));
  if (typeof owed !== 'string') return;
  whileNoneOpen(world, file, () => {
    world.shared.set(owedKey(file), null);
    backUpOnce(world, file, `${backupPrefix(file)}${owed}.bak`);
  });
}

export const quarantine: Corruption = {
  says: 'a damaged board is disabled until its file changes: one backup, one error, no new board beside a backup',
  recreates: false,
  dropsKept: true,
  admit({ world, file }) {
    const disabled = world.shared.get(disabledKey(file));
    if (typeof disabled !== 'string') return undefined;
    if (fingerprint(world, file) === disabled) {
      throw new BoardError(boardCode.disabled, 'quarantine', `The board ${file} is in quarantine`);
    }
    world.shared.set(disabledKey(file), null);
    return undefined;
  },
  creating({ world, file }) {
    const [backup] = backupsOf(world, file);
    if (backup === undefined) return;
    throw new BoardError(
      boardCode.gone,
      'init_db',
      `There was a board at ${file}, and it is gone; a backup is ${backup}. Restore it, or move the backups away to begin anew`,
    );
  },
  refusing: () => undefined,
  met(use, error) {
    const { world, file } = use;
    if (!isDamage(use, error)) return;
    world.mutex(disabledKey(file), () => {
      const state = fingerprint(world, file);
      world.shared.set(disabledKey(file), state);
      if (wasTold(world, file, state)) return;
      world.observe('corrupt-error', { by: world.process, board: file, code: error.code, message: error.message });
      world.observe('quarantined', { by: world.process, board: file, fingerprint: state });
      if (state !== missingFile) world.shared.set(owedKey(file), state);
    });
    payBackup(use);
  },
  mend: () => false,
  closed: payBackup,
};
