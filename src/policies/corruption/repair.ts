// Repair: who meets damage takes a lock and mends the board, the others wait for it and find it mended. Of what recovery keeps,
// or, where it keeps nothing, of the rows that can still be read. The damaged file stays beside the board under its fingerprint.
// A repair that is killed has changed nothing of the board, or has ended: the next one begins anew.
import { SqlError, type World } from '../../../harness/lane/world.ts';
import { backupPrefix } from '../../board-file/backups.ts';
import { type BoardError, saysDamaged, boardCode } from '../../board-file/board-error.ts';
import { takeFileLock } from '../../board-file/file-lock.ts';
import { fingerprint } from '../../board-file/fingerprint.ts';
import { unlessOsError } from '../../board-file/os-error.ts';
import { salvage } from '../../board-file/salvage.ts';
import type { BoardUse, Corruption, Means } from './corruption.ts';

const lockWaitsMs = 30_000;

function isDamage(error: BoardError): boolean {
  return saysDamaged(error) || error.code === boardCode.corrupt;
}

/** Has another one mended it while this one waited? */
function isSound({ world, file }: BoardUse): boolean {
  try {
    const connection = world.open(file, { mustExist: true });
    try {
      return connection.get('PRAGMA integrity_check')?.['integrity_check'] === 'ok';
    } finally {
      connection.close();
    }
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    if (/^SQLITE_(CORRUPT|NOTADB)/.test(error.code)) return false;
    throw error;
  }
}

/** A second name for the damaged file, without opening it. */
function keepAside(world: World, file: string): string {
  const name = `${backupPrefix(file)}${fingerprint(world, file)}.bak`;
  const isNew = unlessOsError(() => (world.files.link(file, name), true));
  if (isNew === true) world.observe('backup', { by: world.process, name, bytes: world.files.stat(name)?.size ?? 0 });
  return name;
}

/** Set in a process from when it has told of damage until the board is sound again: a repair that fails on its way is tried again in silence. */
function toldKey(file: string): string {
  return `damage-told:${file}`;
}

/** Under the lock. */
export function mendNow({ world, file }: BoardUse, error: BoardError, means: Means): void {
  if (world.shared.get(toldKey(file)) !== true)
    world.observe('corrupt-error', { by: world.process, board: file, code: error.code, message: error.message });
  world.shared.set(toldKey(file), true);
  const aside = keepAside(world, file);
  if (means.recover()) return;
  const { rows, unread } = salvage(world, file, (connection) => means.makeTables(connection));
  world.observe('board-repaired', { by: world.process, board: file, aside, rows, unread });
}

export const repair: Corruption = {
  says: 'one process mends a damaged board while the others wait; the damaged file is kept, once',
  waitsMsMost: lockWaitsMs,
  recreates: false,
  dropsKept: true,
  admit: () => undefined,
  creating: () => undefined,
  refusing: () => undefined,
  met: () => undefined,
  mend(use, error, means) {
    if (!isDamage(error)) return false;
    const { world, file } = use;
    const lock = takeFileLock(world, `${file}.repair.lock`, lockWaitsMs, 'repair');
    try {
      if (!isSound(use)) mendNow(use, error, means);
      world.shared.set(toldKey(file), false);
    } finally {
      lock?.release();
    }
    return true;
  },
  closed: () => undefined,
};
