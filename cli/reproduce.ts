// The work of `reproduce`, apart from printing: one replay for the symptoms, some runs for each claim. What stays out:
// expectations, which the scenario declares with their sources.
import { Coordinator } from '../harness/run/coordinator.ts';
import { violationsOf, symptomsIn } from '../harness/judge/judge-history.ts';
import type { Plan } from '../harness/model/plan.ts';
import { type Scenario, windowOf } from '../harness/model/scenario.ts';
import type { Claim } from '../harness/model/claim.ts';
import { search } from '../harness/search/search.ts';
import { type Verdict, verdictOf } from '../harness/model/verdict.ts';
import {
  type ClaimEvidence,
  type ClaimJudgement,
  isAbout,
  judgeClaim,
  meantBy,
  untried,
} from '../harness/model/judge-claim.ts';
import type { SymptomSeen } from '../harness/judge/symptoms.ts';
import type { History } from '../harness/model/history.ts';
import type { Violation } from '../harness/model/invariant.ts';
import type { LaneBinaries } from '../harness/run/pool.ts';
import { RunInterrupted } from '../harness/errors/interrupted.ts';
import { corpusOf } from './corpus.ts';
import { scenarioModuleOf } from '../scenarios/known.ts';
import type { Output } from './output.ts';
import { StatusLine } from './status-line.ts';
import { defaultChooser } from '../harness/run/choosers/names.ts';

export interface Reproduction {
  readonly scenario: string;
  readonly strategy: string;
  readonly engine: string;
  readonly symptoms: readonly SymptomSeen[];
  readonly claims: readonly (ClaimJudgement & { readonly claim: string; readonly source: string })[];
  readonly hash: string;
  readonly verdict: Verdict;
  readonly violations: readonly Violation[];
}

interface ReproduceInput {
  readonly scenario: Scenario;
  readonly plan: Plan;
  readonly machines: ReadonlyMap<string, LaneBinaries>;
  readonly claimRuns: number;
  readonly bound: number;
  readonly jobs: number;
  readonly output: Output;
  readonly stop: () => boolean;
}

/**
 * Replays the plan, reads the symptoms off it, and tests the scenario's claims.
 *
 * @throws RunInterrupted when it is stopped before the plan was replayed
 */
export async function reproduce(input: ReproduceInput): Promise<Reproduction> {
  using bench = new Bench(input);
  return await reproduceOn(bench, input);
}

async function reproduceOn(bench: Bench, input: ReproduceInput): Promise<Reproduction> {
  const { scenario, plan } = input;
  using status = new StatusLine(input.output, `${scenario.name}: replaying`);
  const history = await bench.replay(scenario, plan);
  const violations = violationsOf(scenario, history);
  return {
    scenario: scenario.name,
    strategy: plan.strategy,
    engine: plan.engine,
    symptoms: symptomsIn(scenario, history),
    claims: await testClaims(bench, input, violations, status),
    hash: history.hash,
    verdict: verdictOf({ failed: violations.length > 0 }),
    violations,
  };
}

/** A coordinator an engine, started when it is needed: its processes serve every replay. */
class Bench implements Disposable {
  readonly #machines: ReadonlyMap<string, LaneBinaries>;
  readonly #stop: () => boolean;
  readonly #coordinators = new Map<string, Coordinator>();

  constructor({ machines, stop }: Pick<ReproduceInput, 'machines' | 'stop'>) {
    this.#machines = machines;
    this.#stop = stop;
  }

  machineOf(engine: string): LaneBinaries {
    const machine = this.#machines.get(engine);
    if (machine === undefined) throw new Error(`no machine for ${engine}`);
    return machine;
  }

  replay(scenario: Scenario, plan: Plan): Promise<History> {
    const known = this.#coordinators.get(plan.engine);
    const coordinator = known ?? new Coordinator({ machine: this.machineOf(plan.engine), stop: this.#stop });
    this.#coordinators.set(plan.engine, coordinator);
    return coordinator.run(scenario, plan);
  }

  /** The same; undefined when it is stopped. */
  async tryReplay(scenario: Scenario, plan: Plan): Promise<History | undefined> {
    try {
      return await this.replay(scenario, plan);
    } catch (error) {
      if (error instanceof RunInterrupted) return undefined;
      throw error;
    }
  }

  [Symbol.dispose](): void {
    for (const coordinator of this.#coordinators.values()) coordinator.close();
  }
}

function nothingSeen(bound: number): ClaimEvidence {
  return { violated: [], drawn: 0, reached: 0, replays: 0, short: false, interrupted: false, bound };
}

/** Every shipped plan of the scenario in the claim's cell, then random runs, until one violates what it is about. */
async function explore(
  bench: Bench,
  input: ReproduceInput,
  claim: Claim,
  onRun: (runs: number) => void,
): Promise<ClaimEvidence> {
  const { scenario, plan, claimRuns, bound, jobs, stop } = input;
  const { strategy, engine, invariants } = claim;
  const machine = bench.machineOf(engine);
  const none = nothingSeen(bound);
  let replays = 0;
  for (const { name, plan: shipped } of corpusOf(scenario.name)) {
    const history = stop() ? undefined : await bench.tryReplay(scenario, { ...shipped, strategy, engine });
    if (history === undefined) return { ...none, replays, interrupted: true };
    const violated = meantBy(claim, violationsOf(scenario, history)).map(({ invariant }) => {
      return { invariant, how: `by the shipped plan ${name}` };
    });
    replays++;
    if (violated.length > 0) return { ...none, replays, violated };
  }
  const result = await search({
    scenario,
    scenarioModule: scenarioModuleOf(scenario.name),
    machine,
    strategy,
    engine,
    parameters: plan.parameters,
    ...(invariants === undefined ? {} : { only: invariants }),
    seed: plan.seed,
    chooser: defaultChooser,
    runs: claimRuns,
    bound,
    jobs,
    stop,
    onRun,
  });
  const { runs, repeats, reached, interrupted, failures } = result;
  const violated = failures.map(({ invariant, run }) => ({ invariant, how: `in random run ${run + 1}` }));
  return { ...none, violated, drawn: runs - repeats, reached, replays, interrupted };
}

/** What the run that was just made violates of what a claim is about: that is known without a further run. */
function shownOf({ plan, bound }: ReproduceInput, claim: Claim, violations: readonly Violation[]): ClaimEvidence {
  const meant = isAbout(claim, plan) ? meantBy(claim, violations) : [];
  const violated = meant.map(({ invariant }) => ({ invariant, how: 'in this run' }));
  return { ...nothingSeen(bound), violated };
}

async function testClaims(
  bench: Bench,
  input: ReproduceInput,
  shown: readonly Violation[],
  status: StatusLine,
): Promise<Reproduction['claims']> {
  const findings = new Map<string, ClaimEvidence>();
  const tested: Reproduction['claims'][number][] = [];
  const all = input.scenario.claims;
  for (const claim of all) {
    const said = { claim: claim.claim, source: `${claim.source.by}: ${claim.source.where}` };
    const byItself = shownOf(input, claim, shown);
    if (byItself.violated.length === 0 && (input.claimRuns === 0 || input.stop())) {
      const why = input.claimRuns === 0 ? 'give it --claim-runs' : 'interrupted';
      tested.push({ ...said, ...untried(claim, `not tried: ${why}`) });
      continue;
    }
    const question = `${claim.strategy} on ${claim.engine}: ${claim.invariants?.join() ?? 'any'}`;
    const where = `claim ${tested.length + 1} of ${all.length}`;
    const says = (runs: number) => status.says(`${where}, ${runs} random runs: ${claim.claim}`);
    says(0);
    const isShown = byItself.violated.length > 0;
    const finding = isShown ? byItself : (findings.get(question) ?? (await explore(bench, input, claim, says)));
    if (!isShown) findings.set(question, finding);
    tested.push({ ...said, ...judgeClaim(claim, windowOf(input.scenario, claim.strategy), finding) });
  }
  return tested;
}

/** Whether a symptom is missing that the report has, those that the plan stages left aside: only where the run is of the reported strategy and engine. */
export function missesSymptom(scenario: Scenario, seen: Reproduction): boolean {
  const asReported = seen.engine === scenario.engine && seen.strategy === scenario.strategies[0]?.name;
  return asReported && !seen.symptoms.every((symptom) => symptom.seen || symptom.staged !== null);
}
