// How the schedule and the addresses of faults follow when a lane has less to do: what came before a moment may be gone,
// or what came after it. What stays out: which of the two it was, which only trying tells.
import type { Fault } from '../../model/fault.ts';
import type { Anchor } from '../../run/choosers/anchored.ts';
import type { Failing, OperationCounts } from './trials.ts';

function lost(lane: string, before: OperationCounts, after: OperationCounts): number {
  return (before.get(lane) ?? 0) - (after.get(lane) ?? 0);
}

/** Anchors that keep their distance from the end of their lane, where they kept it from the beginning. */
export function anchorsFromTheEnd(
  anchors: readonly Anchor[],
  before: OperationCounts,
  after: OperationCounts,
): readonly Anchor[] {
  return anchors.map((anchor) => {
    const steps = Math.max(0, anchor.at.steps - lost(anchor.lane, before, after));
    return steps === anchor.at.steps ? anchor : { ...anchor, at: { ...anchor.at, steps } };
  });
}

/** The same for faults that name the n-th operation of a lane. */
export function faultsFromTheEnd(
  faults: readonly Fault[],
  before: OperationCounts,
  after: OperationCounts,
): readonly Fault[] {
  return faults.map((fault) => {
    const { at } = fault;
    if (!('op' in at)) return fault;
    const nth = Math.max(1, at.nth - lost(`${at.lane} ${at.op}`, before, after));
    return nth === at.nth ? fault : { ...fault, at: { ...at, nth } };
  });
}

/** Does anything in this plan depend on how much each lane has done? */
export function isAnchored({ plan, anchors }: Pick<Failing, 'plan' | 'anchors'>): boolean {
  return anchors.length > 0 || plan.faults.some(({ at }) => 'op' in at);
}
