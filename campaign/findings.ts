// The cells of a campaign as a comparison would have found them: the same page, the same verdicts. What stays out: verdicts
// (compare/result-cells.ts), files.
import { type CellFinding, type CellReport, emptyReport } from '../compare/campaign.ts';
import { failureAsFound, type Violated } from '../compare/visit.ts';
import { findScenario } from '../scenarios/find.ts';
import { cellOf, type Campaign } from './ledger.ts';
import type { CellTotal } from './totals.ts';

/** Of each invariant the first run that violated it, by number, from 1 on as everywhere else. */
function violatedIn({ groups }: CellTotal): readonly Violated[] {
  const first = new Map<string, Violated>();
  for (const { first: failing } of groups)
    for (const { invariant } of failing.violations)
      if (!first.has(invariant))
        first.set(invariant, { invariant, run: failing.run + 1, plan: failing.plan, shipped: null });
  return [...first.values()];
}

/** The failure that is shown: of the first run that failed; where nothing was made small of it yet, as it was found. */
function failureOf(scenario: string, { groups }: CellTotal): CellReport['failure'] {
  const [first] = groups;
  if (first === undefined) return null;
  const found = groups.find(({ shown }) => shown !== null)?.shown;
  return found ?? failureAsFound(findScenario(scenario), first.first);
}

export function findingOf(campaign: Campaign, total: CellTotal): CellFinding {
  const { runs, repeats, reached, steps, seconds, marks, hazards, setAside } = total;
  const cell = cellOf(campaign.spec, total.cell);
  const failure = failureOf(cell.scenario, total);
  const [broken] = setAside;
  return {
    cell,
    report: {
      ...emptyReport,
      runs,
      repeats,
      reached,
      steps,
      seconds,
      marks,
      hazards,
      violated: violatedIn(total),
      failure,
    },
    error: failure === null ? (broken?.error ?? null) : null, // a failure is one, whatever else went wrong
  };
}
