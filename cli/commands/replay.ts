// lockstep replay: runs a plan again, as often as asked, and fails when two replays differ.
import { dirname } from 'node:path';
import { Coordinator } from '../../harness/run/coordinator.ts';
import { violationsOf } from '../../harness/judge/judge-history.ts';
import { refusalSentence } from '../../harness/explain/errors.ts';
import { explainSteps } from '../../harness/explain/explain-steps.ts';
import { unstruck } from '../../harness/explain/tell-schedule.ts';
import { isExplained } from '../../harness/explain/run-steps.ts';
import type { Plan } from '../../harness/model/plan.ts';
import { checkWorkload } from '../../harness/search/plan-check.ts';
import { checkWritable, readAnyPlan } from '../../harness/search/plan-file.ts';
import { buildTimeline } from '../../harness/explain/timeline/build-timeline.ts';
import { EveryStep } from '../../harness/explain/timeline/every-step.ts';
import { inevitable } from '../../harness/search/inevitable.ts';
import { replayRemedy, seekDifference, type Sought, tellSought } from '../../harness/search/replay-differs.ts';
import type { Scenario } from '../../harness/model/scenario.ts';
import { exitCodes, type Verdict, verdictOf } from '../../harness/model/verdict.ts';
import type { History } from '../../harness/model/history.ts';
import { RunInterrupted } from '../../harness/errors/interrupted.ts';
import type { InevitablePoint } from '../../harness/model/timeline.ts';
import type { StepSink } from '../../harness/model/step.ts';
import { TraceWriter } from '../../harness/observe/trace.ts';
import { writeWhole } from '../../harness/host/write-whole.ts';
import { perfetto } from '../../reports/perfetto.ts';
import { findScenario, findStrategy } from '../../scenarios/find.ts';
import type { Interrupt } from '../interrupt.ts';
import { machineFor } from '../machine.ts';
import type { ReplayOptions } from '../declared/replay.ts';
import type { Output } from '../output.ts';
import { replayPowerLoss } from '../replay-crash.ts';
import { inevitableWords } from '../../reports/inevitable-words.ts';
import { count } from '../../reports/words.ts';
import { StatusLine } from '../status-line.ts';
import { tellViolations } from '../tell-violations.ts';
import { verdictWord } from '../words.ts';

/** Files that could not be written: the verdict is said all the same, and then why. */
class Unwritten {
  #first: { readonly error: unknown } | undefined;

  try(write: () => void): void {
    try {
      write();
    } catch (error) {
      this.#first ??= { error };
    }
  }

  throw(): void {
    if (this.#first !== undefined) throw this.#first.error;
  }
}

/** What the replays left. */
interface Replays {
  readonly first: History | undefined;
  readonly last: History | undefined;
  readonly hashes: ReadonlySet<string>;
  readonly times: number;
  /** Where they differ; undefined when they do not. */
  readonly sought: Sought | undefined;
  /** Empty where nobody asked, or nothing failed. */
  readonly inevitable: readonly InevitablePoint[];
}

interface Task {
  readonly scenario: Scenario;
  readonly plan: Plan;
  readonly options: ReplayOptions;
  readonly interrupt: Interrupt;
}

/** @param sinks see the first replay; they must bear to see its beginning twice */
async function replays(
  { scenario, plan, options, interrupt }: Task,
  coordinator: Coordinator,
  sinks: readonly StepSink[],
  onReplay: (times: number) => void,
): Promise<Replays> {
  const hashes = new Set<string>();
  let first: History | undefined;
  let last: History | undefined;
  let times = 0;
  let sought: Sought | undefined;
  let points: readonly InevitablePoint[] = [];
  try {
    while (times < options.times && !interrupt.requested) {
      const watching = times === 0 ? sinks : [];
      last = await coordinator.orInNode(() => coordinator.run(scenario, plan, undefined, watching));
      first ??= last;
      hashes.add(last.hash);
      onReplay(++times);
    }
    if (hashes.size > 1) sought = await seekDifference({ coordinator, scenario, plan });
    else if (last !== undefined)
      points = await whenInevitable({ scenario, plan, options, interrupt }, coordinator, last);
  } catch (error) {
    if (!(error instanceof RunInterrupted)) throw error;
  }
  return { first, last, hashes, times, sought, inevitable: points };
}

/** Where it was asked for, and the run fails. */
async function whenInevitable(
  { scenario, plan, options, interrupt }: Task,
  coordinator: Coordinator,
  history: History,
): Promise<readonly InevitablePoint[]> {
  const violations = violationsOf(scenario, history);
  if (options.inevitable === undefined || violations.length === 0) return [];
  const stop = () => interrupt.requested;
  return inevitable({ coordinator, scenario, plan, history, violations, timeMs: options.inevitable, stop });
}

function writeHistory(file: string, history: History): void {
  writeWhole(file, `${JSON.stringify(history, null, 2)}\n`);
}

function writePerfetto(
  file: string,
  { scenario, plan }: Task,
  { steps, statements }: EveryStep,
  history: History,
): void {
  const facts = explainSteps(steps.filter(isExplained), history, scenario.invariants, statements);
  const violations = violationsOf(scenario, history);
  const timeline = buildTimeline(steps, history, facts, { violations, stepsMax: Infinity });
  writeWhole(file, perfetto(timeline, `${plan.scenario}, ${plan.strategy}, SQLite ${plan.engine}`));
}

export async function replay(
  output: Output,
  interrupt: Interrupt,
  path: string,
  options: ReplayOptions,
): Promise<number> {
  const read = readAnyPlan(path);
  const scenario = findScenario(read.scenario);
  const plan = {
    ...read,
    strategy: findStrategy(scenario, options.strategy ?? read.strategy),
    engine: options.engine ?? read.engine,
  };
  checkWorkload(scenario, plan, path);
  const { crash } = plan;
  if (crash !== undefined)
    return replayPowerLoss(output, interrupt, { path, scenario, plan: { ...plan, crash }, options });
  const machine = await machineFor(plan.engine, output, interrupt, { host: options.host, scenarios: [scenario] });
  for (const option of ['history', 'perfetto'] as const) {
    const file = options[option];
    if (file !== undefined) checkWritable(dirname(file), `Name another file with --${option}.`);
  }
  const task = { scenario, plan, options, interrupt };
  const trace = options.trace === undefined ? undefined : new TraceWriter(options.trace, plan);
  const every = options.perfetto === undefined ? undefined : new EveryStep();
  const sinks = [trace, every].filter((sink) => sink !== undefined);
  const limitMs = options.limit * 1000;
  const coordinator = new Coordinator({ machine, fresh: options.fresh, limitMs, stop: () => interrupt.requested });
  const unwritten = new Unwritten();
  let done: Replays;
  try {
    using status = new StatusLine(output, 'the first replay');
    done = await replays(task, coordinator, sinks, (times) => status.says(`${times} of ${options.times} replays`));
  } finally {
    unwritten.try(() => trace?.close());
    coordinator.close();
  }
  const { first, last } = done;
  const { history: historyFile, perfetto: perfettoFile } = options;
  if (historyFile !== undefined && last !== undefined) unwritten.try(() => writeHistory(historyFile, last));
  if (perfettoFile !== undefined && every !== undefined && first !== undefined)
    unwritten.try(() => writePerfetto(perfettoFile, task, every, first));
  const verdict = tell(output, path, task, done);
  unwritten.throw();
  return interrupt.requested && verdict !== 'error' ? interrupt.exitCode : exitCodes[verdict];
}

function tell(output: Output, path: string, { scenario, plan, options, interrupt }: Task, done: Replays): Verdict {
  const { last, times, sought } = done;
  const violations = last === undefined ? [] : violationsOf(scenario, last);
  const hashes = [...done.hashes];
  const differs = hashes.length > 1;
  const says = sought === undefined ? [] : tellSought(sought, hashes);
  const verdict = verdictOf({ broken: differs, failed: violations.length > 0 });
  const { strategy, engine } = plan;
  output.result({
    format: 1,
    plan: path,
    scenario: plan.scenario,
    strategy,
    engine,
    times,
    interrupted: interrupt.requested,
    hashes,
    ...(sought === undefined ? {} : { difference: { ...sought.difference, replays: sought.hashes, says } }),
    verdict,
    violations,
    steps: last?.steps ?? 0,
    refusals: last?.refusals ?? [],
    marks: last?.marks ?? {},
    ...(options.inevitable === undefined ? {} : { inevitable: done.inevitable }),
  });
  if (output.json) return verdict;
  output.say(`${verdictWord(output, verdict)}  ${plan.scenario}, strategy ${strategy}, SQLite ${engine}`);
  output.say(
    times === 0
      ? '  interrupted before its first replay was over'
      : `  ${count(times, 'replay')}, ${count(hashes.length, 'hash', 'hashes')}: ${hashes.join(', ')}`,
  );
  if (differs) for (const line of ['two replays of one plan differ', ...says, replayRemedy]) output.say(`  ${line}`);
  sayRefusals(output, last?.refusals ?? []);
  if (last !== undefined) sayOfFaults(output, last);
  tellViolations(violations, scenario, output, '  ');
  if (options.inevitable !== undefined && violations.length > 0)
    output.say(
      `  ${inevitableWords(done.inevitable) ?? 'there was no time to see when it became inevitable: give --inevitable more'}`,
    );
  if (verdict === 'inconclusive' && times > 0)
    output.say('  it violates nothing here; one plan, however often it is replayed, is no pass');
  return verdict;
}

/** Faults that are told of a plan which has hundreds. */
const faultsTold = 5;

/** Faults of which nothing came: whoever has written the plan takes them for tried. */
function sayOfFaults(output: Output, history: History): void {
  const idle = history.strikes.flatMap(({ kind, note, changed }) =>
    note === undefined || changed === true ? [] : [`The fault ${kind} struck: ${note}.`],
  );
  const all = [...unstruck(history), ...idle];
  for (const sentence of all.slice(0, faultsTold)) output.say(`  ${sentence}`);
  if (all.length > faultsTold) output.say(`  and ${count(all.length - faultsTold, 'more fault')} of the plan`);
}

/** The first name that each lane was refused. */
function sayRefusals(output: Output, refusals: History['refusals']): void {
  for (const [, [first, ...more]] of Map.groupBy(refusals, ({ lane }) => lane))
    if (first !== undefined) output.say(`  ${refusalSentence(first, more.length)} (step ${first.step})`);
}
