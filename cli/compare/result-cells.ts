// What visits found, as cells of the result document, and what the cells say of the scenarios' claims. What stays out: the
// visits themselves (visit.ts), and where files go (store.ts).
import type { ErrorSaid } from '../../harness/errors.ts';
import type { Claim, Scenario } from '../../harness/explore/scenario.ts';
import { upperBound } from '../../harness/explore/verdict.ts';
import type { Violation } from '../../harness/invariants/invariant.ts';
import type { ResultCell, ResultClaim } from '../../reports/results.ts';
import { judge, meantBy } from '../reproduce.ts';
import type { CellFinding } from './campaign.ts';
import { sameAs } from './cells.ts';
import type { VisitReport } from './visit.ts';

/** Where a failing cell's files are, below the folder of the result document. */
export interface FailureFiles {
  readonly plan: string;
  readonly full: string | null;
  readonly evidence: string | null;
}

function verdictOf({ report, error }: CellFinding): ResultCell['verdict'] {
  if (error !== null) return 'error';
  if (report.failure !== null) return 'fail';
  return report.reached > 0 ? 'pass' : 'inconclusive';
}

/** The first line says it; the stack of a defect stands below. */
function errorText({ message, remedy, stack }: ErrorSaid): string {
  return [`${message} ${remedy}`, ...(stack === undefined ? [] : [stack])].join('\n');
}

export function resultCell(finding: CellFinding, files: FailureFiles | null): ResultCell {
  const { cell, report, error } = finding;
  const { runs, replayed, replayable, steps, seconds, marks, hazards, failure, reached } = report;
  const verdict = verdictOf(finding);
  return {
    ...cell,
    verdict,
    runs,
    replayed,
    replayable,
    failedRun: failure?.how === 'search' ? runs : null,
    steps,
    seconds,
    upperBound: verdict === 'pass' ? upperBound(runs) : null,
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
    error: error === null ? null : { code: error.code, message: errorText(error) },
  };
}

/** What earlier visits found of a cell that did not fail, to go on from. */
export function reportOf(cell: ResultCell): VisitReport {
  const { replayed, replayable, reachedByReplay, runs, reached, steps, seconds, marks, hazards } = cell;
  return { replayed, replayable, reachedByReplay, runs, reached, steps, seconds, marks, hazards, failure: null };
}

/**
 * The claims of these scenarios, judged by the cells that they are about; those about other cells are untested.
 *
 * @param short the random runs were short: that something does not happen in them says little about hours
 */
export function judgeClaims(
  scenarios: readonly Scenario[],
  cells: readonly ResultCell[],
  short: boolean,
): readonly ResultClaim[] {
  return scenarios.flatMap((scenario) =>
    scenario.claims.map((claim) => {
      const { strategy, engine, expects } = claim;
      const cell = cells.find(
        (one) => one.scenario === scenario.name && sameAs(one.strategy) === sameAs(strategy) && one.engine === engine,
      );
      const source = `${claim.source.by}: ${claim.source.where}`;
      const said = { scenario: scenario.name, claim: claim.claim, source, strategy, engine, expects };
      return { ...said, ...outcomeOf(scenario, claim, cell, short) };
    }),
  );
}

function outcomeOf(
  { window }: Scenario,
  claim: Claim,
  cell: ResultCell | undefined,
  short: boolean,
): Pick<ResultClaim, 'outcome' | 'evidence'> {
  const where = `${claim.strategy} on ${claim.engine}`;
  if (cell === undefined) return { outcome: 'untested', evidence: `${where} is no cell of this comparison` };
  if (cell.verdict === 'error') return { outcome: 'untested', evidence: `${where}: the harness failed` };
  const hazards: readonly Violation[] = cell.hazards.map((invariant) => ({ invariant, message: '', step: null }));
  const violations = meantBy(claim, cell.violations);
  const ran = meantBy(claim, hazards).map(({ invariant }) => invariant);
  if (violations.length === 0 && ran.length > 0) {
    const outcome = claim.expects === 'violation' ? 'confirmed' : 'refuted';
    return { outcome, evidence: `${where}: a run violated ${ran.join(', ')}` };
  }
  if (cell.verdict === 'fail' && violations.length === 0) {
    const others = [...new Set(cell.violations.map(({ invariant }) => invariant))].join(', ');
    return { outcome: 'untested', evidence: `${where}: the search ended with another failure, ${others}` };
  }
  if (violations.length > 0 && cell.how === 'shipped') {
    const named = [...new Set(violations.map(({ invariant }) => invariant))].join(', ');
    const outcome = claim.expects === 'violation' ? 'confirmed' : 'refuted';
    return { outcome, evidence: `${where}: a replay of the shipped plan ${cell.shipped ?? ''} violated ${named}` };
  }
  const judged = judge(claim, window, {
    runs: cell.runs + cell.replayed,
    reached: cell.reached + cell.reachedByReplay,
    violations,
    upperBound: cell.upperBound,
    interrupted: false,
  });
  if (!short || violations.length > 0 || judged.outcome === 'untested') return judged;
  const evidence = `${judged.evidence}, in short runs only`;
  return { outcome: claim.expects === 'none' ? judged.outcome : 'untested', evidence };
}
