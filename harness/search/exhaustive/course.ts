// The course of one run as exhaustive search needs it: cut into segments at every place where another lane could have
// gone on, with the lanes that were ready there and with what each segment touched. What stays out: which of these
// places are tried (exhaust.ts).
import { op, role } from '../../model/operations.ts';
import { type RawRecord, recordFlag, decode } from '../../model/record.ts';
import { Tables } from '../../observe/tables.ts';
import { openerOf, type StepLane, type StepSink } from '../../model/step.ts';
import type { Choice, Chooser, Decision } from '../../run/chooser.ts';
import { addStep, addWalIndex, blinding, Footprint, lockLevel } from '../../observe/footprint.ts';

/**
 * The steps of one lane from one place where it could be preempted to the next.
 *
 * @property at number of its first step
 * @property lane took the steps
 * @property fallback would have by the default schedule
 * @property ready lanes that could have, this one included; after a mutex was given back some may be in it that could not
 * @property nowMs virtual time, from the run's start
 * @property waits its first step is one before which a lane may have stood still
 */
export interface Segment {
  readonly at: number;
  readonly lane: string;
  readonly fallback: string;
  readonly ready: readonly string[];
  readonly nowMs: number;
  readonly waits: boolean;
  readonly footprint: Footprint;
}

/** @property blind steps of this run must not be called independent (footprint.ts) */
export interface Course {
  readonly segments: readonly Segment[];
  readonly blind: boolean;
}

const waiting: ReadonlySet<number> = new Set([op.start, op.sleep, op.busySleep, op.ask]);

type Open = { -readonly [K in keyof Segment]: Segment[K] };

/** The last step of a lane so far: what it did to the wal-index after it is known when its next step is. */
interface Tail {
  readonly segment: Segment;
  readonly close: (beforeShm: boolean) => void;
}

/** Follows another chooser and the steps of its run. */
export class CourseRecorder implements Chooser, StepSink {
  readonly #inner: Chooser;
  readonly #segments: Open[] = [];
  readonly #tables = new Tables();
  /** Highest level of the file lock that a handle may hold: an EXCLUSIVE that failed may have left a PENDING. */
  readonly #levels = new Map<string, number>();
  readonly #tails = new Map<string, Tail>();
  /** Lanes that have not ended, with their processes. */
  readonly #lanes = new Map<string, string>();
  /** Lanes that may have waited for a mutex which was given back since the last decision. */
  #woken: readonly string[] = [];
  #current: Open | undefined;
  #decided = false;
  #blind = false;

  constructor(inner: Chooser) {
    this.#inner = inner;
  }

  choose(decision: Decision): Choice {
    const choice = this.#inner.choose(decision);
    const { steps, ready, fallback } = decision;
    this.#woken = [];
    this.#begin(steps, ready.includes(choice.lane) ? choice.lane : fallback, fallback, ready);
    this.#decided = true;
    return choice;
  }

  see(step: number, record: Readonly<RawRecord>, lane: StepLane, nowMs: number): void {
    const isPoint = (record.flags & recordFlag.switchPoint) !== 0 && (record.flags & recordFlag.injected) === 0;
    let segment = this.#current;
    if (segment === undefined) return;
    if (!this.#decided && isPoint && lane.name === segment.lane)
      segment = this.#begin(step, lane.name, lane.name, [...new Set([...segment.ready, ...this.#woken])]);
    if (step === segment.at) Object.assign(segment, { nowMs, waits: waiting.has(record.op) });
    this.#decided = false;
    const process = lane.process.name;
    if (record.op === op.end) this.#lanes.delete(lane.name);
    else this.#lanes.set(lane.name, process);
    if (record.op === op.tell) this.#woken = [...this.#lanes].flatMap(([name, its]) => (its === process ? [name] : []));
    // A connection that several lanes use: what one does with it is not told from what it may do.
    if (blinding.has(record.op) || openerOf(record, lane) !== lane.name) this.#blind = true;
    this.#follow(segment, step, record, lane, nowMs);
  }

  /** Once the run is over. */
  course(): Course {
    for (const { close } of this.#tails.values()) close(true);
    this.#tails.clear();
    return { segments: this.#segments, blind: this.#blind };
  }

  #begin(at: number, lane: string, fallback: string, ready: readonly string[]): Open {
    const segment = { at, lane, fallback, ready, nowMs: -1, waits: false, footprint: new Footprint() };
    this.#segments.push(segment);
    this.#current = segment;
    return segment;
  }

  #follow(segment: Open, step: number, record: Readonly<RawRecord>, lane: StepLane, nowMs: number): void {
    this.#tails.get(lane.name)?.close(record.role === role.shm);
    const { footprint } = segment;
    const key = `${record.lane}:${record.handle}`;
    const level = this.#levels.get(key) ?? lockLevel.none;
    footprint.changes(`process:${lane.process.name}`);
    addStep(footprint, record, lane.files[record.file] ?? '', level);
    this.#tables.see(step, record, lane, nowMs);
    if (record.op === op.lock) this.#levels.set(key, Math.max(level, decode.lock(record).level));
    else if (record.op === op.unlock) this.#levels.set(key, Math.min(level, decode.unlock(record).level));
    if (record.op === op.end) this.#tails.delete(lane.name);
    else this.#tails.set(lane.name, { segment, close: this.#tailOf(footprint, record.lane, lane.name) });
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
