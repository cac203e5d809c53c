// What visits found, as cells of the result document, and what the cells say of the scenarios' claims. What stays out: the
// visits themselves (visit.ts), and where files go (store.ts).
import type { Claim, Scenario } from '../../harness/explore/scenario.ts';
import { upperBound } from '../../harness/explore/verdict.ts';
import type { Violation } from '../../harness/invariants/invariant.ts';
import type { ResultCell, ResultClaim } from '../../reports/results.ts';
import { judge, meantBy } from '../reproduce.ts';
import type { CellFinding } from './campaign.ts';

/** Where a failing cell's files are, below the folder of the result document. */
export interface FailureFiles {
  readonly plan: string;
  readonly full: string | null;
  readonly evidence: string;
}

function verdictOf({ report, error }: CellFinding): ResultCell['verdict'] {
  if (error !== null) return 'error';
  if (report.failure !== null) return 'fail';
  return report.reached + report.reachedByReplay > 0 ? 'pass' : 'inconclusive';
}

export function resultCell(finding: CellFinding, files: FailureFiles | null): ResultCell {
  const { cell, report, error } = finding;
  const { runs, replayed, steps, seconds, marks, hazards, failure, reached } = report;
  const verdict = verdictOf(finding);
  return {
    ...cell,
    verdict,
    runs,
    replayed,
    steps,
    seconds,
    upperBound: verdict === 'pass' && reached > 0 ? upperBound(runs) : null,
    marks,
    reached,
    reachedByReplay: report.reachedByReplay,
    violations: [...(failure?.violations ?? [])],
    hazards: [...hazards],
    how: failure?.how ?? null,
    shipped: failure?.shipped ?? null,
    plan: files?.plan ?? null,
    full: files?.full ?? null,
    hash: failure?.hash ?? null,
    minimal: failure?.minimal ?? null,
    explanation: (failure?.explanation ?? []).map((fact) => ({ ...fact, lanes: [...fact.lanes] })),
    symptoms: [...(failure?.symptoms ?? [])],
    evidence: files?.evidence ?? null,
    error: error === null ? null : { code: error.code, message: `${error.message} ${error.remedy}` },
  };
}

/** The claims of these scenarios, judged by the cells that they are about; those about other cells are untested. */
export function judgeClaims(scenarios: readonly Scenario[], cells: readonly ResultCell[]): readonly ResultClaim[] {
  return scenarios.flatMap((scenario) =>
    scenario.claims.map((claim) => {
      const { strategy, engine, expects } = claim;
      const cell = cells.find(
        (one) => one.scenario === scenario.name && one.strategy === strategy && one.engine === engine,
      );
      const source = `${claim.source.by}: ${claim.source.where}`;
      const said = { scenario: scenario.name, claim: claim.claim, source, strategy, engine, expects };
      return { ...said, ...outcomeOf(scenario, claim, cell) };
    }),
  );
}

function outcomeOf(
  { window }: Scenario,
  claim: Claim,
  cell: ResultCell | undefined,
): Pick<ResultClaim, 'outcome' | 'evidence'> {
  const where = `${claim.strategy} on ${claim.engine}`;
  if (cell === undefined) return { outcome: 'untested', evidence: `${where} is no cell of this comparison` };
  if (cell.verdict === 'error') return { outcome: 'untested', evidence: `${where}: the harness failed` };
  const hazards: readonly Violation[] = cell.hazards.map((invariant) => ({ invariant, message: '', step: null }));
  const violations = meantBy(claim, [...cell.violations, ...hazards]);
  if (cell.verdict === 'fail' && violations.length === 0) {
    const others = [...new Set(cell.violations.map(({ invariant }) => invariant))].join(', ');
    return { outcome: 'untested', evidence: `${where}: the search ended with another failure, ${others}` };
  }
  return judge(claim, window, {
    runs: cell.runs + cell.replayed,
    reached: cell.reached + cell.reachedByReplay,
    violations,
    upperBound: cell.upperBound,
    interrupted: false,
  });
}
