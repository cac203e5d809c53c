// What keeps a board: looks whether it is what the folder beside it says, takes it in where the folder is empty, brings it
// forward, rolls the snapshot on. All of it under the recovery lock, but for the first look. What stays out: transactions
// (policies/recovery/journal.ts).
import { type Connection, SqlError, type World } from '../../../harness/lane/world.ts';
import { BoardError, boardCode } from '../board-error.ts';
import { fingerprint } from '../fingerprint.ts';
import { unlessOsError } from '../os-error.ts';
import { type BoardState, makeState, readState } from './board-state.ts';
import { afterGapFile, type Listing, listing, nextFile, recoveryFolder, segmentName, snapshotName } from './folder.ts';
import { folderOf, syncFile, syncFolder } from '../syncs.ts';
import { beginSegment, cutSegment, readSegment, segmentSize } from './operations-journal.ts';
import { putInPlace } from './put-in-place.ts';
import { clearNext, integrityOf, isLikeNext, makeTruth, openPrivate, pathOfMain, type Truth } from './truth.ts';

/** Snapshots that stay; of the journal as much as the oldest of them needs. */
const snapshotsKept = 2;
/** Bytes of a segment after which a commit rolls the snapshot on by itself, where no dispatcher ticks. */
const segmentBytesMost = 256 * 1024;

/** unknown: nothing is known of a board here. */
export type Standing = 'as-left' | 'unknown' | 'another';
export type Look = (world: World, file: string, connection: Connection) => Standing;

/** Without a journal: a board may be ahead of the newest snapshot, never behind it. */
export function lookWithoutJournal(world: World, file: string, connection: Connection): Standing {
  const { snapshots, pending } = listing(world, file);
  const newest = snapshots.at(-1);
  if (newest === undefined) return 'unknown';
  const state = readState(connection);
  if (pending || state?.generation !== newest.generation) return 'another';
  return state.sequence >= newest.sequence ? 'as-left' : 'another';
}

/**
 * What a look has seen.
 *
 * @property base of the journal's newest segment, where there is one
 * @property size of that, bytes
 */
interface Seen {
  readonly standing: Standing;
  readonly state: BoardState | undefined;
  readonly found: Listing;
  readonly base: number | undefined;
  readonly size: number | undefined;
}

function lookFor(world: World, file: string, connection: Connection): Seen {
  const found = listing(world, file);
  const { snapshots, segments, pending } = found;
  const base = segments.at(-1);
  const newest = snapshots.at(-1);
  if (newest === undefined) return { standing: 'unknown', state: undefined, found, base, size: undefined };
  const state = readState(connection);
  const isKnown = !pending && state?.generation === newest.generation && base !== undefined;
  if (!isKnown) return { standing: 'another', state, found, base, size: undefined };
  const size = segmentSize(world, file, base);
  const isAsLeft = state.base === base && state.length === size;
  return { standing: isAsLeft ? 'as-left' : 'another', state, found, base, size };
}

/** By the board's own row and the length of the journal; without the lock a writer may be between the two. */
export function firstLook(world: World, file: string, connection: Connection): Standing {
  return lookFor(world, file, connection).standing;
}

/** Under the lock: reads the journal where the first look finds a difference, and takes a torn tail off it. */
export function lookThoroughly(world: World, file: string, connection: Connection): Seen {
  const seen = lookFor(world, file, connection);
  const { standing, state, found, base } = seen;
  if (standing !== 'another' || base === undefined) return seen;
  if (found.pending || state?.generation !== found.snapshots.at(-1)?.generation) return seen;
  const { sequence, length } = endOfSegment(world, file, base);
  return state?.sequence === sequence ? { ...seen, standing: 'as-left', size: length } : seen;
}

export function thoroughLook(world: World, file: string, connection: Connection): Standing {
  return lookThoroughly(world, file, connection).standing;
}

/**
 * Under the lock, inside a transaction.
 *
 * @returns where its line will be, and its number; undefined when the board is not as the last transaction left it
 */
export function placeOfNext(
  world: World,
  file: string,
  connection: Connection,
): { readonly base: number; readonly at: number; readonly sequence: number } | undefined {
  const { standing, state, base, size } = lookThoroughly(world, file, connection);
  if (standing !== 'as-left' || state === undefined || base === undefined || size === undefined) return undefined;
  return { base, at: size, sequence: state.sequence + 1 };
}

/** The last transaction of a segment, and where its line ends; what is torn behind that is cut off. */
function endOfSegment(
  world: World,
  file: string,
  base: number,
): { readonly sequence: number; readonly length: number } {
  const { entries, length, size } = readSegment(world, file, base);
  if (size > length) cutSegment(world, file, base, length);
  return { sequence: entries.at(-1)?.sequence ?? base, length };
}

function newGeneration(world: World): string {
  return Math.floor(world.random() * 2 ** 32)
    .toString(16)
    .padStart(8, '0');
}

/** Takes a board in of which nothing is known yet: its first snapshot, and an empty journal if there is to be one. */
export function takeIn(world: World, file: string, connection: Connection, journals: boolean): void {
  unlessOsError(() => world.files.mkdir(recoveryFolder(file)));
  syncFolder(world, folderOf(file));
  const generation = newGeneration(world);
  const length = journals ? beginSegment(world, file, generation, 0) : 0;
  makeState(connection, { generation, sequence: 0, base: 0, length });
  snapshotFrom(world, file, connection, { generation, sequence: 0 });
}

/** Without a journal: what has been committed since the newest snapshot goes into the next; the oldest go. */
export function snapshotAgain(world: World, file: string, connection: Connection): void {
  const state = readState(connection);
  const { snapshots } = listing(world, file);
  const newest = snapshots.at(-1);
  if (state === undefined || newest === undefined || state.sequence <= newest.sequence) return;
  snapshotFrom(world, file, connection, state);
  for (const { name } of snapshots.slice(0, 1 - snapshotsKept)) world.files.unlink(`${recoveryFolder(file)}/${name}`);
}

/** A snapshot of the board by SQLite itself, verified. @throws BoardError when it is not sound */
function snapshotFrom(
  world: World,
  file: string,
  connection: Connection,
  { generation, sequence }: Pick<BoardState, 'generation' | 'sequence'>,
): void {
  clearNext(world, file);
  connection.run('VACUUM INTO ?', `${pathOfMain(connection)}${nextFile(file).slice(file.length)}`);
  const made = openPrivate(world, nextFile(file));
  try {
    const said = integrityOf(made);
    if (said !== 'ok') throw new BoardError(boardCode.corrupt, 'snapshot', `integrity_check of a snapshot: '${said}'`);
  } finally {
    made.close();
  }
  syncFile(world, nextFile(file));
  world.files.rename(nextFile(file), `${recoveryFolder(file)}/${snapshotName(generation, sequence)}`);
  syncFolder(world, recoveryFolder(file));
}

/** Is it the connection that is old, and the file that the path names as it should be? Another one was here before. */
function isDoneAlready(world: World, file: string, look: Look): boolean {
  try {
    const connection = world.open(file, { mustExist: true });
    try {
      return look(world, file, connection) === 'as-left';
    } finally {
      connection.close();
    }
  } catch (error) {
    if (error instanceof SqlError) return false;
    throw error;
  }
}

/** Makes the board what it should be, unless it is by now. @throws as {@link bringForward} */
export function bringUp(world: World, file: string, why: string, look: Look): void {
  if (!isDoneAlready(world, file, look)) bringForward(world, file, why);
}

/**
 * Makes the board what it should be.
 *
 * @param why a word for the history
 * @throws BoardError `KANBAN_DB_GONE` when nothing is left to make it of
 */
export function bringForward(world: World, file: string, why: string): void {
  const truth = makeTruth(world, file, listing(world, file));
  if (truth === undefined) {
    throw new BoardError(
      boardCode.gone,
      'recover',
      `The board ${file} is not what it was left as (${why}), and no snapshot in ${recoveryFolder(file)} is sound. ` +
        'Restore a copy by hand, or begin anew with kanban init --new',
    );
  }
  settle(world, file, why, truth);
}

function settle(world: World, file: string, why: string, truth: Truth): void {
  const { generation, sequence, unlike, lost } = truth;
  const tell = (aside: string | undefined): void => {
    const told = { by: world.process, board: file, why, sequence, unlike, aside: aside ?? null, lost };
    world.observe('board-recovered', told);
  };
  if (lost.length === 0) {
    tell(putInPlace(world, file));
    return;
  }
  // Or the next recovery would meet the gap again, and what is committed from now on would come after it.
  world.files.copy(nextFile(file), afterGapFile(file));
  syncFile(world, afterGapFile(file));
  putInPlace(world, file, (aside) => {
    tell(aside);
    world.files.rename(afterGapFile(file), `${recoveryFolder(file)}/${snapshotName(generation, sequence)}`);
    syncFolder(world, recoveryFolder(file));
  });
}

/** A dispatcher that ticks more often than once a minute, or uses the board twice in a tick, compares no more often than this. */
const auditEveryMs = 30_000;

/** What the last audit of this process found right, and when. */
interface Audited {
  readonly mark: string;
  readonly atMs: number;
}

function auditedKey(file: string): string {
  return `audited:${file}`;
}

/** What an audit has found right stays right until the file changes; a WAL changes no file, so the sequence counts too. */
function auditMark(world: World, file: string, sequence: number | undefined): string {
  return `${fingerprint(world, file)} ${sequence}`;
}

function nextAuditKey(file: string): string {
  return `audit-from:${file}`;
}

/** When a dispatcher's use that found the last audit too near will be in time for the next, virtual ms since the Unix epoch. */
export function nextAuditMs(world: World, file: string): number {
  const put = world.shared.get(nextAuditKey(file));
  return typeof put === 'number' ? put : Infinity;
}

/** @param dispatches a dispatcher's tick: it is the one that comes regularly */
export function auditIsDue(world: World, file: string, connection: Connection, dispatches: boolean): boolean {
  const state = readState(connection);
  const isLong = (state?.length ?? 0) > segmentBytesMost;
  if (!dispatches && !isLong) return false;
  const { mark, atMs } = (world.shared.get(auditedKey(file)) ?? {}) as Partial<Audited>;
  const isAudited = mark === auditMark(world, file, state?.sequence);
  const fromMs = (atMs ?? -Infinity) + auditEveryMs;
  const isEarly = !isAudited && !isLong && world.now() < fromMs;
  if (isEarly || nextAuditMs(world, file) < Infinity) world.shared.set(nextAuditKey(file), isEarly ? fromMs : null);
  return !isAudited && !isEarly;
}

/**
 * Compares a board that looks right, row by row, with what it should be; then what it should be is the next snapshot. What no
 * look finds, such as a copy written over the file in the middle of a commit, is found here.
 *
 * @param state of the board, which looks right by it
 * @returns false when it was another, and has been brought forward
 */
export function audit(world: World, file: string, connection: Connection, state: BoardState): boolean {
  const found = listing(world, file);
  const truth = makeTruth(world, file, found);
  if (truth === undefined) return true;
  if (truth.lost.length > 0 || truth.sequence < state.sequence) {
    if (!isSavedAnew(world, file, connection, state)) {
      bringForward(world, file, 'audit');
      return false;
    }
  } else {
    if (!isLikeNext(connection, file)) {
      settle(world, file, 'audit', truth);
      return false;
    }
    rollOn(world, file, found, truth.sequence);
  }
  world.shared.set(auditedKey(file), { mark: auditMark(world, file, state.sequence), atMs: world.now() });
  return true;
}

/** What the journal has lost only the board has: where it is sound, it is the next snapshot. */
function isSavedAnew(world: World, file: string, connection: Connection, state: BoardState): boolean {
  try {
    snapshotFrom(world, file, connection, state);
    return true;
  } catch (error) {
    if (!(error instanceof SqlError) && !(error instanceof BoardError)) throw error;
    return false;
  }
}

/** `next.db` becomes the newest snapshot, with a segment of its own; what only older ones need goes. */
function rollOn(world: World, file: string, { snapshots, segments }: Listing, sequence: number): void {
  const newest = snapshots.at(-1);
  if (newest === undefined || newest.sequence >= sequence) {
    clearNext(world, file);
    return;
  }
  const { generation } = newest;
  const folder = recoveryFolder(file);
  world.files.rename(nextFile(file), `${folder}/${snapshotName(generation, sequence)}`);
  beginSegment(world, file, generation, sequence);
  const gone = snapshots.slice(0, snapshots.length + 1 - snapshotsKept);
  const oldest = snapshots[gone.length]?.sequence ?? sequence;
  for (const { name } of gone) world.files.unlink(`${folder}/${name}`);
  const needed = segments.findLastIndex((base) => base <= oldest);
  for (const base of segments.slice(0, Math.max(0, needed))) world.files.unlink(`${folder}/${segmentName(base)}`);
}
