// When a failure became inevitable, in a sentence. What stays out: the runs that show it (harness/search/inevitable.ts), and the curve (page/).
import { percent } from '../harness/model/percent.ts';
import { upperBound } from '../harness/model/verdict.ts';
import type { InevitablePoint } from '../harness/model/timeline.ts';

/** Fewer points are no curve. */
const pointsLeast = 3;

/**
 * @param points of the curve, the last of them the run itself at its end, which shows nothing of continuations
 * @returns a sentence without its full stop: from which step on all continuations failed, how sure that is, and what was so before; undefined
 *   for too few points
 */
export function inevitableWords(points: readonly InevitablePoint[]): string | undefined {
  const [start] = points;
  if (start === undefined || points.length < pointsLeast) return undefined;
  const tried = points.slice(0, -1);
  const last = tried.findLastIndex(({ failed, runs }) => failed < runs);
  const sure = tried.slice(last + 1);
  const [first] = sure;
  const before = tried[last];
  const from = last <= 0 ? '' : `; from the beginning ${start.failed} of ${start.runs} do`;
  if (first === undefined)
    return `Nothing before its last steps decides it: continued at random from there, it can still pass${from}`;
  const runs = sure.reduce((sum, point) => sum + point.runs, 0);
  const sofar = before === undefined ? '' : `, from step ${before.step} ${before.failed} of ${before.runs}`;
  const passing = percent(upperBound(runs) ?? 1);
  return `From step ${first.step} on it is decided: continued at random from there or later, all of ${runs} runs fail (≤ ${passing} pass)${sofar}${from}`;
}
