// What keeps a board: looks whether it is what the folder beside it says, takes it in where the folder is empty, brings it
// forward. All of it under the recovery lock, but for the first look. What stays out: the comparison of all rows (audit.ts), and
// transactions (policies/recovery/journal.ts).
import { type Connection, SqlError, type World } from '../../../harness/lane/world.ts';
import { BoardError, boardCode } from '../board-error.ts';
import { saysDamaged, unlessMissing, unlessOsError } from '../os-error.ts';
import { type BoardState, makeState, readState, writeState } from './board-state.ts';
import { timestamp } from '../backups.ts';
import { afterGapFile, type Listing, listing, nextFile, putAway, recoveryFolder, snapshotName } from './folder.ts';
import { folderOf, syncFile, syncFolder } from '../syncs.ts';
import { beginSegment, cutSegment, readSegment, segmentSize } from './operations-journal.ts';
import { putInPlace } from './put-in-place.ts';
import { clearNext, integrityOf, makeTruth, openPrivate, pathOfMain, type Truth } from './truth.ts';

/** Snapshots that stay; of the journal as much as the oldest of them needs. */
export const snapshotsKept = 2;

/** unknown: nothing is known of a board here. */
export type Standing = 'as-left' | 'unknown' | 'another';
/** What the path names now: how it stands, and how far it is. */
export type Look = (
  world: World,
  file: string,
  connection: Connection,
) => { readonly standing: Standing; readonly state: BoardState | undefined };

/** Without a journal: a board may be ahead of the newest snapshot, never behind it. */
export const lookWithoutJournal: Look = (world, file, connection) => {
  const { snapshots, pending } = listing(world, file);
  const newest = snapshots.at(-1);
  if (newest === undefined) return { standing: 'unknown', state: undefined };
  const state = readState(connection);
  const isAsLeft = !pending && state?.generation === newest.generation && state.sequence >= newest.sequence;
  return { standing: isAsLeft ? 'as-left' : 'another', state };
};

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
  const { end, length, size } = readSegment(world, file, base);
  if (size > length) cutSegment(world, file, base, length);
  return { sequence: end, length };
}

function newGeneration(world: World): string {
  return Math.floor(world.random() * 2 ** 32)
    .toString(16)
    .padStart(8, '0');
}

/**
 * Takes a board in of which nothing is known yet: its first snapshot, and an empty journal if there is to be one. Where only the
 * snapshots are gone, the board goes on as what it says that it is.
 *
 * @returns false in that case: the journal may know more
 */
export function takeIn(world: World, file: string, connection: Connection, journals: boolean): boolean {
  const found = listing(world, file);
  if (found.segments.length > 0) {
    const kept = readState(connection);
    if (kept !== undefined) {
      saveAnew(world, file, connection, kept, found);
      return false;
    }
    putAway(world, file, timestamp(world.now()));
  }
  unlessOsError(() => world.files.mkdir(recoveryFolder(file)));
  syncFolder(world, folderOf(file));
  const generation = newGeneration(world);
  const length = journals ? beginSegment(world, file, generation, 0) : 0;
  makeState(connection, { generation, sequence: 0, base: 0, length });
  snapshotFrom(world, file, connection, { generation, sequence: 0 });
  return true;
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

/** What the path names, looked at on a connection of its own; undefined where it is gone or no sound database. @throws where it cannot be read just now */
function lookAnew<T>(world: World, file: string, body: (connection: Connection) => T): T | undefined {
  try {
    const connection = world.open(file, { mustExist: true });
    try {
      return body(connection);
    } finally {
      connection.close();
    }
  } catch (error) {
    if (saysDamaged(error) || (error instanceof SqlError && world.files.stat(file) === undefined)) return undefined;
    throw error;
  }
}

/**
 * Makes the board what it should be, unless it is by now: then only the connection was old. A board that is further than what lies
 * beside it stays: that has lost something since, and only the board has it.
 *
 * @throws as {@link bringForward}
 */
export function bringUp(world: World, file: string, why: string, look: Look): void {
  const seen = lookAnew(world, file, (connection) => look(world, file, connection));
  // A board of which nothing is known any more is taken in by the next connect.
  if (seen === undefined || seen.standing === 'another') bringForward(world, file, why, seen?.state);
}

/**
 * Makes the board what it should be.
 *
 * @param why a word for the history
 * @param state of the board that is there; undefined where it is not to be kept, whatever it is
 * @throws BoardError `KANBAN_DB_GONE` when nothing is left to make it of
 */
export function bringForward(world: World, file: string, why: string, state?: BoardState): void {
  const found = listing(world, file);
  let truth = makeTruth(world, file, found);
  if (state !== undefined && !found.pending && isAhead(state, truth)) {
    if (lookAnew(world, file, (connection) => isSavedAnew(world, file, connection, state, found)) === true) return;
    truth = makeTruth(world, file, found); // its file was in the way of the snapshot
  }
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

/** Each line is on the disk before its COMMIT: a board ahead of the journal has what that lost, or a COMMIT that failed and was told so. */
function isAhead({ generation, sequence, length }: BoardState, truth: Truth | undefined): boolean {
  if (truth === undefined) return true;
  const isTakenBack = sequence === truth.sequence + 1 && truth.takenBack === length;
  return generation === truth.generation && sequence > truth.sequence && !isTakenBack;
}

export function settle(world: World, file: string, why: string, truth: Truth): void {
  const { generation, sequence, unlike, lost, unnamed, lacksSegment } = truth;
  const tell = (aside: string | undefined): void => {
    const told = { by: world.process, board: file, why, sequence, unlike, aside: aside ?? null, lost };
    world.observe('board-recovered', unnamed === 0 ? told : { ...told, unnamed });
  };
  if (lacksSegment) goOnFrom(world, file, generation, sequence);
  if (lost.length === 0 && unnamed === 0) {
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

/** What `next.db` is goes on in a segment of its own. */
function goOnFrom(world: World, file: string, generation: string, sequence: number): void {
  const length = beginSegment(world, file, generation, sequence);
  const made = openPrivate(world, nextFile(file));
  try {
    writeState(made, { sequence, base: sequence, length });
  } finally {
    made.close();
  }
  syncFile(world, nextFile(file));
}

/** What the journal has lost only the board has: where it is sound, it is the next snapshot. @throws where that could not be made just now */
export function isSavedAnew(
  world: World,
  file: string,
  connection: Connection,
  state: BoardState,
  found: Listing,
): boolean {
  try {
    saveAnew(world, file, connection, state, found);
    return true;
  } catch (error) {
    const isUnsound = error instanceof BoardError ? error.code === boardCode.corrupt : saysDamaged(error);
    if (!isUnsound) throw error;
    return false;
  }
}

/** A snapshot of the board as it is; where no segment goes as far, one that begins there. */
function saveAnew(world: World, file: string, connection: Connection, state: BoardState, { segments }: Listing): void {
  snapshotFrom(world, file, connection, state);
  const base = segments.at(-1);
  const end = base === undefined ? -1 : (unlessMissing(() => readSegment(world, file, base).end) ?? -1);
  if (end < state.sequence) beginSegment(world, file, state.generation, state.sequence);
}
