// The course of one run as exhaustive search needs it: cut into segments at every place where another lane could have
// gone on, with the lanes that were ready there and with what each segment touched. What stays out: which of these
// places are tried (exhaust.ts).
import { op, role } from '../../model/operations.ts';
import { type RawRecord, recordFlag, decode } from '../../model/record.ts';
import { Tables } from '../../observe/tables.ts';
import { openerOf, type StepLane, type StepSink } from '../../model/step.ts';
import { parseRequest } from '../../model/request.ts';
import type { Choice, Chooser, Decision } from '../../run/chooser.ts';
import { mayWake, wakingKinds } from '../../run/choosers/sites.ts';
import { addStep, addWalIndex, blinding, Footprint, lockLevel, shmSlots } from '../../observe/footprint.ts';

/** What a holder has of a lock. `shared` keeps nobody from sharing it; `unknown`: a request failed, and may have left something. */
export type Hold = 'none' | 'shared' | 'unknown' | `more ${number}`;

/**
 * The steps of one lane from one place where it could be preempted to the next.
 *
 * @property at number of its first step
 * @property lane took the steps
 * @property fallback would have by the default schedule
 * @property ready lanes that could have, this one included
 * @property steps of it, with those of the coordinator's own
 * @property nowMs virtual time, from the run's start
 * @property waits its first step is one before which a lane may have stood still
 * @property wakes others may go on after it who could not before
 * @property altered things that it has left otherwise than it has found them, as far as can be told; locks apart
 * @property holds of locks, what its lane has of them after it, by holder
 * @property stands its lane may stand still after it: its next step is such a one, or it takes none
 */
export interface Segment {
  readonly at: number;
  readonly lane: string;
  readonly fallback: string;
  readonly ready: readonly string[];
  readonly steps: number;
  readonly nowMs: number;
  readonly waits: boolean;
  readonly wakes: boolean;
  readonly stands: boolean;
  readonly footprint: Footprint;
  readonly altered: ReadonlySet<string>;
  readonly holds: ReadonlyMap<string, ReadonlyMap<string, Hold>>;
}

/** @property blind steps of this run must not be called independent (footprint.ts) */
export interface Course {
  readonly segments: readonly Segment[];
  readonly blind: boolean;
}

const waiting: ReadonlySet<number> = new Set([op.start, op.sleep, op.busySleep, op.ask]);

type Open = { -readonly [K in Exclude<keyof Segment, 'altered' | 'holds'>]: Segment[K] } & {
  readonly altered: Set<string>;
  readonly holds: Map<string, Map<string, Hold>>;
};

/** SQLITE_OPEN_CREATE (sqlite3.h). */
const createFlag = 4;

/** Files that are not gone when they are closed. */
const lasting: ReadonlySet<number> = new Set([role.db, role.wal, role.journal]);

/** The last step of a lane so far: what it did to the wal-index after it is known when its next step is. */
interface Tail {
  readonly segment: Segment;
  readonly close: (beforeShm: boolean) => void;
}

/** Does a lane start a command and hear what it prints? When it hears of that depends on where others are taken off. */
function isHeard({ op: operation, text }: Readonly<RawRecord>): boolean {
  if (operation !== op.ask) return false;
  const request = parseRequest(text);
  return request.kind === 'exec' && request.heard;
}

/** Follows another chooser and the steps of its run. */
export class CourseRecorder implements Chooser, StepSink {
  readonly #inner: Chooser;
  readonly #segments: Open[] = [];
  readonly #tables = new Tables();
  /** Highest level of the file lock that a handle may hold: an EXCLUSIVE that failed may have left a PENDING. */
  readonly #levels = new Map<string, number>();
  readonly #tails = new Map<string, Tail>();
  /** Files of which it is known. */
  readonly #existing = new Set<string>();
  #current: Open | undefined;
  #decided = false;
  #blind = false;

  constructor(inner: Chooser) {
    this.#inner = inner;
  }

  choose(decision: Decision): Choice {
    const { steps, ready, fallback, ahead } = decision;
    const choice = this.#inner.choose(decision);
    const lane = ready.includes(choice.lane) ? choice.lane : fallback;
    this.#begin(steps, lane, fallback, ready);
    this.#decided = true;
    // Who has woken others stops behind it, so that they can be chosen.
    return mayWake(ahead(lane).record) ? { ...choice, points: 1 } : { ...choice, before: { kinds: wakingKinds } };
  }

  see(step: number, record: Readonly<RawRecord>, lane: StepLane, nowMs: number): void {
    const isPoint = (record.flags & recordFlag.switchPoint) !== 0 && (record.flags & recordFlag.injected) === 0;
    let segment = this.#current;
    if (segment === undefined) return;
    if (!this.#decided && isPoint && lane.name === segment.lane)
      segment = this.#begin(step, lane.name, lane.name, segment.ready);
    if (step === segment.at) Object.assign(segment, { nowMs, waits: waiting.has(record.op) });
    segment.steps++;
    this.#decided = false;
    if (mayWake(record)) segment.wakes = true;
    // A connection that several lanes use: what one does with it is not told from what it may do.
    if (blinding.has(record.op) || openerOf(record, lane) !== lane.name || isHeard(record)) this.#blind = true;
    this.#follow(segment, step, record, lane, nowMs);
  }

  /** Once the run is over. */
  course(): Course {
    for (const { close } of this.#tails.values()) close(true);
    this.#tails.clear();
    this.#tellStanding();
    for (const { footprint, altered } of this.#segments)
      for (const [thing, changed] of footprint.things) if (changed && thing.startsWith('index:')) altered.add(thing);
    return { segments: this.#segments, blind: this.#blind };
  }

  #begin(at: number, lane: string, fallback: string, ready: readonly string[]): Open {
    const segment: Open = {
      at,
      lane,
      fallback,
      ready,
      steps: 0,
      nowMs: -1,
      waits: false,
      wakes: false,
      stands: true,
      footprint: new Footprint(),
      altered: new Set(),
      holds: new Map(),
    };
    this.#segments.push(segment);
    this.#current = segment;
    return segment;
  }

  /** By its next step a lane says whether it may have stood still. */
  #tellStanding(): void {
    const next = new Map<string, Open>();
    for (const segment of this.#segments.toReversed()) {
      segment.stands = next.get(segment.lane)?.waits ?? true;
      next.set(segment.lane, segment);
    }
  }

  #follow(segment: Open, step: number, record: Readonly<RawRecord>, lane: StepLane, nowMs: number): void {
    this.#tails.get(lane.name)?.close(record.role === role.shm);
    const { footprint } = segment;
    const key = `${record.lane}:${record.handle}`;
    const level = this.#levels.get(key) ?? lockLevel.none;
    const name = lane.files[record.file] ?? '';
    const own = new Footprint();
    addStep(own, record, name, level);
    const isKept = this.#keeps(record, name);
    for (const [thing, changed] of own.things) if (changed && !isKept && !isLock(thing)) segment.altered.add(thing);
    own.changes(`process:${lane.process.name}`);
    segment.altered.add(`process:${lane.process.name}`);
    footprint.merge(own);
    for (const [lock, hold] of holdsAfter(record, name)) {
      const holders = segment.holds.get(lock) ?? new Map<string, Hold>();
      segment.holds.set(lock, holders.set(`${lane.name}:${record.handle}`, hold));
    }
    this.#tables.see(step, record, lane, nowMs);
    if (record.op === op.lock) this.#levels.set(key, Math.max(level, decode.lock(record).level));
    else if (record.op === op.unlock) this.#levels.set(key, Math.min(level, decode.unlock(record).level));
    if (record.op === op.end) this.#tails.delete(lane.name);
    else this.#tails.set(lane.name, { segment, close: this.#tailOf(footprint, record.lane, lane.name) });
  }

  /** Does it leave its file as it was? */
  #keeps({ op: operation, role: its, rc, a }: Readonly<RawRecord>, name: string): boolean {
    if (operation === op.delete || operation === op.unlink) this.#existing.delete(name);
    if (operation === op.sync) return true;
    if (!lasting.has(its)) return false;
    if (operation === op.close) return true;
    if (operation !== op.open || rc !== 0) return false;
    const isKept = this.#existing.has(name) || (a & createFlag) === 0;
    this.#existing.add(name);
    return isKept;
  }

  /** The state of the lane's connections is that of now; what it does with them before its next step is added then. */
  #tailOf(into: Footprint, number: number, lane: string): (beforeShm: boolean) => void {
    const mapped = this.#tables.files.open().filter((file) => file.lane === lane && file.shm !== undefined);
    if (mapped.length === 0) return () => {};
    const levels = [...this.#levels].filter(([key]) => key.startsWith(`${number}:`)).map(([, level]) => level);
    const level = Math.max(lockLevel.none, ...levels);
    return (beforeShm) => {
      for (const file of mapped) addWalIndex(into, file, this.#tables.locks.onIndex(file), level, beforeShm);
    };
  }
}

function isLock(thing: string): boolean {
  return thing.startsWith('lock:') || thing.startsWith('slot:');
}

function levelHeld(level: number): Hold {
  if (level === lockLevel.none) return 'none';
  return level === lockLevel.shared ? 'shared' : `more ${level}`;
}

/** What the handle of a step holds after it, of the locks that it is about. */
function* holdsAfter(record: Readonly<RawRecord>, name: string): Iterable<readonly [lock: string, hold: Hold]> {
  const { op: operation, rc } = record;
  // A request that fails may leave something: an EXCLUSIVE a PENDING.
  if (operation === op.lock || operation === op.unlock)
    yield [`lock:${name}`, rc === 0 ? levelHeld(decode.lock(record).level) : 'unknown'];
  else if (operation === op.close) yield [`lock:${name}`, 'none'];
  else if (operation === op.shmUnmap)
    for (let slot = 0; slot < shmSlots; slot++) yield [`slot:${name}:${slot}`, 'none'];
  else if (operation === op.shmLock && rc === 0) {
    const { slot: first, count, action, mode } = decode.shmLock(record);
    const hold: Hold = action === 'unlock' ? 'none' : mode === 'shared' ? 'shared' : 'more 1';
    for (let slot = first; slot < first + count; slot++) yield [`slot:${name}:${slot}`, hold];
  }
}
