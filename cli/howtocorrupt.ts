// One way of a section, tried: a wrong one by its shipped plan, a right one by random runs until there are enough for a pass. What stays
// out: which there are (scenarios/howtocorrupt/), and words.
import type { Coordinator } from '../harness/run/coordinator.ts';
import type { LaneBinaries } from '../harness/run/pool.ts';
import { violationsOf } from '../harness/judge/judge-history.ts';
import { ExploredTally } from '../harness/model/explored.ts';
import { judgeRuns, type RunCounts, type Verdict } from '../harness/model/verdict.ts';
import { search } from '../harness/search/search.ts';
import { sizeOf } from '../harness/search/size.ts';
import type { Section, Way } from '../scenarios/howtocorrupt/section.ts';
import { shippedPlan } from '../scenarios/howtocorrupt/shipped.ts';
import { scenarioModuleOf } from '../scenarios/known.ts';
import { defaultChooser } from '../harness/run/choosers/names.ts';

/**
 * @property expected of a wrong way `fail`, of a right one `pass`
 * @property violated the invariants that are claimed to be, and were
 * @property steps of the run that violates them
 * @property size of its plan
 * @property hash of its trace
 */
export interface WayTried {
  readonly section: string;
  readonly title: string;
  readonly scenario: string;
  readonly way: string;
  readonly says: string;
  readonly engine: string;
  readonly expected: 'fail' | 'pass';
  readonly verdict: Verdict;
  readonly runs: number;
  readonly reached: number;
  readonly missing: number;
  readonly upperBound: number | null;
  readonly violated: readonly string[];
  readonly message: string | null;
  readonly steps: number | null;
  readonly size: { readonly preemptions: number; readonly faults: number; readonly operations: number } | null;
  readonly hash: string | null;
  /** What tries it by itself. */
  readonly command: string;
}

export interface TryOptions {
  readonly coordinator: Coordinator;
  readonly machine: LaneBinaries;
  readonly engine: string;
  readonly runs: number;
  readonly bound: number;
  readonly seed: number;
  readonly stop: () => boolean;
}

/** So many runs are made before it is asked whether they are enough. */
const atOnce = 65;

export function tryWay(section: Section, way: Way, options: TryOptions): Promise<WayTried> {
  return way.wrong === undefined ? tryRight(section, way, options) : tryWrong(section, way, way.wrong, options);
}

function about({ section, title, scenario }: Section, { name, says }: Way, { engine }: TryOptions) {
  const command = `npx lockstep run ${scenario.name} --strategy ${name} --engine ${engine}`;
  return { section, title, scenario: scenario.name, way: name, says, engine, command };
}

/** The plan fails, or it is said what came instead. */
async function tryWrong(section: Section, way: Way, wrong: readonly string[], options: TryOptions): Promise<WayTried> {
  const { scenario } = section;
  const plan = shippedPlan(scenario.name, way.name, options.engine);
  if (plan === undefined) throw new Error(`no plan of ${scenario.name} under ${way.name} is shipped`);
  const history = await options.coordinator.run(scenario, plan);
  const found = violationsOf(scenario, history).filter(({ invariant }) => wrong.includes(invariant));
  return {
    ...about(section, way, options),
    expected: 'fail',
    verdict: found.length > 0 ? 'fail' : 'inconclusive',
    runs: 1,
    reached: 0,
    missing: 0,
    upperBound: null,
    violated: [...new Set(found.map(({ invariant }) => invariant))],
    message: found[0]?.message ?? null,
    steps: history.steps,
    size: sizeOf(scenario, plan),
    hash: history.hash,
  };
}

async function tryRight(section: Section, way: Way, options: TryOptions): Promise<WayTried> {
  const { scenario } = section;
  const { coordinator, machine, engine, runs: runsMost, bound, seed, stop } = options;
  let counts: RunCounts = { runs: 0, repeats: 0, reached: 0 };
  const seen: string[] = [];
  const tally = new ExploredTally();
  for (;;) {
    const part = await search({
      scenario,
      scenarioModule: scenarioModuleOf(scenario.name),
      machine,
      coordinator,
      strategy: way.name,
      engine,
      parameters: scenario.parameters,
      chooser: defaultChooser,
      seed,
      bound,
      stop,
      first: counts.runs,
      runs: Math.min(atOnce, runsMost - counts.runs),
      seen,
      tally,
    });
    seen.push(...part.fingerprints);
    counts = {
      runs: counts.runs + part.runs,
      repeats: counts.repeats + part.repeats,
      reached: counts.reached + part.reached,
    };
    const judged = judgeRuns(counts, { failed: part.violations.length > 0, bound });
    const goesOn = judged.verdict === 'inconclusive' && counts.runs < runsMost && part.runs > 0 && !part.interrupted;
    if (goesOn) continue;
    return {
      ...about(section, way, options),
      expected: 'pass',
      verdict: judged.verdict,
      runs: counts.runs,
      reached: counts.reached,
      missing: judged.missing,
      upperBound: judged.upperBound,
      violated: [...new Set(part.violations.map(({ invariant }) => invariant))],
      message: part.violations[0]?.message ?? null,
      steps: null,
      size: part.plan === undefined ? null : sizeOf(scenario, part.plan),
      hash: part.hash,
    };
  }
}
