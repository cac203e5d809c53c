// A registry beside the board says that there has been one. Where its file is gone, or has no tables, init and every verb
// refuse with what is there to restore; a process tells it once, and skips the board until a file is there again.
import { BoardError, boardCode } from '../../board-file/board-error.ts';
import { unlessOsError } from '../../board-file/os-error.ts';
import type { BoardUse } from '../corruption/corruption.ts';
import type { Recreation } from './recreation.ts';

export function registryFile(file: string): string {
  return `${file}.registry`;
}

function toldKey(file: string): string {
  return `told-gone:${file}`;
}

function isKnown({ world, file }: BoardUse): boolean {
  return unlessOsError(() => world.files.exists(registryFile(file))) ?? true;
}

/** The size of nothing is nothing. */
export function isMissing({ world, file }: BoardUse): boolean {
  return (unlessOsError(() => world.files.stat(file))?.size ?? 0) === 0;
}

/** Files beside the board that may hold it: copies, backups, what was moved aside. */
function restorable({ world, file }: BoardUse): readonly string[] {
  const slash = file.lastIndexOf('/');
  const beside = unlessOsError(() => world.files.list(slash < 0 ? undefined : file.slice(0, slash))) ?? [];
  const prefix = `${file.slice(slash + 1)}.`;
  return beside.filter((name) => name.startsWith(prefix) && !/\.(registry|lock)$|-(wal|shm|journal)$/.test(name));
}

/** Tells what is there to restore, once. @throws BoardError `KANBAN_DB_GONE` */
export function refuse(use: BoardUse): never {
  const { world, file } = use;
  world.shared.set(toldKey(file), true);
  const there = restorable(use);
  const message =
    `There was a board at ${file}, and it is gone; ` +
    `${there.length === 0 ? 'nothing beside it could be restored' : `to restore there is ${there.join(', ')}`}. ` +
    'Put one back under its name, or begin anew with kanban init --new';
  world.observe('board-gone', { by: world.process, board: file, restorable: there, message });
  throw new BoardError(boardCode.gone, 'init_db', message);
}

export const registry: Recreation = {
  says: 'no new board where the registry says that one has been, but by kanban init --new',
  admit(use) {
    const { world, file } = use;
    if (world.shared.get(toldKey(file)) !== true) return;
    if (isMissing(use)) throw new BoardError(boardCode.disabled, 'registry', `The board ${file} is gone`);
    world.shared.set(toldKey(file), false);
  },
  opening(use) {
    const known = isKnown(use);
    if (known && isMissing(use)) refuse(use);
    return known;
  },
  creating(use) {
    if (isKnown(use)) refuse(use);
  },
  known(use) {
    if (isKnown(use)) return;
    unlessOsError(() => use.world.files.write(registryFile(use.file), 'a board has been made here\n'));
  },
  forget({ world, file }) {
    unlessOsError(() => world.files.unlink(registryFile(file)));
    world.shared.set(toldKey(file), false);
  },
};
