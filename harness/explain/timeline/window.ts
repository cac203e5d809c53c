// Which steps of a run are shown, when there are too many to show: those round what matters. What stays out: what is cut.
import type { History } from '../../model/history.ts';
import type { Timeline } from '../../model/timeline.ts';
import type { Violation } from '../../model/invariant.ts';
import type { ExplainedFact } from '../fact.ts';

export type Window = Timeline['kept'];

interface Anchor {
  readonly step: number;
  readonly weight: number;
}

/** Facts that only repeat what the plan says. */
const byThePlan: ReadonlySet<string> = new Set(['fault', 'preempted']);

/** What matters: the facts most, since they are the chain that led to the harm. */
export function anchorsOf(
  { strikes, deaths }: Pick<History, 'strikes' | 'deaths'>,
  facts: readonly ExplainedFact[],
  violations: readonly Violation[],
): readonly Anchor[] {
  const pinned = <T extends { readonly step: number | null }>(all: readonly T[], weightOf: (one: T) => number) =>
    all.flatMap((one) => (one.step === null ? [] : [{ step: one.step, weight: weightOf(one) }]));
  return [
    ...pinned(facts, ({ kind }) => (byThePlan.has(kind) ? 1 : 8)),
    ...pinned(violations, () => 4),
    ...pinned(strikes, () => 2),
    ...pinned(deaths, () => 1),
  ];
}

/**
 * The steps to show: all when they are few enough; else as many in a row as are allowed, those with the most weight in
 * them, and what they were chosen for in their middle; the end of the run when nothing matters.
 *
 * @param total steps of the run
 * @param stepsMax how many may be shown, at least 1
 */
export function windowOf(total: number, stepsMax: number, anchors: readonly Anchor[]): Window {
  if (total <= stepsMax) return { from: 0, to: Math.max(0, total - 1) };
  const sorted = anchors.toSorted((a, b) => a.step - b.step);
  let best = { weight: 0, from: total - 1, to: total - 1 };
  let last = 0;
  let weight = 0;
  for (const first of sorted) {
    for (let next = sorted[last]; next !== undefined && next.step < first.step + stepsMax; next = sorted[++last])
      weight += next.weight;
    const to = sorted[last - 1]?.step ?? first.step;
    if (weight > best.weight) best = { weight, from: first.step, to };
    weight -= first.weight;
  }
  const spare = stepsMax - (best.to - best.from + 1);
  const from = Math.min(Math.max(0, best.from - Math.floor(spare / 2)), total - stepsMax);
  return { from, to: from + stepsMax - 1 };
}
