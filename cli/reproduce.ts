// The work of `reproduce`, apart from printing: one replay for the symptoms, some runs for each claim. What stays out:
// expectations, which the scenario declares with their sources.
import { Coordinator, violationsOf } from '../harness/explore/coordinator.ts';
import type { Plan } from '../harness/explore/plan.ts';
import type { Claim, Scenario } from '../harness/explore/scenario.ts';
import { search } from '../harness/explore/search.ts';
import type { Verdict } from '../harness/explore/verdict.ts';
import type { History } from '../harness/history/history.ts';
import type { Violation } from '../harness/invariants/invariant.ts';
import type { Machine } from '../harness/schedule/pool.ts';
import { corpusOf } from './corpus.ts';
import { scenarioModule } from './find-scenario.ts';
import type { Output } from './output.ts';

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

/** Replays the plan, reads the symptoms off it, and tests the scenario's claims. */
export async function reproduce(input: ReproduceInput): Promise<Reproduction> {
  const { scenario, plan, machines } = input;
  const history = await replayOnce(scenario, plan, machineOf(machines, plan.engine));
  const violations = violationsOf(scenario, history);
  return {
    scenario: scenario.name,
    strategy: plan.strategy,
    engine: plan.engine,
    symptoms: scenario.symptoms.map((symptom) => {
      const { reported } = symptom;
      const evidence = symptom.see(history);
      return { reported, seen: evidence !== undefined, evidence: evidence ?? 'not seen in this run' };
    }),
    claims: await testClaims(input),
    hash: history.hash,
    verdict: violations.length > 0 ? 'fail' : 'pass',
    violations,
  };
}

function machineOf(machines: ReadonlyMap<string, Machine>, engine: string): Machine {
  const machine = machines.get(engine);
  if (machine === undefined) throw new Error(`no machine for ${engine}`);
  return machine;
}

async function replayOnce(scenario: Scenario, plan: Plan, machine: Machine): Promise<History> {
  const coordinator = new Coordinator({ machine });
  try {
    return await coordinator.run(scenario, plan);
  } finally {
    coordinator.close();
  }
}

/** What runs of one cell (strategy × engine) violated. */
interface CellFinding {
  readonly runs: number;
  readonly violations: readonly Violation[];
}

/** The violations that a claim is about. */
function meantBy(claim: Claim, violations: readonly Violation[]): readonly Violation[] {
  return violations.filter(({ invariant }) => claim.invariants === undefined || claim.invariants.includes(invariant));
}

/** Every shipped plan of the scenario in the claim's cell, then random schedules, until one violates what it is about. */
async function explore(input: ReproduceInput, claim: Claim): Promise<CellFinding> {
  const { scenario, plan, machines, claimRuns, jobs, stop } = input;
  const { strategy, engine, invariants } = claim;
  const machine = machineOf(machines, engine);
  let runs = 0;
  for (const shipped of corpusOf(scenario.name)) {
    if (runs === claimRuns) break;
    const history = await replayOnce(scenario, { ...shipped, strategy, engine }, machine);
    const violations = meantBy(claim, violationsOf(scenario, history));
    runs++;
    if (violations.length > 0) return { runs, violations };
  }
  if (runs === claimRuns) return { runs, violations: [] };
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
  return { runs: runs + result.runs, violations: result.violations };
}

async function testClaims(input: ReproduceInput): Promise<Reproduction['claims']> {
  const findings = new Map<string, CellFinding>();
  const tested: Reproduction['claims'][number][] = [];
  for (const claim of input.scenario.claims) {
    const source = `${claim.source.by}: ${claim.source.where}`;
    if (input.claimRuns === 0 || input.stop()) {
      tested.push({ claim: claim.claim, source, outcome: 'untested', evidence: 'not tried' });
      continue;
    }
    const cell = `${claim.strategy} on ${claim.engine}`;
    const question = `${cell}: ${claim.invariants?.join() ?? 'any'}`;
    input.output.status(`testing: ${claim.claim}`);
    const finding = findings.get(question) ?? (await explore(input, claim));
    findings.set(question, finding);
    tested.push({ claim: claim.claim, source, ...judge(claim, cell, finding) });
  }
  input.output.clearStatus();
  return tested;
}

function judge(
  claim: Claim,
  cell: string,
  { runs, violations }: CellFinding,
): { outcome: 'confirmed' | 'refuted'; evidence: string } {
  const happened = violations.length > 0;
  const named = [...new Set(violations.map(({ invariant }) => invariant))].join(', ');
  return {
    outcome: happened === (claim.expects === 'violation') ? 'confirmed' : 'refuted',
    evidence: happened ? `${cell}: violated ${named} in run ${runs}` : `${cell}: nothing of the kind in ${runs} runs`,
  };
}
