// acts: turns of whole acts. An act is what a program does as one thing: a transaction, from the lock of its snapshot on, or a step of its own (on
// a file, a message, what it observes). SQLite keeps lanes apart within a transaction, so that programs mostly go wrong between two acts; and there
// are ten of them where there are hundreds of switch points, so that turns counted in acts meet there ten times as often. Lengths are heavy-tailed,
// as those of turns in switch points (preemptions.ts). The longest are 3, 7 or 15 acts: where nearly every act is in another lane's turn, none gets
// far while another stands still.
//
// Now and then a turn ends inside an act, where SQLite goes from one part of its work to another (PartRecorder). These places do not count as acts:
// a turn that passes them keeps its length. What goes wrong elsewhere in the middle of an act is for other choosers (`portfolio`).
import { op, role } from '../../model/operations.ts';
import { below, type Random } from '../../model/random.ts';
import { decode, type RawRecord, recordFlag, walSlot } from '../../model/record.ts';
import type { StepLane, StepSink } from '../../model/step.ts';
import { type Choice, type Chooser, type Decision, numberOfKind, type StepKind } from '../chooser.ts';
import { lockLevel } from '../../observe/footprint.ts';

/** Steps of a program's own. */
const ownSteps: ReadonlySet<number> = new Set([
  op.start,
  op.open,
  op.step,
  op.fileRead,
  op.fileWrite,
  op.stat,
  op.lstat,
  op.fdStat,
  op.rename,
  op.unlink,
  op.copy,
  op.link,
  op.symlink,
  op.list,
  op.exists,
  op.mkdir,
  op.rmdir,
  op.flock,
  op.funlock,
  op.fdOpen,
  op.fdClose,
  op.fdRead,
  op.fdWrite,
  op.fdTruncate,
  op.fdLock,
  op.observe,
  op.sleep,
  op.ask,
  op.tell,
]);

/** Where the gate stops a lane for a look whether an act begins, or a part of one. */
const lookedAt: readonly StepKind[] = [op.lock, op.shmLock, op.shmMap, op.shmUnmap, op.delete, ...ownSteps].flatMap(
  (operation) => Object.values(role).map((its) => ({ op: operation, role: its })),
);

/** A snapshot begins with a shared lock: of a reader's slot in the wal-index, else of the database. */
function beginsAct(record: Readonly<RawRecord>): boolean {
  if (record.op === op.lock) return decode.lock(record).level === lockLevel.shared;
  if (record.op !== op.shmLock) return ownSteps.has(record.op);
  const { slot, action, mode } = decode.shmLock(record);
  return action === 'lock' && mode === 'shared' && slot >= walSlot.read;
}

/** Is it an exclusive lock from one slot on? A recovery takes that of checkpoints with those behind it, and counts as one here. */
function takes(slot: number, record: Readonly<RawRecord>): boolean {
  if (record.op !== op.shmLock) return false;
  const asked = decode.shmLock(record);
  return asked.slot === slot && asked.action === 'lock' && asked.mode === 'exclusive';
}

/** Is it the lock for writing, in either mode? */
function beginsToWrite(record: Readonly<RawRecord>): boolean {
  return takes(walSlot.write, record) || (record.op === op.lock && decode.lock(record).level === lockLevel.reserved);
}

/** A connection gets at its wal-index, gives it back, or takes the -wal away: once in its life. */
function comesOrGoes(record: Readonly<RawRecord>): boolean {
  if (record.op === op.shmMap) return decode.shmMap(record).page === 0;
  return record.op === op.shmUnmap || (record.op === op.delete && record.role === role.wal);
}

/**
 * What a lane is at.
 *
 * @property pages reads from the database since its snapshot, beside those of the first page
 * @property frames reads from the -wal since its snapshot, of whatever page
 * @property checkpoint kinds of steps in the checkpoint that it is at
 */
interface Work {
  pages: number;
  frames: number;
  checkpoint: Set<number> | undefined;
}

/** Bytes of the smallest page (fileformat.html): what lies below is of the first one. */
const leastPage = 512;

/**
 * Where parts of acts begin: where a transaction that has read takes the lock for writing (in WAL mode a
 * commit in between makes it fail, in rollback mode two block each other; reads from a cache or by mmap are not seen); at the lock of a
 * checkpoint, and at the first step of each kind under it (what it knows of the WAL may be over by then); where a connection comes or goes.
 */
class PartRecorder {
  readonly #works = new Map<string, Work>();

  see(lane: string, record: Readonly<RawRecord>): void {
    const work = this.#of(lane);
    if (beginsAct(record)) work.pages = work.frames = 0;
    if (record.op === op.read && record.role === role.wal) work.frames++;
    if (record.op === op.read && record.role === role.db && decode.read(record).offset >= leastPage) work.pages++;
    if (takes(walSlot.checkpoint, record) && record.rc === 0) work.checkpoint = new Set();
    else if (record.op === op.shmLock && decode.shmLock(record).slot === walSlot.checkpoint)
      work.checkpoint = undefined;
    else work.checkpoint?.add(numberOfKind(record));
  }

  /** Does a part begin with the step before which a lane stands? */
  begins(lane: string, record: Readonly<RawRecord>): boolean {
    const { pages, frames, checkpoint } = this.#of(lane);
    if (checkpoint !== undefined) return !checkpoint.has(numberOfKind(record));
    // Every transaction reads the first page, which may be in the -wal.
    if (beginsToWrite(record)) return pages > 0 || frames > 1;
    return takes(walSlot.checkpoint, record) || comesOrGoes(record);
  }

  /** Is a lane at a checkpoint, or will it be by the step before which it stands? */
  isAtCheckpoint(lane: string, record: Readonly<RawRecord>): boolean {
    return this.#of(lane).checkpoint !== undefined || takes(walSlot.checkpoint, record);
  }

  #of(lane: string): Work {
    let work = this.#works.get(lane);
    if (work === undefined) this.#works.set(lane, (work = { pages: 0, frames: 0, checkpoint: undefined }));
    return work;
  }
}

/** A turn of a run is shorter than so many acts, at least and at most, as powers of two. */
const longestLog2 = { least: 2, most: 4 } as const;

/** With what chance a turn ends where a part of an act begins. */
const insideShare = 0.25;

/** @property left acts that it may still begin */
interface Turn {
  readonly lane: string;
  left: number;
}

export class ActsChooser implements Chooser, StepSink {
  readonly #random: Random;
  readonly #longest: number;
  readonly #parts = new PartRecorder();
  #turn: Turn | undefined;

  constructor(random: Random) {
    this.#random = random;
    this.#longest = longestLog2.least + below(random, longestLog2.most - longestLog2.least + 1);
  }

  see(_step: number, record: Readonly<RawRecord>, { name }: StepLane): void {
    if ((record.flags & recordFlag.injected) !== 0) return;
    this.#parts.see(name, record);
    if (this.#turn?.lane === name && beginsAct(record)) this.#turn.left--;
  }

  choose({ ready, fallback, ahead }: Decision): Choice {
    if (ready.length === 1) return { lane: fallback, alone: true };
    const { record } = ahead(fallback);
    // A plan can take a lane off at switch points only.
    if ((record.flags & recordFlag.switchPoint) === 0) return this.#goOn(fallback, record);
    if (this.#turn?.lane !== fallback) return this.#begin(ready, ahead);
    const ends = beginsAct(record) ? this.#turn.left <= 0 : this.#endsInside(fallback, record);
    if (!ends) return this.#goOn(fallback, record);
    return this.#begin(
      ready.filter((lane) => lane !== fallback),
      ahead,
    );
  }

  #endsInside(lane: string, record: Readonly<RawRecord>): boolean {
    return this.#parts.begins(lane, record) && this.#random() < insideShare;
  }

  #begin(lanes: readonly string[], ahead: Decision['ahead']): Choice {
    const lane = lanes[below(this.#random, lanes.length)] ?? '';
    const { record } = ahead(lane);
    const acts = Math.floor(2 ** (this.#random() * this.#longest));
    // A lane that was taken off in the middle of an act ends it first.
    this.#turn = { lane, left: beginsAct(record) ? acts : acts - 1 };
    return this.#goOn(lane, record);
  }

  /** Up to where there may be something to decide: under the lock of a checkpoint each step is of interest. */
  #goOn(lane: string, record: Readonly<RawRecord>): Choice {
    return this.#parts.isAtCheckpoint(lane, record)
      ? { lane, points: 1 }
      : { lane, before: { kinds: lookedAt, taking: true } };
  }
}
