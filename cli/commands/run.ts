// lockstep run: explores one scenario under one strategy on one engine.
import { rounded } from '../../harness/model/count.ts';
import { DEFAULT_ENGINE } from '../../harness/engines/catalogue.ts';
import { variantName } from '../../harness/engines/engine.ts';
import { usageError } from '../../harness/errors/errors.ts';
import { noticedSays } from '../../harness/model/noticed.ts';
import type { Plan } from '../../harness/model/plan.ts';
import { checkWorkload } from '../../harness/search/plan-check.ts';
import { checkWritable, readPlan } from '../../harness/search/plan-file.ts';
import { isOneRun } from '../../harness/search/runner.ts';
import { type Scenario, windowOf } from '../../harness/model/scenario.ts';
import { search, type SearchOptions, type SearchResult } from '../../harness/search/search.ts';
import {
  exitCodes,
  missingRuns,
  runsNeeded,
  upperBound as boundOfRuns,
  verdictOf,
} from '../../harness/model/verdict.ts';
import { type Cell, fileOf, keepFound, smaller } from '../cell.ts';
import { runExhaustive } from '../exhaustive.ts';
import { findInvariants, findScenario, findStrategy } from '../../scenarios/find.ts';
import { scenarioModuleOf } from '../../scenarios/known.ts';
import type { Interrupt } from '../interrupt.ts';
import { keepPlan, tellPlan } from '../keep-plan.ts';
import { machineFor } from '../machine.ts';
import { minimalDocument, tellMinimal } from '../minimal.ts';
import type { Output } from '../output.ts';
import { StatusLine } from '../status-line.ts';
import { percent } from '../../harness/model/percent.ts';
import { defaultRuns, type RunCommandOptions } from '../declared/run.ts';
import { RunTime } from '../run-time.ts';
import { isBroken } from '../../harness/search/power-runs.ts';
import { powerDocument, powerStage, tellPower } from '../power-stage.ts';
import { tellViolations } from '../tell-violations.ts';
import { exploredWords } from '../../reports/explored-words.ts';
import { verdictWord } from '../words.ts';

export async function run(
  output: Output,
  interrupt: Interrupt,
  name: string,
  options: RunCommandOptions,
): Promise<number> {
  const scenario = findScenario(name);
  const base = basePlan(scenario, options);
  const strategy = findStrategy(scenario, options.strategy ?? base?.strategy);
  const only = options.only === undefined ? undefined : findInvariants(scenario, options.only);
  const named = options.engine ?? base?.engine ?? scenario.engine ?? DEFAULT_ENGINE;
  const engine = options.deep ? variantName(named, 'shm') : named;
  if (options.chooser === 'exhaustive') checkExhaustive(options);
  checkWritable(options.out);
  const machine = await machineFor(engine, output, interrupt, { host: options.host, scenarios: [scenario] });
  const time = new RunTime(options.time);
  const cell: Cell = { scenario, strategy, engine, machine, base, only, options, time };
  if (options.chooser === 'exhaustive') return runExhaustive(output, cell, interrupt);
  const result = await explored(output, cell, options.chooser, interrupt);
  const found = result.plan;
  const foundFile = found === undefined ? null : keepFound(output, cell, found);
  const small = found === undefined || !options.shrink ? undefined : await smaller(output, cell, found, interrupt);
  const minimalFile = small === undefined ? null : keepPlan(fileOf(cell), small.shrunk.plan, output);
  const models = base === undefined ? (options.powerLoss ?? scenario.powerLoss ?? []) : [];
  const timeMs = options.time === undefined ? undefined : options.time / 3;
  const power = await powerStage(output, cell, models, interrupt, timeMs);
  const broken = power?.failures.findIndex(isBroken) ?? -1;
  const verdict = broken === -1 ? result.verdict : 'fail';
  const plan = minimalFile ?? foundFile ?? power?.files[broken] ?? null;
  const outcome = small?.shrunk ?? result;
  output.result({
    format: 2,
    scenario: name,
    strategy,
    engine,
    gateways: options.gateways ?? (base ?? scenario).parameters.gateways,
    chooser: options.chooser,
    seed: options.seed,
    verdict,
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
    explored: result.explored,
    noticed: result.noticed,
    invariants: invariantsOf(scenario, result, options),
    violations: outcome.violations,
    plan,
    hash: outcome.hash,
    interrupted: interrupt.requested,
    timeUp: result.timeUp,
    confirmed: result.failures[0]?.confirmed ?? null,
    promised: promiseOf(result, options),
    found: foundFile,
    ...(small === undefined ? {} : minimalDocument(small)),
    ...(power === undefined ? {} : powerDocument(power)),
  });
  if (!output.json) {
    tell(output, cell, result);
    if (small !== undefined) tellMinimal(small, scenario, output);
    else if (found !== undefined && options.shrink)
      output.say('  it was not made smaller: `npx lockstep shrink PLAN` tries that');
    tellPlan(minimalFile ?? foundFile, output);
    if (power !== undefined) tellPower(power, cell, output);
  }
  if (verdict === 'fail') return exitCodes.fail;
  return interrupt.requested ? interrupt.exitCode : exitCodes[verdict];
}

async function explored(
  output: Output,
  cell: Cell,
  chooser: SearchOptions['chooser'],
  interrupt: Interrupt,
): Promise<SearchResult> {
  using status = new StatusLine(output, `${cell.scenario.name}: the first run`);
  return await search(searchOptions(output, status, cell, chooser, interrupt));
}

/** The plan of all runs, when there is one: it must be this scenario's, and says itself how many gateways there are. */
function basePlan(scenario: Scenario, { plan: path, gateways }: RunCommandOptions): Plan | undefined {
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
function checkExhaustive({ runs, jobs }: RunCommandOptions): void {
  if (runs === undefined && jobs === 1) return;
  throw usageError(
    'EXHAUSTIVE_TAKES_NO_RUNS',
    'The chooser exhaustive tries every schedule of one plan, in one job: it takes neither --runs nor --jobs.',
    'Bound it with --preemptions and --time.',
  );
}

function searchOptions(
  output: Output,
  status: StatusLine,
  { scenario, strategy, engine, machine, base, only, options, time }: Cell,
  chooser: SearchOptions['chooser'],
  interrupt: Interrupt,
): SearchOptions {
  const began = performance.now();
  let told = false;
  const { gateways, preemptions, depth, seed, jobs, limit, bound } = options;
  const runs = options.runs ?? (options.time === undefined ? defaultRuns : undefined);
  const { parameters } = scenario;
  return {
    scenario,
    scenarioModule: scenarioModuleOf(scenario.name),
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
    ...(options.over === undefined ? {} : { over: options.over }),
    ...(runs === undefined ? {} : { runs }),
    ...time.search,
    stop: () => interrupt.requested,
    onRun: (done, failures) => {
      const [first] = failures;
      if (first !== undefined && !told) {
        told = true;
        const [says = first.invariant] = first.violations
          .filter(({ invariant }) => invariant === first.invariant)
          .map(({ message }) => `${first.invariant}: ${message.split('\n', 2).join(' ')}`);
        output.progress(`found in run ${first.run + 1}: ${says}`);
        output.progress('now the other invariants are looked at');
      }
      const found =
        first === undefined ? '' : `; ${first.invariant} failed in run ${first.run + 1}, looking at the others`;
      const rate = Math.round(done / ((performance.now() - began) / 1000));
      const most = runs === undefined ? '' : ` of at most ${runs}`;
      status.says(`${scenario.name}: ${done}${most} runs, ${rate}/s${found}`);
    },
  };
}

/** What the chooser promises for the plan of all runs: null when it promises nothing. Run 0 is not its own. */
function promiseOf({ promised, runs }: SearchResult, { depth }: RunCommandOptions) {
  if (promised === null) return null;
  const { lanes, points, bound } = promised;
  return { depth, lanes, points, perRun: bound, allRuns: 1 - (1 - bound) ** Math.max(0, runs - 1) };
}

/** One verdict an invariant: those that nobody violated are judged by the same runs. */
function invariantsOf({ invariants }: Scenario, result: SearchResult, { bound }: RunCommandOptions) {
  return invariants.map(({ name, about }) => {
    const first = result.failures.find(({ invariant }) => invariant === name)?.run ?? null;
    const failed = first !== null || result.besides.includes(name);
    return {
      name,
      about,
      verdict: verdictOf({ failed, drawnInWindow: result.reached, bound }),
      run: first === null ? null : first + 1,
    };
  });
}

function tell(output: Output, cell: Cell, result: SearchResult): void {
  const { scenario, strategy, engine, options } = cell;
  output.say(`${verdictWord(output, result.verdict)}  ${scenario.name}, strategy ${strategy}, SQLite ${engine}`);
  const rate = rounded(result.runs / result.seconds, 2);
  output.say(
    `  ${result.runs} runs in ${result.seconds.toFixed(1)} s (${rate}/s), ${result.steps} steps${result.interrupted ? '; interrupted' : ''}`,
  );
  if (result.timeUp) output.say(`  ${timeUpSays(result)}`);
  for (const [mark, count] of Object.entries(result.marks)) {
    output.say(
      `  reached ${mark} in ${count} runs${mark === windowOf(scenario, strategy) ? ' (the dangerous window)' : ''}`,
    );
  }
  for (const line of noticedSays(result.noticed, result.runs)) output.say(`  ${line}`);
  tellWorth(output, cell, result);
  if (result.verdict !== 'fail') for (const sentence of exploredWords(result.explored)) output.say(`  ${sentence}`);
  const promise = promiseOf(result, options);
  if (promise !== null) {
    const { depth, lanes, points, perRun, allRuns } = promise;
    output.say(
      `  a run finds a bug of depth ${depth} in its first ${points} switch points with a probability of at least ` +
        `1/(${lanes}·${points}^${depth - 1}) = ${perRun.toPrecision(2)}, one of ${result.runs} runs with ${allRuns.toPrecision(2)}`,
    );
  }
  const [first] = result.failures;
  if (first !== undefined) {
    output.say(
      `  found in run ${first.run + 1}${first.confirmed ? '' : '; there was no time to confirm it by a replay'}`,
    );
    tellViolations(first.violations, scenario, output);
  }
  if (result.verdict === 'fail') tellInvariants(output, cell, result);
}

/** Which share of --time was spent. */
function timeUpSays({ runs, failures }: SearchResult): string {
  if (failures.length > 0) return 'half of --time was gone, which is what looking at the other invariants may take';
  return runs === 0
    ? 'no run was over in half of --time, and the other half is for confirming what one finds: give it more'
    : 'the time was up';
}

/** What a pass rules out, or what is missing for one. */
function tellWorth(output: Output, cell: Cell, result: SearchResult): void {
  const { scenario, strategy, base, options } = cell;
  const { runs, repeats, reached, missing, verdict, upperBound, upperBoundAllRuns } = result;
  if (isOneRun({ base, chooser: options.chooser, preemptions: options.preemptions }))
    output.say('  a plan that is given, under a schedule in which nothing is drawn, is one run: it is made once');
  else if (repeats > 0 && (base === undefined || repeats > 1))
    output.say(
      `  ${repeats} of ${runs} runs count for nothing: they did what an earlier one had done${options.chooser === 'feedback' ? ', or were drawn from one' : ''}`,
    );
  if (upperBound !== null && upperBoundAllRuns !== null)
    output.say(
      `  at 95 % confidence a run in the window fails in at most ${percent(upperBound)} of cases, any run in at most ${percent(upperBoundAllRuns)}`,
    );
  if (verdict === 'inconclusive')
    output.say(
      `  ${reached} of the ${runsNeeded(options.bound)} random runs in the window ${windowOf(scenario, strategy)} that a pass takes: ${missing} are missing, so this is no pass`,
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
  const worth =
    first.verdict === 'pass'
      ? `${result.reached} runs in the window, at most ${percent(boundOfRuns(result.reached) ?? 1)}`
      : `${result.reached} runs in the window, ${missingRuns(result.reached, options.bound)} are missing`;
  output.say(`  ${verdictWord(output, first.verdict)} ${rest.map(({ name }) => name).join(', ')} (${worth})`);
}
