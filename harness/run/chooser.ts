// What a chooser is: the part of the coordinator that decides who runs next and how far. One file a chooser beside
// this one. What stays out: faults, time, and everything that a chooser must not know.

/**
 * A decision to take: the run stands before step `steps`.
 *
 * @property points switch points passed so far
 * @property ready lanes that can run, by logical name, in the order in which they became ready
 * @property fallback what the default schedule takes: the lane that was running, else the first ready one
 */
export interface Decision {
  readonly steps: number;
  readonly points: number;
  readonly ready: readonly string[];
  readonly fallback: string;
}

/**
 * Who runs, and how far before the next decision.
 *
 * @property points at most this many switch points
 * @property untilStep park at the first switch point at or after this step
 * @property alone nobody else can run, so there is nothing to decide before somebody can: `points` and `untilStep` do not
 *   count
 */
export interface Choice {
  readonly lane: string;
  readonly points?: number;
  readonly untilStep?: number;
  readonly alone?: boolean;
}

export interface Chooser {
  choose(decision: Decision): Choice;
}
