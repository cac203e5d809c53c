// The dispatcher's comparison: a board that looks right, row by row, with what it should be; then what it should be is the next
// snapshot. What stays out: looks at the board's own row, and what is done where they find a difference (keeper.ts).
import type { Connection, World } from '../../../harness/lane/world.ts';
import { fingerprint } from '../fingerprint.ts';
import { type BoardState, readState } from './board-state.ts';
import { type Listing, listing, nextFile, recoveryFolder, segmentName, snapshotName } from './folder.ts';
import { bringForward, isSavedAnew, settle, snapshotsKept } from './keeper.ts';
import { beginSegment } from './operations-journal.ts';
import { clearNext, isLikeNext, makeTruth, type Truth } from './truth.ts';

/** Bytes of a segment after which a commit rolls the snapshot on by itself, where no dispatcher ticks. */
const segmentBytesMost = 256 * 1024;

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
  if (truth === undefined || truth.lost.length > 0 || truth.sequence < state.sequence) {
    if (!isSavedAnew(world, file, connection, state, found)) {
      if (truth === undefined) return true;
      bringForward(world, file, 'audit');
      return false;
    }
  } else {
    const sound = isLikeNext(connection, file) ? found : withoutOdd(world, file, connection, found, truth);
    if (sound === undefined) {
      if (found.snapshots[0]?.name === truth.snapshot) settle(world, file, 'audit', truth);
      else bringForward(world, file, 'audit');
      return false;
    }
    rollOn(world, file, sound, truth.sequence);
  }
  world.shared.set(auditedKey(file), { mark: auditMark(world, file, state.sequence), atMs: world.now() });
  return true;
}

/**
 * Two against one: where an older snapshot and the journal make just what the board is, the newer snapshot is damaged, in a row where no
 * check of SQLite's finds it. It goes, and `next.db` is made of the older one.
 *
 * @returns what is left; undefined where nothing speaks for the board
 */
function withoutOdd(
  world: World,
  file: string,
  connection: Connection,
  found: Listing,
  { snapshot, sequence }: Truth,
): Listing | undefined {
  const older = found.snapshots.slice(
    0,
    found.snapshots.findIndex(({ name }) => name === snapshot),
  );
  if (older.length === 0) return undefined;
  const left = { ...found, snapshots: older };
  const truth = makeTruth(world, file, left);
  const isWhole = truth?.sequence === sequence && truth.lost.length + truth.unnamed === 0;
  if (!isWhole || !isLikeNext(connection, file)) return undefined;
  world.files.unlink(`${recoveryFolder(file)}/${snapshot}`);
  return left;
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
