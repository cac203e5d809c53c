// What visits found, as cells of the result document, and what the cells say of the scenarios' claims. What stays out: the
// visits themselves (visit.ts), and where files go (store.ts).
import type { ErrorSaid } from '../harness/errors/errors.ts';
import { type Scenario, windowOf } from '../harness/model/scenario.ts';
import { ExploredTally } from '../harness/model/explored.ts';
import { type ClaimEvidence, isAbout, judgeClaim, meantBy, untried } from '../harness/model/judge-claim.ts';
import { judgeRuns } from '../harness/model/verdict.ts';
import type { About, ResultCell, ResultClaim, ResultInvariant } from '../reports/results.ts';
import { planWords } from '../reports/words.ts';
import type { CellFinding, CellReport } from './campaign.ts';
import type { Failure } from './visit.ts';

/** Plans of random runs that violated an invariant which the plan that is shown does not, by its name. */
export type OtherPlans = { readonly [invariant: string]: string };

/** Where a failing cell's files are, below the folder of the result document. */
export interface FailureFiles {
  readonly plan: string;
  readonly full: string | null;
  readonly evidence: string | null;
  readonly others: OtherPlans;
}

/** The first line says it; the stack of a defect stands below. */
function errorText({ message, remedy, stack }: ErrorSaid): string {
  return [`${message} ${remedy}`, ...(stack === undefined ? [] : [stack])].join('\n');
}

/** What a cell says of the failure that is shown of it. */
type Shown = Pick<
  ResultCell,
  'violations' | 'how' | 'plan' | 'full' | 'hash' | 'minimal' | 'explanation' | 'symptoms' | 'evidence'
>;

function shownOf(failure: Failure | null, files: FailureFiles | null): Shown {
  return {
    violations: [...(failure?.violations ?? [])],
    how: failure?.how ?? null,
    plan: files?.plan ?? null,
    full: files?.full ?? null,
    hash: failure?.hash ?? null,
    minimal: failure?.minimal ?? null,
    explanation: (failure?.explanation ?? []).map(({ step, kind, sentence, lanes }) => ({
      step,
      kind,
      sentence,
      lanes: [...lanes],
    })),
    symptoms: [...(failure?.symptoms ?? [])],
    evidence: files?.evidence ?? null,
  };
}

/**
 * How a cell is judged.
 *
 * @property harm names of the invariants that are judged
 * @property bound that a pass must keep to
 * @property scenario the cell's; undefined where nobody has it any more
 */
interface Judging {
  readonly harm: readonly string[];
  readonly bound: number;
  readonly scenario?: Scenario | undefined;
}

/** Named only where it is not the scenario's, which the document has already. */
function ownWindow(scenario: Scenario | undefined, strategy: string): Pick<ResultCell, 'window'> {
  const window = scenario && windowOf(scenario, strategy);
  return window === undefined || window === scenario?.window ? {} : { window };
}

/**
 * @param files null where none are there, or they could not be written
 * @param before the cell as it was, in the document that is gone on from
 */
export function resultCell(
  { cell, report, error, cut = false }: CellFinding,
  files: FailureFiles | { readonly others: OtherPlans } | null,
  { harm, bound, scenario }: Judging,
  before?: ResultCell,
): ResultCell {
  const { runs, repeats, reached, replayed, replayable, reachedByReplay, steps, seconds, marks, hazards } = report;
  const { violated, failure, noticed } = report;
  const judged = judgeRuns({ runs, repeats, reached }, { failed: failure !== null, broken: error !== null, bound });
  const firstRun = Math.min(...violated.map(({ run }) => run ?? Infinity));
  const { violations, how, plan, full, hash, minimal, explanation, symptoms, evidence } =
    failure === 'kept' && before !== undefined
      ? before
      : shownOf(failure === 'kept' ? null : failure, files !== null && 'plan' in files ? files : null);
  return {
    ...cell,
    ...ownWindow(scenario, cell.strategy),
    verdict: judged.verdict,
    runs,
    repeats,
    replayed,
    replayable,
    failedRun: firstRun === Infinity ? null : firstRun,
    steps,
    seconds,
    upperBound: judged.upperBound,
    upperBoundAllRuns: judged.upperBoundAllRuns,
    marks,
    explored: mostExplored(report, before),
    reached,
    reachedByReplay,
    violations,
    hazards: [...hazards],
    noticed: { words: noticed.words && { ...noticed.words }, idle: [...noticed.idle] },
    invariants: harm.map((name) => resultInvariant(name, report, error !== null, files, bound)),
    how,
    shipped: violated.find(({ shipped }) => shipped !== null)?.shipped ?? null,
    plan,
    full,
    hash,
    minimal,
    explanation,
    symptoms,
    borrowed: [...report.borrowed],
    powerLoss: report.powerLoss.map((figures) => ({ ...figures })),
    cut,
    evidence,
    error: error === null ? null : { code: error.code, message: errorText(error) },
  };
}

/** What runs of an earlier document have explored is known as counts only, and adds to nothing: the more of the two speaks. */
function mostExplored({ explored }: CellReport, before: ResultCell | undefined): ResultCell['explored'] {
  const earlier = before?.explored ?? null;
  if (explored === null) return earlier;
  const later = new ExploredTally(explored).explored;
  return earlier !== null && earlier.runs > later.runs ? earlier : later;
}

function resultInvariant(
  name: string,
  { runs, repeats, reached, violated }: CellReport,
  broken: boolean,
  files: { readonly others: OtherPlans } | null,
  bound: number,
): ResultInvariant {
  const found = violated.find(({ invariant }) => invariant === name);
  const judged = judgeRuns({ runs, repeats, reached }, { failed: found !== undefined, broken, bound });
  return {
    name,
    verdict: judged.verdict,
    run: found?.run ?? null,
    shipped: found?.shipped ?? null,
    runs: found?.run ?? runs,
    reached,
    upperBound: judged.upperBound,
    plan: files?.others[name] ?? null,
  };
}

/** What earlier visits found of a cell that did not fail, or by memory only, to go on from. Which runs they were is not kept. */
export function reportOf(cell: ResultCell): CellReport {
  const { replayed, replayable, reachedByReplay, runs, repeats, reached, steps, seconds, marks, hazards } = cell;
  const counts = { replayed, replayable, reachedByReplay, runs, repeats, reached, steps, seconds, marks };
  const failed = cell.invariants.filter(({ verdict }) => verdict === 'fail');
  const violated = failed.map(({ name: invariant, run, shipped }) => ({ invariant, run, shipped, plan: null }));
  return {
    ...counts,
    runSeconds: seconds, // or less: replays are in it
    borrowed: cell.borrowed,
    powerLoss: cell.powerLoss,
    fingerprints: [],
    explored: null,
    hazards,
    noticed: cell.noticed,
    violated,
    failure: cell.verdict === 'fail' ? 'kept' : null,
  };
}

/** Did a shipped plan make a cell fail, and no random run was made? */
export function isFailedByMemory({ verdict, how, runs }: ResultCell): boolean {
  return verdict === 'fail' && how === 'shipped' && runs === 0;
}

/** The claims of these scenarios, judged by the cells that they are about; those about other cells are untested. */
export function judgeClaims(
  scenarios: readonly Scenario[],
  cells: readonly ResultCell[],
  { short, interrupted, bound }: Pick<About, 'short' | 'interrupted' | 'bound'>,
): readonly ResultClaim[] {
  return scenarios.flatMap((scenario) =>
    scenario.claims.map((claim) => {
      const { strategy, engine, expects } = claim;
      const cell = cells.find((one) => one.scenario === scenario.name && isAbout(claim, one));
      const source = `${claim.source.by}: ${claim.source.where}`;
      const said = { scenario: scenario.name, claim: claim.claim, source, strategy, engine, expects };
      if (cell === undefined) return { ...said, ...untried(claim, 'no cell of this comparison') };
      if (cell.verdict === 'error') return { ...said, ...untried(claim, 'the harness failed') };
      const { runs, repeats, reached, replayed: replays } = cell;
      const seen = { violated: meantBy(claim, violatedIn(cell)), drawn: runs - repeats, reached, replays };
      return { ...said, ...judgeClaim(claim, windowOf(scenario, strategy), { ...seen, short, interrupted, bound }) };
    }),
  );
}

/** Every invariant that was violated in a cell, hazards among them, and by what. */
function violatedIn({ invariants, hazards }: ResultCell): ClaimEvidence['violated'] {
  const harm = invariants.flatMap(({ name: invariant, run, shipped }) => {
    const how = run === null ? `by ${planWords(shipped ?? '')}` : `in random run ${run}`;
    return run === null && shipped === null ? [] : [{ invariant, how }];
  });
  return [...harm, ...hazards.map((invariant) => ({ invariant, how: 'in some run' }))];
}
