// What exhaustive search keeps of a schedule: that it was run, or that its run is a rearrangement of another one's. What
// stays out: why that is sound (equivalence.ts), and in which order schedules come (exhaust.ts).
import { isDeepStrictEqual } from 'node:util';
import type { Preemption } from '../../model/plan.ts';
import type { Course } from './course.ts';
import { interlude, type Move, neighbour, rearranged } from './equivalence.ts';
import { Footprint } from '../../observe/footprint.ts';

/**
 * What came of a run. The schedules that are known to be equivalent share it.
 *
 * @property failed false until the autopsy is there
 * @property schedules how many share it
 */
export interface Outcome {
  failed: boolean;
  schedules: number;
}

/**
 * A schedule that was run, or whose run is known.
 *
 * @property moves one for each preemption
 * @property course undefined when no preemption will be added
 * @property interludes for each preemption, what the others do until the lane that was taken off goes on, and possibly
 *   more; undefined where it never does, or where nothing can be said
 */
export interface Known {
  readonly list: readonly Preemption[];
  readonly moves: readonly Move[];
  readonly course: Course | undefined;
  readonly interludes: readonly (Footprint | undefined)[];
  readonly outcome: Outcome;
}

/** Schedules by {@link tableKey}. */
export type Table = Map<string, Known>;

export function tableKey(list: readonly Preemption[]): string {
  return list.map(({ at, to }) => `${at} ${to}`).join();
}

/** What is known of a schedule from its run; undefined when the run could not make every preemption of the list. */
export function ran(
  list: readonly Preemption[],
  moves: readonly Move[],
  course: Course,
  outcome: Outcome,
): Known | undefined {
  const made = course.segments
    .filter(({ lane, fallback }) => lane !== fallback)
    .map(({ at, lane: to }) => ({ at, to }));
  if (!isDeepStrictEqual(made, list)) return undefined;
  return { list, moves, course, interludes: moves.map(({ at, lane }) => interlude(course, at, lane)), outcome };
}

/**
 * What is known of a schedule from that of a neighbour.
 *
 * @param resumed for each preemption but the last, the step with which the lane that was taken off goes on in the run
 *   without the last
 * @returns undefined when no neighbour is known, or none is equivalent
 */
export function rearrangedFrom(
  list: readonly Preemption[],
  moves: readonly Move[],
  resumed: readonly number[],
  tables: readonly Table[],
): Known | undefined {
  for (let index = list.length - 1; index >= 0; index--) {
    const move = moves[index];
    const goesOn = resumed[index] ?? Infinity;
    const other = move === undefined ? undefined : neighbour(list, index, move, goesOn);
    if (move?.next === undefined || other === undefined) continue;
    const key = tableKey(other);
    const known = tables.map((table) => table.get(key)).find((one) => one !== undefined);
    if (known?.interludes[index]?.isIndependentOf(move.footprint) !== true) continue;
    const end = list.some(({ at }) => at > goesOn) ? goesOn + move.next - move.at : undefined;
    return {
      list,
      moves,
      course: known.course === undefined ? undefined : rearranged(known.course, move, end),
      interludes: known.interludes.map((one, i) => (i === index ? one : withSteps(one, move.footprint))),
      outcome: known.outcome,
    };
  }
  return undefined;
}

/** The moved steps may fall into another interlude. */
function withSteps(interludeOf: Footprint | undefined, steps: Footprint): Footprint | undefined {
  if (interludeOf === undefined) return undefined;
  const both = new Footprint();
  both.merge(interludeOf);
  both.merge(steps);
  return both;
}
