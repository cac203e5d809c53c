// When a failure became inevitable, in a sentence. What stays out: the runs that show it (harness/search/inevitable.ts), and the curve (page/).
import type { InevitablePoint } from '../harness/model/timeline.ts';

/** Fewer points are no curve. */
const pointsLeast = 3;

/** @returns a sentence without its full stop: from which step on all continuations failed, and what was so before; undefined for too few points */
export function inevitableWords(points: readonly InevitablePoint[]): string | undefined {
  const [start] = points;
  if (start === undefined || points.length < pointsLeast) return undefined;
  const last = points.findLastIndex(({ failed, runs }) => failed < runs);
  const sure = points.slice(last + 1);
  const [first] = sure;
  const before = points[last];
  const from = last <= 0 ? '' : `; from the beginning ${start.failed} of ${start.runs} do`;
  if (first === undefined)
    return `It is never inevitable: continued at random, it can still pass from its last steps on${from}`;
  const runs = sure.reduce((sum, point) => sum + point.runs, 0);
  const sofar = before === undefined ? '' : `, from step ${before.step} ${before.failed} of ${before.runs}`;
  return `It is inevitable from step ${first.step} on: continued at random from there or later, all of ${runs} runs fail${sofar}${from}`;
}
