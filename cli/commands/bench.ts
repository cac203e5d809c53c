// lockstep bench: how fast it is, as ratios measured side by side in one run: time to a known bug, against free-running
// stress; or, with --costs, what strategies cost; or, with --bugs, choosers on many known bugs. What stays out: measuring (cli/bench/, cli/costs/).
import { harmNames } from '../../harness/model/invariant.ts';
import { harnessError, usageError } from '../../harness/errors/errors.ts';
import type { Scenario } from '../../harness/model/scenario.ts';
import { judgedFree } from '../../harness/search/stress/free-history.ts';
import { defaultRestMsMax } from '../../harness/search/stress/rests.ts';
import { exitCodes } from '../../harness/model/verdict.ts';
import { defaultBugChoosers, defaultChoosers, depths, parseChoosers } from '../bench/choices.ts';
import { configurationsOf, engineOf } from '../bench/configurations.ts';
import { benchCosts, costedStrategies, tellCosts } from '../bench/costs.ts';
import { measureKnownBug } from '../bench/measure.ts';
import { tellKnownBug } from '../bench/table.ts';
import { checkStrategy, findInvariants, findScenario, findStrategy } from '../../scenarios/find.ts';
import { scenarioModuleOf } from '../../scenarios/known.ts';
import type { Interrupt } from '../interrupt.ts';
import { machinesFor } from '../machine.ts';
import { type BenchCommandOptions, defaults, jobsOf } from '../declared/bench.ts';
import { duration } from '../options.ts';
import type { Output } from '../output.ts';

async function costs(
  output: Output,
  interrupt: Interrupt,
  { engine, firstSeed, costTime, host }: BenchCommandOptions,
  list: string,
): Promise<number> {
  const names = costedStrategies(list);
  for (const name of names) checkStrategy(name);
  const measured = await benchCosts(output, { names, engine, timeMs: costTime, seed: firstSeed, interrupt, host });
  output.result({ format: 1, costs: measured, interrupted: interrupt.requested });
  if (!output.json) tellCosts(output, measured);
  return interrupt.requested ? interrupt.exitCode : 0;
}

/** Loaded here only: the bugs are no part of anything else. */
async function bugs(
  output: Output,
  interrupt: Interrupt,
  options: BenchCommandOptions,
  names: string | true,
): Promise<number> {
  const { benchBugs } = await import('../bench/bugs/bugs.ts');
  return benchBugs(output, interrupt, {
    names: names === true ? 'all' : names,
    choosers: options.choosers ?? parseChoosers(defaultBugChoosers),
    seeds: Array.from({ length: options.seeds }, (_, i) => options.firstSeed + i),
    runsMost: options.runs,
    timeMs: options.timeLimit ?? Infinity,
    jobs: options.jobs?.[0] ?? 1,
    shrinkMs: options.shrink,
    host: options.host,
    baseline: options.baseline,
  });
}

export async function bench(output: Output, interrupt: Interrupt, options: BenchCommandOptions): Promise<number> {
  if (options.costs !== undefined) return costs(output, interrupt, options, options.costs);
  if (options.bugs !== undefined) return bugs(output, interrupt, options, options.bugs);
  const scenario = findScenario(options.scenario);
  const strategy = findStrategy(scenario, options.strategy);
  const engine = engineOf(options.engine ?? scenario.engine, 'plain');
  const invariants =
    options.only === undefined ? bugOf(scenario, strategy, engine) : findInvariants(scenario, options.only);
  const configurations = configurationsOf(engine, {
    depths: options.engines ?? depths,
    jobs: options.jobs ?? jobsOf(defaults.jobs),
    choosers: options.choosers ?? parseChoosers(defaultChoosers),
  });
  const machines = await machinesFor([engine, ...new Set(configurations.map((one) => one.engine))], output, interrupt, {
    host: options.host,
    scenarios: [scenario],
  });
  const machine = machines.get(engine);
  if (machine === undefined) throw harnessError('NO_ENGINE', `The engine ${engine} is not there.`, 'Build it first.');
  const knownBug = await measureKnownBug({
    scenario,
    scenarioModule: scenarioModuleOf(scenario.name),
    strategy,
    engine,
    machines,
    binding: machine.binding,
    invariants,
    configurations,
    seeds: Array.from({ length: options.seeds }, (_, i) => options.firstSeed + i),
    timeLimitMs: options.timeLimit ?? duration(defaults.timeLimit),
    stressMs: stressMsOf(options.stress),
    ...(options.crews === undefined ? {} : { crews: options.crews }),
    restsMsMax: options.restMax ?? [0, defaultRestMsMax],
    stop: () => interrupt.requested,
    progress: (line) => output.progress(line),
    status: (line) => output.status(line),
  });
  output.result({ format: 2, knownBug, interrupted: interrupt.requested });
  if (!output.json) tellKnownBug(output, knownBug);
  if (interrupt.requested) {
    output.say('  interrupted: this is as far as it came');
    return interrupt.exitCode;
  }
  if (knownBug.configurations.some(({ hits }) => hits > 0)) return 0;
  output.say('  no search found anything: there is no time to a bug');
  return exitCodes.inconclusive;
}

function stressMsOf(stress: number | false | undefined): number {
  return stress === false ? 0 : (stress ?? duration(defaults.stress));
}

/** What the scenario claims to be violated on the engine, or any harm; as far as it can be judged without steps. */
function bugOf(scenario: Scenario, strategy: string, engine: string): readonly string[] {
  const claimed = scenario.claims
    .filter((claim) => claim.expects === 'violation' && claim.strategy === strategy && claim.engine === engine)
    .flatMap(({ invariants = [] }) => invariants);
  const harms = harmNames(scenario.invariants);
  const found = [claimed, harms]
    .map((names) => [...new Set(names)].filter((name) => judgedFree.includes(name)))
    .find((names) => names.length > 0);
  if (found !== undefined) return found;
  throw usageError(
    'NOTHING_TO_HIT',
    `The scenario ${scenario.name} has no invariant that can be judged without steps.`,
    'Name some with --only, and leave stress out with --no-stress.',
  );
}
