// Which schedules need not be run, because another one that is known is the same but for the order of independent steps.
//
// A schedule is a list of preemptions. Say that one of them, at s, takes lane A off in favour of B, and that A, left
// alone, would have come to its next switch point s' without standing still. What the others do until A goes on is the
// *interlude*. Move the preemption from s to s': that is the list's *neighbour*, and its run does A's steps [s, s')
// before the interlude instead of after it. If in the neighbour's run those steps are independent of all steps of the
// interlude, then so it is here, step for step: the interlude starts from a state that differs only in what it neither
// reads nor changes, so it does the same; then A does [s, s'), which the interlude has not disturbed; and both runs have
// come to the same state, before step s', with the same numbers of steps. Nor does the schedule differ: A's steps are no
// asks, so they wake nobody, start nothing and end nothing; A is ready all the while, so no time passes; and lanes stay
// in the order in which they became ready. Hence the run is a rearrangement of the neighbour's, and its course, with the
// places where it can be preempted again, is known without running it (`rearranged`).
//
// What about further preemptions? Those after A has gone past s' have the same numbers in both runs. Those within the
// interlude have numbers lower by s' − s, and they make another interlude: a lane C that is let in before A goes on
// belongs to it. So they are judged for themselves: the neighbour of a list moves its i-th preemption and those within
// that interlude, and the interlude that counts is the one in the neighbour's own run. This is done for each preemption
// of a list, not for the last alone; a list is skipped if any of its neighbours is known and independent. Lists are
// taken from the last place of a run to the first, so that neighbours are known before they are needed; one that is not
// known (a list of another job, say) costs a run and no soundness.
//
// What is compared is what lanes do and leave: observations, contents of files, locks. Marks may count other moments.
import type { Preemption } from '../../model/plan.ts';
import type { Course, Segment } from './course.ts';
import { Footprint } from '../../observe/footprint.ts';

/**
 * What a preemption takes a lane off from.
 *
 * @property lane that would have gone on
 * @property next where it would have come to; undefined when it stands still before, or ends
 * @property footprint of its steps up to there
 */
export interface Move {
  readonly lane: string;
  readonly at: number;
  readonly next: number | undefined;
  readonly footprint: Footprint;
}

/** The move of preempting a lane before segment `index` of a run in which it goes on. */
export function moveAt({ segments }: Course, index: number): Move | undefined {
  const segment = segments[index];
  if (segment === undefined) return undefined;
  const { fallback: lane, at, nowMs, footprint } = segment;
  const following = segments[index + 1];
  const goesOn =
    following !== undefined &&
    following.lane === lane &&
    following.fallback === lane &&
    following.nowMs === nowMs &&
    !following.waits;
  return { lane, at, next: goesOn ? following.at : undefined, footprint };
}

/** Index of the segment with which the lane taken off before segment `from` goes on; −1 when it never does. */
function resumption({ segments }: Course, from: number, lane: string): number {
  return segments.findIndex((segment, index) => index >= from && segment.lane === lane);
}

function indexAt({ segments }: Course, at: number): number {
  return segments.findIndex((segment) => segment.at === at);
}

/** Step with which the lane of `move` goes on in a run in which it was taken off; Infinity when it never does. */
export function resumedAt(course: Course, { lane, at }: Move): number {
  const resumed = resumption(course, indexAt(course, at), lane);
  return course.segments[resumed]?.at ?? Infinity;
}

/**
 * The list that takes the lane of `move` off one switch point later.
 *
 * @param index of the preemption in `list`
 * @param resumed step with which the lane goes on in the run of the list without its last preemption
 */
export function neighbour(
  list: readonly Preemption[],
  index: number,
  { at, next }: Move,
  resumed: number,
): readonly Preemption[] | undefined {
  if (next === undefined) return undefined;
  return list.map((one, i) => (i < index || one.at > resumed ? one : { ...one, at: one.at + next - at }));
}

/** All that the others do in a run from step `at`, before which `lane` was taken off, until it goes on. */
export function interlude(course: Course, at: number, lane: string): Footprint | undefined {
  const first = indexAt(course, at);
  const resumed = resumption(course, first, lane);
  const [from, until] = [course.segments[first], course.segments[resumed]];
  if (course.blind || from === undefined || until === undefined || from.nowMs !== until.nowMs) return undefined;
  const footprint = new Footprint();
  for (const segment of course.segments.slice(first, resumed)) footprint.merge(segment.footprint);
  return footprint;
}

/**
 * The course of a run that is the same as its neighbour's, but that the lane of `move` does the steps up to `move.next`
 * after the interlude.
 *
 * @param end step before which the lane stands when the interlude is over; default: when it goes on. They differ where it
 *   is taken off again right there
 */
export function rearranged(course: Course, { lane, at, next = at }: Move, end: number | undefined): Course {
  const { segments } = course;
  const taken = indexAt(course, next);
  const resumed = end === undefined ? resumption(course, taken, lane) : indexAt(course, end);
  const moved = segments[taken - 1];
  const until = segments[resumed];
  if (moved?.at !== at || until === undefined) throw new Error(`no interlude of ${lane} at step ${next}`);
  const earlier = (segment: Segment): Segment => ({ ...segment, at: segment.at - (next - at) });
  return {
    ...course,
    segments: [
      ...segments.slice(0, taken - 1),
      ...segments.slice(taken, resumed).map(earlier),
      { ...earlier(until), lane, footprint: moved.footprint, waits: moved.waits },
      { ...until, fallback: lane },
      ...segments.slice(resumed + 1),
    ],
  };
}
