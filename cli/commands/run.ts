// lockstep run: explores one scenario under one strategy on one engine.
import { DEFAULT_ENGINE } from '../../harness/engines/catalogue.ts';
import { variantName } from '../../harness/engines/engine.ts';
import { usageError } from '../../harness/errors.ts';
import type { Plan } from '../../harness/explore/plan.ts';
import { checkWorkload } from '../../harness/explore/plan-check.ts';
import { checkWritable, readPlan } from '../../harness/explore/plan-file.ts';
import { defaultDepth, isOneRun } from '../../harness/explore/runner.ts';
import type { Scenario } from '../../harness/explore/scenario.ts';
import { search, type SearchOptions, type SearchResult } from '../../harness/explore/search.ts';
import {
  exitCodes,
  missingRuns,
  runsNeeded,
  upperBound as boundOfRuns,
  verdictOf,
} from '../../harness/model/verdict.ts';
import { chooserNames } from '../../harness/schedule/choosers/catalogue.ts';
import { type Cell, fileOf, keepFound, type RunOptions, smaller } from '../cell.ts';
import { runExhaustive } from '../exhaustive.ts';
import { findInvariants, findScenario, findStrategy, scenarioModule } from '../find-scenario.ts';
import type { Interrupt } from '../interrupt.ts';
import { keepPlan, tellPlan } from '../keep-plan.ts';
import { machineFor } from '../machine.ts';
import type { AddCommand } from '../main.ts';
import { minimalDocument, tellMinimal } from '../minimal.ts';
import { boundOption, duration, durationOption, hostOption, oneOf, wholeNumber } from '../options.ts';
import type { Output } from '../output.ts';
import { percent } from '../../harness/model/percent.ts';
import { tellViolations } from '../tell-violations.ts';
import { verdictWord } from '../words.ts';

const defaultRuns = 1000;

async function run(output: Output, interrupt: Interrupt, name: string, options: RunOptions): Promise<number> {
  const scenario = findScenario(name);
  const base = basePlan(scenario, options);
  const strategy = findStrategy(scenario, options.strategy ?? base?.strategy);
  const only = options.only === undefined ? undefined : findInvariants(scenario, options.only);
  const named = options.engine ?? base?.engine ?? scenario.engine ?? DEFAULT_ENGINE;
  const engine = options.deep ? variantName(named, 'shm') : named;
  if (options.chooser === 'exhaustive') checkExhaustive(options);
  checkWritable(options.out);
  const machine = await machineFor(engine, output, interrupt, options.host);
  const cell: Cell = { scenario, strategy, engine, machine, base, only, options };
  if (options.chooser === 'exhaustive') return runExhaustive(output, cell, interrupt);
  const result = await search(searchOptions(output, cell, options.chooser, interrupt));
  const found = result.plan;
  const foundFile = found === undefined ? null : keepFound(output, cell, found);
  const small = found === undefined || !options.shrink ? undefined : await smaller(output, cell, found, interrupt);
  const minimalFile = small === undefined ? null : keepPlan(fileOf(cell), small.shrunk.plan, output);
  const plan = minimalFile ?? foundFile;
  const outcome = small?.shrunk ?? result;
  output.result({
    format: 2,
    scenario: name,
    strategy,
    engine,
    gateways: options.gateways ?? (base ?? scenario).parameters.gateways,
    chooser: options.chooser,
    seed: options.seed,
    verdict: result.verdict,
    runs: result.runs,
    steps: result.steps,
    seconds: result.seconds,
    runsPerSecond: result.runs / result.seconds,
    repeats: result.repeats,
    reached: result.reached,
    upperBound: result.upperBound,
    upperBoundAllRuns: result.upperBoundAllRuns,
    missing: result.missing,
    marks: result.marks,
    invariants: invariantsOf(scenario, result, options),
    violations: outcome.violations,
    plan,
    hash: outcome.hash,
    interrupted: interrupt.requested,
    promised: promiseOf(result, options),
    found: foundFile,
    ...(small === undefined ? {} : minimalDocument(small)),
  });
  if (!output.json) {
    tell(output, cell, result);
    if (small !== undefined) tellMinimal(small, output);
    else if (found !== undefined && options.shrink) output.say('  there was no time to make it smaller');
    tellPlan(plan, output);
  }
  if (result.verdict === 'fail') return exitCodes.fail;
  return interrupt.requested ? interrupt.exitCode : exitCodes[result.verdict];
}

/** The plan of all runs, when there is one: it must be this scenario's, and says itself how many gateways there are. */
function basePlan(scenario: Scenario, { plan: path, gateways }: RunOptions): Plan | undefined {
  if (path === undefined) return undefined;
  const plan = readPlan(path);
  if (plan.scenario !== scenario.name) {
    throw usageError(
      'PLAN_SCENARIO',
      `The plan ${path} belongs to the scenario ${plan.scenario}, not to ${scenario.name}.`,
      `Run that one: \`npx lockstep run ${plan.scenario} --plan ${path}\`.`,
    );
  }
  if (gateways !== undefined) {
    throw usageError(
      'PLAN_GATEWAYS',
      `The plan ${path} says how many gateways there are, so --gateways cannot.`,
      'Leave --gateways out, or run without --plan.',
    );
  }
  checkWorkload(scenario, plan, path);
  return plan;
}

/** All schedules of one plan are one search: it cannot be cut into runs. */
function checkExhaustive({ runs, jobs }: RunOptions): void {
  if (runs === undefined && jobs === 1) return;
  throw usageError(
    'EXHAUSTIVE_TAKES_NO_RUNS',
    'The chooser exhaustive tries every schedule of one plan, in one job: it takes neither --runs nor --jobs.',
    'Bound it with --preemptions and --time.',
  );
}

function searchOptions(
  output: Output,
  { scenario, strategy, engine, machine, base, only, options }: Cell,
  chooser: SearchOptions['chooser'],
  interrupt: Interrupt,
): SearchOptions {
  const began = performance.now();
  const { gateways, preemptions, depth, seed, jobs, limit, time, bound } = options;
  const runs = options.runs ?? (time === undefined ? defaultRuns : undefined);
  const { parameters } = scenario;
  return {
    scenario,
    scenarioModule,
    machine,
    strategy,
    engine,
    parameters: gateways === undefined ? parameters : { ...parameters, gateways },
    gatewaysFixed: gateways !== undefined,
    seed,
    chooser,
    depth,
    jobs,
    bound,
    goOn: true,
    limitMs: limit * 1000,
    ...(base === undefined ? {} : { base }),
    ...(only === undefined ? {} : { only }),
    ...(preemptions === undefined ? {} : { preemptions }),
    ...(runs === undefined ? {} : { runs }),
    ...(time === undefined ? {} : { timeMs: time }),
    stop: () => interrupt.requested,
    onRun: (done, failures) => {
      if (done % 16 !== 0) return;
      const [first] = failures;
      const found = first === undefined ? '' : `; ${first.invariant} failed in run ${first.run}, looking at the others`;
      const rate = Math.round(done / ((performance.now() - began) / 1000));
      output.status(`${scenario.name}: ${done} runs, ${rate}/s${found}`);
    },
  };
}

/** What the chooser promises for the plan of all runs: null when it promises nothing. Run 0 is not its own. */
function promiseOf({ promised, runs }: SearchResult, { depth }: RunOptions) {
  if (promised === null) return null;
  const { lanes, points, bound } = promised;
  return { depth, lanes, points, perRun: bound, allRuns: 1 - (1 - bound) ** Math.max(0, runs - 1) };
}

/** One verdict an invariant: those that nobody violated are judged by the same runs. */
function invariantsOf({ invariants }: Scenario, result: SearchResult, { bound }: RunOptions) {
  return invariants.map(({ name, about }) => {
    const first = result.failures.find(({ invariant }) => invariant === name)?.run ?? null;
    const failed = first !== null || result.besides.includes(name);
    return { name, about, verdict: verdictOf({ failed, drawnInWindow: result.reached, bound }), run: first };
  });
}

function tell(output: Output, cell: Cell, result: SearchResult): void {
  const { scenario, strategy, engine, options } = cell;
  output.say(`${verdictWord(output, result.verdict)}  ${scenario.name}, strategy ${strategy}, SQLite ${engine}`);
  const rate = Math.round(result.runs / result.seconds);
  output.say(
    `  ${result.runs} runs in ${result.seconds.toFixed(1)} s (${rate}/s), ${result.steps} steps${result.interrupted ? '; interrupted' : ''}`,
  );
  for (const [mark, count] of Object.entries(result.marks)) {
    output.say(`  reached ${mark} in ${count} runs${mark === scenario.window ? ' (the dangerous window)' : ''}`);
  }
  tellWorth(output, cell, result);
  const promise = promiseOf(result, options);
  if (promise !== null) {
    const { depth, lanes, points, perRun, allRuns } = promise;
    output.say(
      `  a run finds a bug of depth ${depth} in its first ${points} switch points with a probability of at least ` +
        `1/(${lanes}·${points}^${depth - 1}) = ${perRun.toPrecision(2)}, one of ${result.runs} runs with ${allRuns.toPrecision(2)}`,
    );
  }
  if (result.violations.length > 0) {
    output.say(`  found in run ${result.runs - 1}`);
    tellViolations(result.violations, output);
  }
  if (result.verdict === 'fail') tellInvariants(output, cell, result);
}

/** What a pass rules out, or what is missing for one. */
function tellWorth(output: Output, cell: Cell, result: SearchResult): void {
  const { scenario, base, options } = cell;
  const { runs, repeats, reached, missing, verdict, upperBound, upperBoundAllRuns } = result;
  if (isOneRun({ base, chooser: options.chooser, preemptions: options.preemptions }))
    output.say('  a plan that is given, under a schedule in which nothing is drawn, is one run: it is made once');
  else if (repeats > 0 && (base === undefined || repeats > 1))
    output.say(`  ${repeats} of ${runs} runs count for nothing: they did what an earlier one had done`);
  if (upperBound !== null && upperBoundAllRuns !== null)
    output.say(
      `  at 95 % confidence a run in the window fails in at most ${percent(upperBound)} of cases, any run in at most ${percent(upperBoundAllRuns)}`,
    );
  if (verdict === 'inconclusive')
    output.say(
      `  ${reached} of the ${runsNeeded(options.bound)} random runs in the window ${scenario.window} that a pass takes: ${missing} are missing, so this is no pass`,
    );
}

/** One line each for those that were violated, and one for all others together. */
function tellInvariants(output: Output, { scenario, only, options }: Cell, result: SearchResult): void {
  const judged = invariantsOf(scenario, result, options).filter(({ name }) => only?.includes(name) ?? true);
  for (const one of judged)
    if (one.run !== null) output.say(`  ${verdictWord(output, 'fail')} ${one.name}: first in run ${one.run}`);
  const rest = judged.filter(({ verdict }) => verdict !== 'fail');
  const [first] = rest;
  if (first === undefined) return;
  const missing = missingRuns(result.reached, options.bound);
  const worth =
    missing === 0
      ? `${result.reached} runs in the window, at most ${percent(boundOfRuns(result.reached) ?? 1)}`
      : `${result.reached} runs in the window, ${missing} are missing`;
  output.say(`  ${verdictWord(output, first.verdict)} ${rest.map(({ name }) => name).join(', ')} (${worth})`);
}

export const runCommand: AddCommand = (program, act) => {
  program
    .command('run')
    .argument('<scenario>', 'see `lockstep list`')
    .description('explores a scenario until something breaks or the budget is spent; a failure is shrunk and explained')
    .option('--strategy <name>', "candidate fix; default: the scenario's first, as reported")
    .option('--engine <version>', 'SQLite version; default: that of the report')
    .addOption(hostOption())
    .option('--deep', "the engine's deep variant (ENGINE+shm): wal-index accesses are switch points too", false)
    .option(
      '--gateways <n>',
      'how many gateways; default: as reported, one more or less now and then',
      wholeNumber(1, 16),
    )
    .option('--plan <file>', "this plan's workload and faults in every run; only the schedule differs")
    .option('--runs <n>', `at most this many runs; default ${defaultRuns} unless --time is given`, wholeNumber(1))
    .option('--time <time>', 'stop after this time, such as 30s', duration)
    .addOption(boundOption())
    .option('--seed <n>', 'seed of the search', wholeNumber(0), 1)
    .option(
      '--chooser <name>',
      `who chooses the schedule: ${chooserNames.join(', ')}`,
      oneOf(chooserNames),
      'preemptions',
    )
    .option(
      '--preemptions <n>',
      'preemptions in each run; default: turns of random, heavy-tailed length; exhaustive: up to so many (2)',
      wholeNumber(0, 10_000),
    )
    .option('--depth <n>', 'bug depth that `pct` aims at', wholeNumber(1, 20), defaultDepth)
    .option(
      '--only <names>',
      'look for violations of these invariants only, with commas; `harm` is all but the hazards',
    )
    .option('--jobs <n>', 'coordinators side by side', wholeNumber(1, 64), 1)
    .option(
      '--limit <seconds>',
      'seconds that a lane may compute or sleep outside its World in one stretch; waiting for a processor does not count',
      wholeNumber(1),
      20,
    )
    .option('--no-shrink', 'leave a plan that fails as it was found')
    .addOption(
      durationOption('--shrink-time <time>', 'at most this long for making it smaller and explaining it', '60s'),
    )
    .option('--out <folder>', 'where a plan that fails goes', 'lockstep-plans')
    .action(act('files', run));
};
