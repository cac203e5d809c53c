// lockstep replay: runs a plan again, as often as asked, and fails when two replays differ.
import { dirname } from 'node:path';
import { Coordinator, violationsOf } from '../../harness/explore/coordinator.ts';
import { explainSteps } from '../../harness/explore/explain/explain-steps.ts';
import { refusalSentence } from '../../harness/explore/explain/errors.ts';
import { isExplained } from '../../harness/explore/explain/run-steps.ts';
import { checkWorkload } from '../../harness/explore/plan-check.ts';
import { checkWritable, readPlan, writeWhole } from '../../harness/explore/plan-file.ts';
import { buildTimeline } from '../../harness/explore/timeline/build-timeline.ts';
import { EveryStep } from '../../harness/explore/timeline/every-step.ts';
import { exitCodes, type Verdict } from '../../harness/explore/verdict.ts';
import type { History } from '../../harness/history/history.ts';
import { RunInterrupted } from '../../harness/schedule/run-errors.ts';
import { TraceWriter } from '../../harness/history/trace.ts';
import { perfetto } from '../../reports/perfetto.ts';
import { findScenario, findStrategy } from '../find-scenario.ts';
import { listenForInterrupt } from '../interrupt.ts';
import { machineFor } from '../machine.ts';
import type { AddCommand } from '../main.ts';
import { wholeNumber } from '../options.ts';
import type { Output } from '../output.ts';
import { verdictWord } from '../words.ts';

interface ReplayOptions {
  readonly times: number;
  readonly engine?: string;
  readonly strategy?: string;
  readonly fresh: boolean;
  readonly trace?: string;
  readonly history?: string;
  readonly perfetto?: string;
  readonly limit: number;
}

async function replay(output: Output, path: string, options: ReplayOptions): Promise<number> {
  const read = readPlan(path);
  const scenario = findScenario(read.scenario);
  const plan = {
    ...read,
    strategy: findStrategy(scenario, options.strategy ?? read.strategy),
    engine: options.engine ?? read.engine,
  };
  checkWorkload(scenario, plan, path);
  const machine = await machineFor(plan.engine, output);
  using interrupt = listenForInterrupt();
  if (options.perfetto !== undefined) checkWritable(dirname(options.perfetto), 'Name another file with --perfetto.');
  const trace = options.trace === undefined ? undefined : new TraceWriter(options.trace, plan);
  const every = options.perfetto === undefined ? undefined : new EveryStep();
  const coordinator = new Coordinator({
    machine,
    fresh: options.fresh,
    limitMs: options.limit * 1000,
    stop: () => interrupt.requested,
  });
  const hashes = new Set<string>();
  let history: History | undefined;
  let first: History | undefined;
  let times = 0;
  try {
    while (times < options.times && !interrupt.requested) {
      const sinks = times === 0 ? [trace, every].filter((sink) => sink !== undefined) : [];
      history = await coordinator.run(scenario, plan, undefined, sinks);
      first ??= history;
      hashes.add(history.hash);
      times++;
      output.status(`replay ${times} of ${options.times}`);
    }
  } catch (error) {
    if (!(error instanceof RunInterrupted)) throw error;
  } finally {
    trace?.close();
    coordinator.close();
  }
  if (options.history !== undefined && history !== undefined) {
    writeWhole(options.history, `${JSON.stringify(history, null, 2)}\n`);
  }
  const violations = history === undefined ? [] : violationsOf(scenario, history);
  if (options.perfetto !== undefined && every !== undefined && first !== undefined) {
    const facts = explainSteps(every.steps.filter(isExplained), first, scenario.invariants);
    const found = violationsOf(scenario, first);
    const timeline = buildTimeline(every.steps, first, facts, { violations: found, stepsMax: Infinity });
    writeWhole(options.perfetto, perfetto(timeline, `${plan.scenario}, ${plan.strategy}, SQLite ${plan.engine}`));
  }
  const differs = hashes.size > 1;
  const reached = (history?.marks[scenario.window] ?? 0) > 0;
  const verdict: Verdict = differs ? 'error' : violations.length > 0 ? 'fail' : reached ? 'pass' : 'inconclusive';
  output.result({
    format: 1,
    plan: path,
    scenario: plan.scenario,
    strategy: plan.strategy,
    engine: plan.engine,
    times,
    interrupted: interrupt.requested,
    hashes: [...hashes],
    verdict,
    violations,
    steps: history?.steps ?? 0,
    refusals: history?.refusals ?? [],
    marks: history?.marks ?? {},
  });
  if (!output.json) {
    output.say(`${verdictWord(output, verdict)}  ${plan.scenario}, strategy ${plan.strategy}, SQLite ${plan.engine}`);
    output.say(
      `  ${times} ${times === 1 ? 'replay' : 'replays'}, ${hashes.size} ${hashes.size === 1 ? 'hash' : 'hashes'}: ${[...hashes].join(', ')}`,
    );
    if (differs)
      output.say('  two replays of one plan differ: this breaks the first promise of Lockstep, please report it');
    sayRefusals(output, history?.refusals ?? []);
    for (const { invariant, message } of violations) output.say(`  ${output.paint('red', invariant)}: ${message}`);
  }
  if (differs) return exitCodes.error;
  return interrupt.requested ? interrupt.exitCode : exitCodes[verdict];
}

/** The first name that each lane was refused. */
function sayRefusals(output: Output, refusals: History['refusals']): void {
  for (const [, [first, ...more]] of Map.groupBy(refusals, ({ lane }) => lane))
    if (first !== undefined) output.say(`  ${refusalSentence(first, more.length)} (step ${first.step})`);
}

export const replayCommand: AddCommand = (program, act) => {
  program
    .command('replay')
    .argument('<plan>', 'a plan file')
    .description('runs a plan again; fails when two replays differ')
    .option('--times <n>', 'how often', wholeNumber(1), 1)
    .option('--engine <version>', "another SQLite version than the plan's")
    .option('--strategy <name>', "another strategy than the plan's")
    .option('--fresh', 'fresh processes for every replay', false)
    .option('--trace <file>', 'writes the steps of the first replay as NDJSON')
    .option('--history <file>', 'writes the history of the last replay as JSON: observations, looks, autopsy')
    .option('--perfetto <file>', 'writes the first replay as a trace for ui.perfetto.dev')
    .option('--limit <seconds>', 'real seconds that a lane may take for one stretch of steps', wholeNumber(1), 20)
    .action(act(replay));
};
