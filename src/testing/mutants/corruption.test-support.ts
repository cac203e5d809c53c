// Broken ways to put a damaged board into quarantine.
import { BoardError, boardCode, saysCorrupt } from '../../board-file/board-error.ts';
import { backupPrefix, backUpAnew, backUpOnce } from '../../board-file/backups.ts';
import { fingerprint } from '../../board-file/fingerprint.ts';
import { unlessOsError } from '../../board-file/os-error.ts';
import type { Corruption } from '../../policies/corruption/corruption.ts';
import { quarantine } from '../../policies/corruption/quarantine.ts';
import type { Mutant } from './mutant.test-support.ts';

/** Once a board has met damage it stays disabled. */
const neverLifted: Corruption = {
  ...quarantine,
  admit({ world, file }) {
    if (world.shared.get(`disabled:${file}`) !== true) return undefined;
    throw new BoardError(boardCode.disabled, 'quarantine', `The board ${file} is in quarantine`);
  },
  met(use, error, admitted) {
    if (saysCorrupt(error)) use.world.shared.set(`disabled:${use.file}`, true);
    quarantine.met(use, error, admitted);
  },
};

/** The damaged file is moved away, and then nothing says that there was one. */
const movedAside: Corruption = {
  ...quarantine,
  recreates: true,
  admit: () => undefined,
  creating: () => undefined,
  met({ world, file }, error) {
    if (!saysCorrupt(error)) return;
    unlessOsError(() => world.files.rename(file, `${backupPrefix(file)}${fingerprint(world, file)}.bak`));
  },
  closed: () => undefined,
};

export const corruptionMutants: readonly Mutant[] = [
  {
    fix: 'quarantine',
    name: 'goes-on',
    says: 'the board is called disabled, and every use goes on',
    broken: { corruption: { ...quarantine, admit: () => undefined } },
  },
  {
    fix: 'quarantine',
    name: 'copies-each-time',
    says: 'each process that meets the damage makes a copy of its own',
    broken: {
      corruption: {
        ...quarantine,
        met(use, error) {
          quarantine.met(use, error, undefined);
          if (saysCorrupt(error)) backUpAnew(use.world, use.file);
        },
      },
    },
  },
  {
    fix: 'quarantine',
    name: 'moves-aside',
    says: 'the damaged file is renamed, nothing is refused, and SQLite makes a new one',
    broken: { corruption: movedAside },
  },
  {
    fix: 'quarantine',
    name: 'makes-anew',
    says: 'a new board is made where a backup says that there was one',
    broken: { corruption: { ...quarantine, recreates: true, creating: () => undefined } },
  },
  {
    fix: 'quarantine',
    name: 'never-lifted',
    says: 'a board that was mended stays disabled until the restart',
    broken: { corruption: neverLifted },
  },
  {
    fix: 'quarantine',
    name: 'copies-beside',
    says: 'the copy is made at once, whoever in this process has the board open',
    broken: {
      corruption: {
        ...quarantine,
        met(use, error) {
          const { world, file } = use;
          const state = fingerprint(world, file);
          if (saysCorrupt(error)) backUpOnce(world, file, `${backupPrefix(file)}${state}.bak`);
          quarantine.met(use, error, undefined);
        },
      },
    },
  },
];
