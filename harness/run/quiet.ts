// Quiet hours: when every periodic lane does over and over what it did last, and has promised to go on so until a certain
// time (World.sleep, quietUntilMs), the coordinator may skip those wakings. It takes no lane's word for it: a lane counts
// as settled only when its last tick repeated the one before, step for step and byte for byte, took no virtual time, and
// nothing else happened meanwhile. What stays out: when time passes (run.ts).
import { op } from '../model/operations.ts';
import { type RawRecord, decode, quietUntilMs } from '../model/record.ts';
import type { LaneState } from './lanes.ts';

/** What is bound to a statement for a server, such as the time, may differ, as it may where SQLite has it: what came of it may not. */
function withoutBound({ op: operation, text }: Readonly<RawRecord>): string {
  return operation === op.ask && text.startsWith('statement ') ? text.replace(/"bind":.*$/, '') : text;
}

/** What the record of a statement on a server says where nothing came of it but what the lane itself has seen (server-requests.ts). */
const harmless = ['"changes":0,', '"notifications":0,', '"connected":true'];

/** Did a statement on a server change rows, fail, or wait, or did a notification come? A connection that is made changes nothing. */
function changesMuch({ op: operation, text }: Readonly<RawRecord>): boolean {
  return operation === op.statement && !harmless.some((part) => text.includes(part));
}

/** What a lane does between two sleeps, as two 32-bit digests of its records. */
class Tick {
  #one = 0;
  #two = 0;
  /** Disturbances there had been when it began. */
  readonly began: number;
  readonly beganMs: number;

  constructor(began: number, beganMs: number) {
    this.began = began;
    this.beganMs = beganMs;
  }

  add(record: Readonly<RawRecord>): void {
    const { op: operation, role, flags, file, rc, a, b, sum } = record;
    const text = withoutBound(record);
    for (const value of [operation, role, flags, file, rc, a, b, b / 2 ** 32, sum, text.length]) this.#mix(value);
    for (let i = 0; i < text.length; i++) this.#mix(text.charCodeAt(i));
  }

  equals(other: Tick): boolean {
    return this.#one === other.#one && this.#two === other.#two;
  }

  #mix(value: number): void {
    this.#one = Math.imul(this.#one ^ value, 0x01000193);
    this.#two = Math.imul(this.#two + value, 0x85ebca6b) ^ (this.#two >>> 13);
  }
}

interface Habit {
  tick: Tick;
  previous: Tick | undefined;
  /** Disturbances there had been when its last tick repeated the one before. */
  settledAt: number | undefined;
}

/** A lane whose wakings were skipped. */
export interface Skipped {
  readonly lane: LaneState;
  readonly wakings: number;
}

export class Quiet {
  readonly #habits = new Map<LaneState, Habit>();
  #disturbances = 0;

  /** Something happened that is no repetition. */
  disturb(): void {
    this.#disturbances++;
  }

  /** Follows every step. The record of a sleep arrives when the lane has woken: a tick begins. */
  see(record: Readonly<RawRecord>, lane: LaneState, nowMs: number): void {
    const habit = this.#habits.get(lane);
    if (changesMuch(record)) this.disturb();
    if (record.op !== op.sleep) {
      habit?.tick.add(record);
      return;
    }
    if (quietUntilMs(record) === undefined) {
      this.#habits.delete(lane); // it sleeps, and promises nothing
      return;
    }
    const tick = new Tick(this.#disturbances, nowMs);
    if (habit === undefined) this.#habits.set(lane, { tick, previous: undefined, settledAt: undefined });
    else habit.tick = tick;
  }

  /** Time has woken the lane. What it does now may be anything, unless it sleeps as it promised to. */
  woken(lane: LaneState): void {
    if (lane.pending.op !== op.sleep || quietUntilMs(lane.pending) === undefined) this.disturb();
  }

  /** The lane has parked before `lane.pending`. Before a sleep, its tick is over. */
  parked(lane: LaneState, nowMs: number): void {
    if (lane.pending.op !== op.sleep) return;
    const habit = this.#habits.get(lane);
    const repeats = habit?.previous?.equals(habit.tick) === true && quietUntilMs(lane.pending) !== undefined;
    if (!repeats) this.disturb();
    if (habit === undefined) return;
    const { tick } = habit;
    habit.previous = tick;
    const settles = repeats && tick.began === this.#disturbances && tick.beganMs === nowMs;
    habit.settledAt = settles ? this.#disturbances : undefined;
  }

  /**
   * Skips the wakings of settled lanes up to the next moment at which something else may happen.
   *
   * @param untilMs the latest moment: the next fault or the plan's end
   * @returns that moment and the lanes whose `wakeMs` was moved on, a whole number of their periods; no lanes when there
   *   was nothing to skip
   */
  skip(
    lanes: readonly LaneState[],
    nowMs: number,
    untilMs: number,
  ): { readonly untilMs: number; readonly skipped: readonly Skipped[] } {
    let next = untilMs;
    const settled: LaneState[] = [];
    // One that waits in the middle of a tick has done what is not accounted for yet.
    if (lanes.some((lane) => lane.status === 'waiting' && this.#habits.has(lane))) return { untilMs, skipped: [] };
    for (const lane of lanes) {
      if (this.#isSettled(lane, nowMs)) {
        settled.push(lane);
        next = Math.min(next, quietUntilMs(lane.pending) ?? Infinity);
      } else {
        next = Math.min(next, Math.max(lane.pausedUntilMs, lane.status === 'ready' ? 0 : lane.wakeMs));
      }
    }
    const skipped = settled.flatMap((lane) => {
      const periodMs = decode.sleep(lane.pending).ms;
      const wakings = Math.ceil((next - lane.wakeMs) / periodMs);
      if (periodMs <= 0 || wakings <= 0) return [];
      lane.wakeMs += wakings * periodMs;
      return [{ lane, wakings }];
    });
    return { untilMs: next, skipped };
  }

  #isSettled(lane: LaneState, nowMs: number): boolean {
    return (
      lane.status === 'asleep' &&
      lane.pausedUntilMs <= nowMs &&
      lane.pending.op === op.sleep &&
      (quietUntilMs(lane.pending) ?? 0) > nowMs &&
      this.#habits.get(lane)?.settledAt === this.#disturbances
    );
  }
}
