// The plans that come with Lockstep, as a comparison uses them: every plan of a scenario is tried in every cell of it, the
// cell's own first, then from the smallest on. What stays out: replaying them.
import { corpusFiles, corpusPlan, minimalFolder, readIndex } from '../scenarios/corpus-index.ts';
import type { Plan } from '../harness/model/plan.ts';
import type { CellName } from './cells.ts';

/** @property minimalHere it is known to be minimal in this cell (scenarios/corpus.test.ts holds that) */
export interface ShippedPlan {
  readonly name: string;
  readonly plan: Plan;
  readonly minimalHere: boolean;
}

/**
 * The shipped plans for a cell, in the order in which they are tried.
 *
 * @param horizonMsMost virtual; longer plans are left out
 */
export function shippedFor({ scenario, strategy, engine }: CellName, horizonMsMost: number): readonly ShippedPlan[] {
  const { plans } = readIndex();
  const size = (name: string): number => {
    const entry = plans[name];
    return entry === undefined ? Infinity : entry.preemptions + entry.faults + entry.operations;
  };
  return corpusFiles()
    .map((name) => ({ name, plan: corpusPlan(name) }))
    .filter(({ plan }) => plan.scenario === scenario && plan.parameters.horizonMs <= horizonMsMost)
    .map(({ name, plan }) => {
      const own = plan.strategy === strategy && plan.engine === engine;
      return { name, plan: { ...plan, strategy, engine }, minimalHere: own && name.startsWith(`${minimalFolder}/`) };
    })
    .map((shipped, i) => ({ shipped, i, own: shipped.minimalHere, rank: size(shipped.name) }))
    .toSorted((a, b) => Number(b.own) - Number(a.own) || a.rank - b.rank || a.i - b.i)
    .map(({ shipped }) => shipped);
}
