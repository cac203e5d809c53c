// What a chooser is: the part of the coordinator that decides who runs next and how far. One file a chooser beside
// this one. What stays out: faults, time, and everything that a chooser must not know.

import { roles } from '../model/operations.ts';
import type { RawRecord } from '../model/record.ts';

/**
 * The step before which a lane stands. What came of it (`rc`) is not known yet.
 *
 * @property file name of its file; empty where it touches none
 */
export interface Ahead {
  readonly record: Readonly<RawRecord>;
  readonly file: string;
}

/**
 * A decision to take: the run stands before step `steps`.
 *
 * @property points switch points passed so far
 * @property ready lanes that can run, by logical name, in the order in which they became ready
 * @property fallback what the default schedule takes: the lane that was running, else the first ready one
 * @property ahead the step before which a ready lane stands: of the run's own record, which is reused
 */
export interface Decision {
  readonly steps: number;
  readonly points: number;
  readonly ready: readonly string[];
  readonly fallback: string;
  readonly ahead: (lane: string) => Ahead;
}

/** A kind of step, by numbers (model/operations.ts). */
export interface StepKind {
  readonly op: number;
  readonly role: number;
}

/** Another number for each kind. */
export function numberOfKind({ op, role }: StepKind): number {
  return op * roles.length + role;
}

/**
 * Who runs, and how far before the next decision.
 *
 * @property points at most this many switch points
 * @property untilStep park at the first switch point at or after this step
 * @property before park before the first (or `nth`) step of one of these kinds too, not counting the one that is pending; even where it is no switch point: a plan can take a lane off at
 *   switch points only, so whoever asks for others lets the same lane go on there. With `taking` a lock of the wal-index that is given back is none
 * @property alone nobody else can run, so there is nothing to decide before somebody can: `points` and `untilStep` do not
 *   count
 */
export interface Choice {
  readonly lane: string;
  readonly points?: number;
  readonly untilStep?: number;
  readonly before?: { readonly kinds: readonly StepKind[]; readonly nth?: number; readonly taking?: boolean };
  readonly alone?: boolean;
}

export interface Chooser {
  choose(decision: Decision): Choice;
}
