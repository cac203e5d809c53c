// What steps touch, as far as another lane could tell: the ground on which two stretches of steps are called independent.
// Two footprints are independent when neither is opaque and nothing that one of them changes is in the other. When in
// doubt a step is opaque: dependent on everything. What stays out: which steps make up a stretch (search/exhaustive/course.ts), and
// what follows from independence (search/exhaustive/causes.ts, run/choosers/).
import { op } from '../model/operations.ts';
import { type RawRecord, recordFlag, decode } from '../model/record.ts';
import type { OpenFile } from './file-table.ts';
import type { LockTable } from './lock-table.ts';

/** Levels of xLock (sqlite3.h). */
export const lockLevel = { none: 0, shared: 1, reserved: 2 } as const;

/** Things by name, and whether they are changed. */
export class Footprint {
  readonly #things = new Map<string, boolean>();
  #opaque = false;

  reads(thing: string): void {
    if (!this.#things.has(thing)) this.#things.set(thing, false);
  }

  changes(thing: string): void {
    this.#things.set(thing, true);
  }

  isOpaque(): void {
    this.#opaque = true;
  }

  /** By name, with whether they are changed; those of an opaque stretch are not all. */
  get things(): ReadonlyMap<string, boolean> {
    return this.#things;
  }

  get opaque(): boolean {
    return this.#opaque;
  }

  merge(other: Footprint): void {
    this.#opaque ||= other.#opaque;
    for (const [thing, changed] of other.#things) {
      if (changed) this.changes(thing);
      else this.reads(thing);
    }
  }

  isIndependentOf(other: Footprint): boolean {
    if (this.#opaque || other.#opaque) return false;
    for (const [thing, changed] of this.#things) {
      const theirs = other.#things.get(thing);
      if (theirs !== undefined && (changed || theirs)) return false;
    }
    return true;
  }
}

/** How many locks a wal-index has (sqlite3.h). */
export const shmSlots = 8;
/** Result code of a control that a VFS does not know (sqlite3.h). */
const notFound = 12;

/** These do nothing that anybody else could see; a sleep is over when its step is taken. */
const harmless: ReadonlySet<number> = new Set([
  op.start,
  op.sleep,
  op.busySleep,
  op.time,
  op.randomness,
  op.disconnect,
  op.shmBarrier,
  op.mark,
]);

const readsFile: ReadonlySet<number> = new Set([op.read, op.fileSize, op.access, op.exists, op.fileRead]);

/** An open may create its file. */
const changesFile: ReadonlySet<number> = new Set([
  op.write,
  op.truncate,
  op.sync,
  op.open,
  op.delete,
  op.fileWrite,
  op.unlink,
]);

/**
 * After one of these no two steps of the run are called independent: `rename`, `link` and `symlink` give a file a second name, `fetch`
 * leads to reads that are no steps, `stat` (of every kind) and `list` tell of the order of earlier steps on other files (numbers of
 * inodes, times of change), `fdScan` of who has a file open, `fdLock` locks what no other step names, `exec` closes files without steps,
 * and `fault`, `raw` and `quiet` are the coordinator's own.
 */
export const blinding: ReadonlySet<number> = new Set([
  op.rename,
  op.link,
  op.symlink,
  op.fetch,
  op.stat,
  op.lstat,
  op.fdStat,
  op.fdScan,
  op.fdLock,
  op.list,
  op.fault,
  op.raw,
  op.quiet,
  op.statement,
  op.exec,
]);

function addSlots(into: Footprint, name: string, record: Readonly<RawRecord>): void {
  const { slot: first, count, mode } = decode.shmLock(record);
  for (let slot = first; slot < first + count; slot++) {
    if (mode === 'shared') into.reads(`slot:${name}:${slot}`);
    else into.changes(`slot:${name}:${slot}`);
  }
}

function unmaps(into: Footprint, name: string): void {
  into.changes(`file:${name}-shm`);
  for (let slot = 0; slot < shmSlots; slot++) into.changes(`slot:${name}:${slot}`);
}

/** Did a lane end with nothing left open? What is left open is dropped without a step. */
function endsCleanly(text: string): boolean {
  return (JSON.parse(text) as { readonly open?: number }).open === 0;
}

/**
 * Adds what a step touches.
 *
 * @param name of its file
 * @param heldBefore highest level of the file lock that the step's handle may have held before it
 */
export function addStep(into: Footprint, record: Readonly<RawRecord>, name: string, heldBefore: number): void {
  const { op: operation, rc } = record;
  if ((record.flags & recordFlag.injected) !== 0) into.isOpaque();
  else if (harmless.has(operation)) return;
  else if (readsFile.has(operation)) into.reads(`file:${name}`);
  else if (changesFile.has(operation)) into.changes(`file:${name}`);
  else if (operation === op.lock || operation === op.unlock) {
    if (Math.max(operation === op.lock ? decode.lock(record).level : lockLevel.none, heldBefore) <= lockLevel.shared)
      into.reads(`lock:${name}`);
    else into.changes(`lock:${name}`);
  } else if (operation === op.checkReserved) into.reads(`lock:${name}`);
  else if (operation === op.shmLock) addSlots(into, name, record);
  else if (operation === op.shmMap) into.changes(`file:${name}-shm`);
  else if (operation === op.shmUnmap) unmaps(into, name);
  else if (operation === op.observe) into.changes('observations');
  else if (operation === op.close) {
    into.changes(`file:${name}`);
    into.changes(`lock:${name}`);
  } else if (operation === op.fileControl) {
    if (rc !== notFound) into.changes(`file:${name}`);
  } else if (operation === op.flock || operation === op.funlock) {
    into.changes(`file:${name}`);
    into.changes(`flock:${name}`);
  } else if (operation !== op.end || !endsCleanly(record.text)) into.isOpaque();
}

/**
 * Adds what a lane may do to the wal-index between a step and its next one: memory, which no step shows. It goes by
 * SQLite's own discipline (wal.c; walformat.html, "WAL Locks"): the wal-index is written only by who holds an exclusive
 * lock in it, or the whole file; it is read by who holds a shared one; and without any only at the start of a read
 * transaction (walIndexTryHdr), whose next step is a barrier.
 *
 * @param handle of the lane, as it is after the step
 * @param level of its file lock, the highest that it may have
 * @param beforeShm the lane's next step is one on a wal-index, or is not known
 */
export function addWalIndex(
  into: Footprint,
  file: OpenFile,
  held: ReturnType<LockTable['onIndex']>,
  level: number,
  beforeShm: boolean,
): void {
  if (file.shm === undefined) return;
  if (held === 'exclusive' || level >= lockLevel.reserved) into.changes(`index:${file.name}`);
  else if (held === 'shared' || beforeShm) into.reads(`index:${file.name}`);
}
