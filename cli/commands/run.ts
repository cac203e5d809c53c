// lockstep run: explores one scenario under one strategy on one engine.
import { join } from 'node:path';
import { DEFAULT_ENGINE } from '../../harness/engines/catalogue.ts';
import { checkWritable, planText, writeWhole } from '../../harness/explore/plan-file.ts';
import { type ChooserName, chooserNames } from '../../harness/explore/runner.ts';
import type { Scenario } from '../../harness/explore/scenario.ts';
import { search, type SearchResult } from '../../harness/explore/search.ts';
import { exitCodes } from '../../harness/explore/verdict.ts';
import type { AddCommand } from '../main.ts';
import { findInvariants, findScenario, findStrategy, scenarioModule } from '../find-scenario.ts';
import { listenForInterrupt } from '../interrupt.ts';
import { machineFor } from '../machine.ts';
import { duration, oneOf, wholeNumber } from '../options.ts';
import type { Output } from '../output.ts';
import { percent, verdictWord } from '../words.ts';

interface RunOptions {
  readonly strategy?: string;
  readonly engine?: string;
  readonly gateways?: number;
  readonly runs?: number;
  readonly time?: number;
  readonly seed: number;
  readonly chooser: ChooserName;
  readonly preemptions?: number;
  readonly only?: string;
  readonly jobs: number;
  readonly limit: number;
  readonly out: string;
}

const defaultRuns = 1000;

async function run(output: Output, name: string, options: RunOptions): Promise<number> {
  const scenario = findScenario(name);
  const strategy = findStrategy(scenario, options.strategy);
  const only = options.only === undefined ? undefined : findInvariants(scenario, options.only);
  const engine = options.engine ?? scenario.engine ?? DEFAULT_ENGINE;
  checkWritable(options.out);
  const machine = await machineFor(engine, output);
  using interrupt = listenForInterrupt();
  const gateways = options.gateways ?? scenario.parameters.gateways;
  const runs = options.runs ?? (options.time === undefined ? defaultRuns : undefined);
  const began = performance.now();
  const result = await search({
    scenario,
    scenarioModule,
    machine,
    strategy,
    engine,
    parameters: { ...scenario.parameters, gateways },
    seed: options.seed,
    chooser: options.chooser,
    jobs: options.jobs,
    limitMs: options.limit * 1000,
    ...(only === undefined ? {} : { only }),
    ...(options.preemptions === undefined ? {} : { preemptions: options.preemptions }),
    ...(runs === undefined ? {} : { runs }),
    ...(options.time === undefined ? {} : { timeMs: options.time }),
    stop: () => interrupt.requested,
    onRun: (done) => {
      if (done % 16 === 0)
        output.status(`${name}: ${done} runs, ${Math.round(done / ((performance.now() - began) / 1000))}/s`);
    },
  });
  const plan = keepPlan(options.out, scenario, strategy, engine, options.seed, result, output);
  output.result({
    format: 1,
    scenario: name,
    strategy,
    engine,
    gateways,
    chooser: options.chooser,
    seed: options.seed,
    verdict: result.verdict,
    runs: result.runs,
    steps: result.steps,
    seconds: result.seconds,
    runsPerSecond: result.runs / result.seconds,
    upperBound: result.upperBound,
    marks: result.marks,
    violations: result.violations,
    plan,
    hash: result.hash,
    interrupted: result.interrupted,
  });
  if (!output.json) tell(output, scenario, strategy, engine, result, plan);
  if (result.verdict === 'fail') return exitCodes.fail;
  return interrupt.requested ? interrupt.exitCode : exitCodes[result.verdict];
}

/** Writes the plan of a failure. What cannot be written is printed, so that it is not lost. */
function keepPlan(
  folder: string,
  scenario: Scenario,
  strategy: string,
  engine: string,
  seed: number,
  result: SearchResult,
  output: Output,
): string | null {
  if (result.plan === undefined) return null;
  const path = join(folder, `${scenario.name}-${strategy}-${engine}-seed${seed}.json`);
  try {
    writeWhole(path, planText(result.plan));
  } catch (error) {
    process.stderr.write(`${planText(result.plan)}The plan above could not be written to ${path}: copy it.\n`);
    if (output.verbose) process.stderr.write(`${String(error)}\n`);
    return null;
  }
  return path;
}

function tell(
  output: Output,
  scenario: Scenario,
  strategy: string,
  engine: string,
  result: SearchResult,
  plan: string | null,
): void {
  const cell = `${scenario.name}, strategy ${strategy}, SQLite ${engine}`;
  output.say(`${verdictWord(output, result.verdict)}  ${cell}`);
  const rate = Math.round(result.runs / result.seconds);
  output.say(
    `  ${result.runs} runs in ${result.seconds.toFixed(1)} s (${rate}/s), ${result.steps} steps${result.interrupted ? '; interrupted' : ''}`,
  );
  for (const [mark, count] of Object.entries(result.marks)) {
    output.say(`  reached ${mark} in ${count} runs${mark === scenario.window ? ' (the dangerous window)' : ''}`);
  }
  if (result.upperBound !== null)
    output.say(`  at 95 % confidence the failure rate is below ${percent(result.upperBound)} a run`);
  if (result.verdict === 'inconclusive')
    output.say(`  the window ${scenario.window} was never reached: this is no pass`);
  for (const { invariant, message, step } of result.violations) {
    output.say(`  ${output.paint('red', invariant)}: ${message}${step === null ? '' : ` (step ${step})`}`);
  }
  if (plan !== null) output.say(`  plan: ${plan}\n  see it again: npx lockstep replay ${plan}`);
}

export const runCommand: AddCommand = (program, act) => {
  program
    .command('run')
    .argument('<scenario>', 'see `lockstep list`')
    .description('explores a scenario: random schedules until something breaks or the budget is spent')
    .option('--strategy <name>', "candidate fix; default: the scenario's first, as reported")
    .option('--engine <version>', 'SQLite version; default: that of the report')
    .option('--gateways <n>', 'how many gateways', wholeNumber(1, 16))
    .option('--runs <n>', `at most this many runs; default ${defaultRuns} unless --time is given`, wholeNumber(1))
    .option('--time <time>', 'stop after this time, such as 30s', duration)
    .option('--seed <n>', 'seed of the search', wholeNumber(0), 1)
    .option(
      '--chooser <name>',
      `who chooses the schedule: ${chooserNames.join(', ')}`,
      oneOf(chooserNames),
      'preemptions',
    )
    .option(
      '--preemptions <n>',
      'preemptions in each run; default: turns of random, heavy-tailed length',
      wholeNumber(0, 10_000),
    )
    .option(
      '--only <names>',
      'look for violations of these invariants only, with commas; `harm` is all but the hazards',
    )
    .option('--jobs <n>', 'coordinators side by side', wholeNumber(1, 64), 1)
    .option('--limit <seconds>', 'real seconds that a lane may take for one stretch of steps', wholeNumber(1), 20)
    .option('--out <folder>', 'where a plan that fails goes', 'lockstep-plans')
    .action(act(run));
};
