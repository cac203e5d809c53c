// The work of `reproduce`, apart from printing: one replay for the symptoms, some runs for each claim. What stays out:
// expectations, which the scenario declares with their sources.
import { Coordinator, violationsOf } from '../harness/explore/coordinator.ts';
import { seenBy } from '../harness/explore/check-history.ts';
import type { Plan } from '../harness/explore/plan.ts';
import type { Claim, Scenario } from '../harness/explore/scenario.ts';
import { search } from '../harness/explore/search.ts';
import type { Verdict } from '../harness/explore/verdict.ts';
import type { History } from '../harness/history/history.ts';
import type { Violation } from '../harness/invariants/invariant.ts';
import type { Machine } from '../harness/schedule/pool.ts';
import { RunInterrupted } from '../harness/schedule/run-errors.ts';
import { corpusOf } from './corpus.ts';
import { scenarioModule } from './find-scenario.ts';
import type { Output } from './output.ts';
import { percent } from '../reports/words.ts';

export interface Reproduction {
  readonly scenario: string;
  readonly strategy: string;
  readonly engine: string;
  readonly symptoms: readonly { readonly reported: string; readonly seen: boolean; readonly evidence: string }[];
  readonly claims: readonly {
    readonly claim: string;
    readonly source: string;
    readonly outcome: 'confirmed' | 'refuted' | 'untested';
    readonly evidence: string;
  }[];
  readonly hash: string;
  readonly verdict: Verdict;
  readonly violations: readonly Violation[];
}

interface ReproduceInput {
  readonly scenario: Scenario;
  readonly plan: Plan;
  readonly machines: ReadonlyMap<string, Machine>;
  readonly claimRuns: number;
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
  const history = await bench.replay(scenario, plan);
  const violations = violationsOf(scenario, history);
  return {
    scenario: scenario.name,
    strategy: plan.strategy,
    engine: plan.engine,
    symptoms: symptomsSeen(scenario, history),
    claims: await testClaims(bench, input, violations),
    hash: history.hash,
    verdict: violations.length > 0 ? 'fail' : 'pass',
    violations,
  };
}

/** What the report saw, and whether a run saw it too. */
export function symptomsSeen(scenario: Scenario, history: History): Reproduction['symptoms'] {
  return scenario.symptoms.map((symptom) => {
    const { reported } = symptom;
    const evidence = seenBy(scenario, symptom, history);
    return { reported, seen: evidence !== undefined, evidence: evidence ?? 'not seen in this run' };
  });
}

/** A coordinator an engine, started when it is needed: its processes serve every replay. */
class Bench implements Disposable {
  readonly #machines: ReadonlyMap<string, Machine>;
  readonly #stop: () => boolean;
  readonly #coordinators = new Map<string, Coordinator>();

  constructor({ machines, stop }: Pick<ReproduceInput, 'machines' | 'stop'>) {
    this.#machines = machines;
    this.#stop = stop;
  }

  machineOf(engine: string): Machine {
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

/**
 * What runs of one cell (strategy × engine) showed.
 *
 * @property reached runs that reached the scenario's window
 * @property upperBound of the failure rate of random schedules, where none of them failed
 */
export interface CellFinding {
  readonly runs: number;
  readonly reached: number;
  readonly violations: readonly Violation[];
  readonly upperBound: number | null;
  readonly interrupted: boolean;
}

/** The violations that a claim is about. */
export function meantBy(claim: Claim, violations: readonly Violation[]): readonly Violation[] {
  return violations.filter(({ invariant }) => claim.invariants === undefined || claim.invariants.includes(invariant));
}

/** Every shipped plan of the scenario in the claim's cell, then random schedules, until one violates what it is about. */
async function explore(bench: Bench, input: ReproduceInput, claim: Claim): Promise<CellFinding> {
  const { scenario, plan, claimRuns, jobs, stop } = input;
  const { strategy, engine, invariants } = claim;
  const machine = bench.machineOf(engine);
  let [runs, reached] = [0, 0];
  const shippedOnly = (more: Partial<CellFinding>): CellFinding => {
    return { runs, reached, violations: [], upperBound: null, interrupted: false, ...more };
  };
  for (const shipped of corpusOf(scenario.name)) {
    if (runs === claimRuns) break;
    if (stop()) return shippedOnly({ interrupted: true });
    const history = await bench.tryReplay(scenario, { ...shipped, strategy, engine });
    if (history === undefined) return shippedOnly({ interrupted: true });
    const violations = meantBy(claim, violationsOf(scenario, history));
    runs++;
    if ((history.marks[scenario.window] ?? 0) > 0) reached++;
    if (violations.length > 0) return shippedOnly({ violations });
  }
  if (runs === claimRuns) return shippedOnly({});
  const options = { scenario, scenarioModule, machine, strategy, engine, parameters: plan.parameters };
  const only = invariants === undefined ? {} : { only: invariants };
  const result = await search({
    ...options,
    ...only,
    seed: plan.seed,
    chooser: 'preemptions',
    runs: claimRuns - runs,
    jobs,
    stop,
  });
  const { violations, upperBound, interrupted } = result;
  return {
    runs: runs + result.runs,
    reached: reached + (result.marks[scenario.window] ?? 0),
    violations,
    upperBound,
    interrupted,
  };
}

/** A claim about the run that was just made, and what was violated in it: that is known without a further run. */
function isShownBy({ plan }: ReproduceInput, claim: Claim, violations: readonly Violation[]): boolean {
  return claim.strategy === plan.strategy && claim.engine === plan.engine && meantBy(claim, violations).length > 0;
}

async function testClaims(
  bench: Bench,
  input: ReproduceInput,
  shown: readonly Violation[],
): Promise<Reproduction['claims']> {
  const findings = new Map<string, CellFinding>();
  const tested: Reproduction['claims'][number][] = [];
  for (const claim of input.scenario.claims) {
    const source = `${claim.source.by}: ${claim.source.where}`;
    if (isShownBy(input, claim, shown)) {
      const named = [...new Set(meantBy(claim, shown).map(({ invariant }) => invariant))].join(', ');
      const outcome = claim.expects === 'violation' ? 'confirmed' : 'refuted';
      tested.push({ claim: claim.claim, source, outcome, evidence: `this run violated ${named}` });
      continue;
    }
    if (input.claimRuns === 0 || input.stop()) {
      tested.push({ claim: claim.claim, source, outcome: 'untested', evidence: 'not tried: give it --claim-runs' });
      continue;
    }
    const question = `${claim.strategy} on ${claim.engine}: ${claim.invariants?.join() ?? 'any'}`;
    input.output.status(`testing: ${claim.claim}`);
    const finding = findings.get(question) ?? (await explore(bench, input, claim));
    findings.set(question, finding);
    tested.push({ claim: claim.claim, source, ...judge(claim, input.scenario.window, finding) });
  }
  input.output.clearStatus();
  return tested;
}

/** That nothing happens says something once a failure in every tenth run can be ruled out (29 runs, at 95 % confidence). */
const meaningfulBound = 0.1;

/**
 * What runs say of a claim. A violation is evidence in any case; that there was none is evidence only when the runs were
 * all made, some of them reached the window, and they were enough to bound the failure rate.
 */
export function judge(
  claim: Pick<Claim, 'strategy' | 'engine' | 'expects'>,
  window: string,
  { runs, reached, violations, upperBound, interrupted }: CellFinding,
): Pick<Reproduction['claims'][number], 'outcome' | 'evidence'> {
  const cell = `${claim.strategy} on ${claim.engine}`;
  const inWindow = `${reached} of them in the window ${window}`;
  if (violations.length > 0) {
    const named = [...new Set(violations.map(({ invariant }) => invariant))].join(', ');
    const evidence = `${cell}: violated ${named} in run ${runs} of ${runs}, ${inWindow}`;
    return { outcome: claim.expects === 'violation' ? 'confirmed' : 'refuted', evidence };
  }
  const nothing = `${cell}: nothing of the kind in ${runs} runs, ${inWindow}`;
  if (interrupted) return { outcome: 'untested', evidence: `${nothing}; interrupted` };
  if (reached === 0) return { outcome: 'untested', evidence: `${nothing}: no run says anything about the claim` };
  if (upperBound === null)
    return { outcome: 'untested', evidence: `${nothing}; no bound: no random schedule reached it` };
  const bound = `failure rate of random schedules < ${percent(upperBound)}`;
  if (upperBound > meaningfulBound) return { outcome: 'untested', evidence: `${nothing}: too few (${bound})` };
  return { outcome: claim.expects === 'none' ? 'confirmed' : 'refuted', evidence: `${nothing} (${bound})` };
}

/** Whether a symptom is missing that the report has: only where the run is of the reported strategy and engine. */
export function missesSymptom(scenario: Scenario, seen: Reproduction): boolean {
  const asReported = seen.engine === scenario.engine && seen.strategy === scenario.strategies[0]?.name;
  return asReported && !seen.symptoms.every((symptom) => symptom.seen);
}
