// Acknowledged rows that are missing at the end, and where their bytes went. What stays out: whether that violates
// anything (judge/), and the sentences (tell-rows.ts).
import type { History, Observation } from '../model/history.ts';
import { isPresent, type KeysOfRows, keysToBeThere, rowsReadable } from '../judge/invariants/rows-present.ts';
import type { FileLost, Inode, Overwritten } from '../observe/file-table.ts';
import type { RunEvents } from './events.ts';
import type { Generation, PageWrite, WalReset } from './wals.ts';

/** Where the pages of a transaction are: a reason why nobody finds them, or `kept`, in a file that is still there. */
export type Place =
  | { readonly kind: 'lost-wal' | 'lost-database'; readonly event: FileLost }
  | { readonly kind: 'overwritten'; readonly event: Overwritten }
  | { readonly kind: 'skipped'; readonly event: WalReset }
  | { readonly kind: 'headless'; readonly event: Generation }
  | { readonly kind: 'kept'; readonly event: Inode }
  | { readonly kind: 'unknown'; readonly event: undefined };

/** A transaction that was acknowledged, with the rows of it that are gone. */
export interface LostRows extends KeysOfRows {
  readonly lane: string;
  /** Of the acknowledgement. */
  readonly step: number;
  /** Of its first page and its last, in -wal or database; undefined when the lane wrote none itself. */
  readonly written: { readonly first: number; readonly last: number } | undefined;
  readonly place: Place;
}

export function lostRowsOf({ observations, autopsy }: History, run: RunEvents): readonly LostRows[] {
  const present = rowsReadable(autopsy);
  const expected = keysToBeThere(observations);
  return observations.flatMap((committed, place) => {
    if (committed.kind !== 'committed') return [];
    const { table } = committed.data as unknown as KeysOfRows;
    const keys = expected.get(place) ?? [];
    const rows = present.get(table);
    const gone = rows === undefined ? keys : keys.filter((key) => !isPresent(rows, key));
    if (gone.length === 0) return [];
    const { lane, step } = committed;
    const writes = run.wals.writesOf(lane, beginOf(observations, place), step);
    const [first] = writes;
    const last = writes.at(-1);
    const written = first === undefined || last === undefined ? undefined : { first: first.step, last: last.step };
    return [{ table, keys: gone, lane, step, written, place: placeOf(writes, run) }];
  });
}

/** The step at which the transaction said what it was about to commit; else that of the lane's commit before. */
function beginOf(observations: readonly Observation[], place: number): number {
  const { lane } = observations[place] ?? { lane: '' };
  for (let i = place - 1; i >= 0; i--) {
    const one = observations[i];
    if (one?.lane === lane && (one.kind === 'committing' || one.kind === 'committed')) return one.step;
  }
  return -1;
}

function placeOf(writes: readonly PageWrite[], run: RunEvents): Place {
  const last = writes.at(-1);
  if (last === undefined) return { kind: 'unknown', event: undefined };
  const { generation, inode } = last;
  if (generation === undefined) return inDatabase(inode, last.step, run);
  if (generation.headless) return { kind: 'headless', event: generation };
  const frames = writes.flatMap((one) => (one.generation === generation && one.frame !== undefined ? [one.frame] : []));
  const reset = resetOf(generation, run);
  if (reset !== undefined && frames.some((frame) => isSkipped(reset, generation.frames.indexOf(frame))))
    return { kind: 'skipped', event: reset };
  // A checkpoint copies the newest frame of each page: once it has copied this far, what is left here is older.
  const copied = generation.frames.findLastIndex((frame) => frame.copied !== undefined);
  const reached = Math.min(...frames.map((frame) => generation.frames.indexOf(frame))) <= copied;
  if (!reached && inode.lost !== undefined) return { kind: 'lost-wal', event: inode.lost };
  if (!reached) return { kind: 'kept', event: inode };
  return inDatabase(generation.frames[copied]?.copied?.into ?? inode, last.step, run);
}

function inDatabase(inode: Inode, step: number, { events }: RunEvents): Place {
  const over = events.find((event) => event.kind === 'overwritten' && event.inode === inode && event.step > step);
  if (over?.kind === 'overwritten') return { kind: 'overwritten', event: over };
  if (inode.lost !== undefined) return { kind: 'lost-database', event: inode.lost };
  return { kind: 'kept', event: inode };
}

function resetOf(generation: Generation, { events }: RunEvents): WalReset | undefined {
  const found = events.find((event) => event.kind === 'wal-reset' && event.fresh === generation);
  return found?.kind === 'wal-reset' ? found : undefined;
}

/**
 * Frames of the new generation that count as copied, since the checkpoint of the old one has set nBackfill to as many
 * (wal.html, "The WAL-reset bug").
 */
function isSkipped({ checkpoint, fresh }: WalReset, index: number): boolean {
  return index >= 0 && index < checkpoint.frames && fresh.frames[index]?.copied === undefined;
}

/** How many frames of the new generation nobody has copied, of those that the old checkpoint made count as copied. */
export function skippedIn(reset: WalReset): number {
  return reset.fresh.frames.filter((_, index) => isSkipped(reset, index)).length;
}
