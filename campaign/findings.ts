// The cells of a campaign as a comparison would have found them: the same page, the same verdicts. What stays out: verdicts
// (compare/result-cells.ts), files.
import { type CellFinding, type CellReport, emptyReport } from '../compare/campaign.ts';
import { type Failure, failureAsFound, type Violated } from '../compare/visit.ts';
import { findScenario } from '../scenarios/find.ts';
import { type Campaign, cellOf } from './campaigns.ts';
import type { CellTotal } from './totals.ts';

/** Of each invariant the first run that violated it, by number, from 1 on as everywhere else. */
function violatedIn({ groups }: CellTotal): readonly Violated[] {
  const first = new Map<string, Violated>();
  for (const {
    kept: [{ run, plan, violations }],
  } of groups)
    for (const { invariant } of violations)
      if (!first.has(invariant)) first.set(invariant, { invariant, run: run + 1, plan, shipped: null });
  return [...first.values()];
}

/** Where nothing was made small of a failure yet, it is shown as it was found. */
function failureOf(scenario: string, { groups }: CellTotal, shown: Failure | null): CellReport['failure'] {
  const [first] = groups;
  if (first === undefined) return null;
  const { plan, hash, violations } = first.kept[0];
  return shown ?? failureAsFound(findScenario(scenario), { plan, hash, violations });
}

/** @param shown the failure of the cell that was made small */
export function findingOf(campaign: Campaign, total: CellTotal, shown: Failure | null): CellFinding {
  const { runs, repeats, reached, steps, seconds, marks, hazards, setAside } = total;
  const cell = cellOf(campaign.spec, total.cell);
  const failure = failureOf(cell.scenario, total, shown);
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
