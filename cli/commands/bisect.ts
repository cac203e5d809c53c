// lockstep bisect: on which SQLite versions a plan fails; the last bad and the first good one.
import { engineStatus } from '../../harness/engines/ensure.ts';
import { allEntries } from '../../harness/engines/engine.ts';
import { boundaryOf, byVersion, type EngineVerdict, verdictOfAll } from '../../harness/search/bisect.ts';
import { Coordinator } from '../../harness/run/coordinator.ts';
import { violationsOf } from '../../harness/judge/judge-history.ts';
import { anchorsOf, judgePlan, type Judgement } from '../../harness/search/judge-plan.ts';
import { OWN_ENGINE } from '../../harness/model/process.ts';
import type { Plan } from '../../harness/model/plan.ts';
import { checkWorkload } from '../../harness/search/plan-check.ts';
import { readPlan } from '../../harness/search/plan-file.ts';
import type { Scenario } from '../../harness/model/scenario.ts';
import { exitCodes } from '../../harness/model/verdict.ts';
import { RunInterrupted } from '../../harness/errors/interrupted.ts';
import type { LaneBinaries } from '../../harness/run/pool.ts';
import { findInvariants, findScenario, findStrategy } from '../../scenarios/find.ts';
import type { Interrupt } from '../interrupt.ts';
import { machinesFor } from '../machine.ts';
import type { BisectOptions } from '../declared/bisect.ts';
import type { Output } from '../output.ts';
import { RunTime } from '../run-time.ts';
import { StatusLine } from '../status-line.ts';
import { percent } from '../../harness/model/percent.ts';
import { count } from '../../reports/words.ts';
import { verdictWord } from '../words.ts';

interface JudgedEngine extends EngineVerdict, Omit<Judgement, 'verdict' | 'plan'> {}

interface Task {
  readonly scenario: Scenario;
  readonly plan: Plan;
  readonly target: readonly string[];
  readonly machines: ReadonlyMap<string, LaneBinaries>;
  readonly options: BisectOptions;
  readonly interrupt: Interrupt;
}

/** Engines that need no network: those with their source here. */
function enginesHere(): readonly string[] {
  return allEntries()
    .map(({ name }) => name)
    .filter((name) => engineStatus(name) !== 'needs-fetch');
}

/** What the plan violates where it was found, and where its preemptions lie in the lanes' own steps. */
async function known(coordinator: Coordinator, { scenario, plan, target }: Task) {
  const anchors = await anchorsOf(coordinator, scenario, plan);
  const violated = violationsOf(scenario, await coordinator.run(scenario, plan)).map(({ invariant }) => invariant);
  const harm = violated.filter((name) => target.includes(name));
  return { anchors, target: harm.length > 0 ? [...new Set(harm)] : target };
}

interface AllJudged {
  readonly found: readonly JudgedEngine[];
  /** Some engine's part of --time was up before it was judged to its end. */
  readonly timeUp: boolean;
}

async function judged(task: Task, engines: readonly string[], output: Output): Promise<AllJudged> {
  const { scenario, plan, machines, options, interrupt } = task;
  const found: JudgedEngine[] = [];
  const time = new RunTime(options.time);
  let timeUp = false;
  const coordinator = (engine: string) => {
    const machine = machines.get(engine);
    if (machine === undefined) throw new Error(`no machine for ${engine}`);
    const stop = () => interrupt.requested || time.isUp(false);
    return new Coordinator({ machine, limitMs: options.limit * 1000, stop });
  };
  const own = coordinator(plan.engine);
  using status = new StatusLine(output, `${plan.engine}: replaying where it was found`);
  try {
    const { anchors, target } = await known(own, task);
    for (const [at, engine] of engines.entries()) {
      const untilMs = performance.now() + time.partMs(engines.length - at);
      const isUp = (): boolean => performance.now() >= untilMs;
      status.says(`${engine}: replaying`);
      const here = engine === plan.engine ? own : coordinator(engine);
      try {
        const { searches, bound } = options;
        const onRun = (runs: number) => status.says(`${engine}: ${runs} of at most ${searches} runs near the plan`);
        const told = {
          coordinator: here,
          scenario,
          plan: { ...plan, engine },
          anchors,
          target,
          searches,
          bound,
          onRun,
        };
        const { plan: _, ...rest } = await judgePlan({ ...told, stop: () => interrupt.requested || isUp() });
        timeUp ||= isUp() && rest.verdict === 'inconclusive';
        if (!interrupt.requested || rest.verdict === 'fail') found.push({ engine, ...rest });
      } finally {
        if (here !== own) here.close();
      }
    }
  } catch (error) {
    if (!(error instanceof RunInterrupted)) throw error;
    timeUp = !interrupt.requested;
  } finally {
    own.close();
  }
  return { found, timeUp };
}

export async function bisect(
  output: Output,
  interrupt: Interrupt,
  path: string,
  options: BisectOptions,
): Promise<number> {
  const plan = readPlan(path);
  const scenario = findScenario(plan.scenario);
  findStrategy(scenario, plan.strategy);
  checkWorkload(scenario, plan, path);
  const target = findInvariants(scenario, options.only ?? 'harm');
  const named = options.engines?.split(',').map((name) => name.trim()) ?? enginesHere();
  const engines = byVersion(plan.engine === OWN_ENGINE ? [OWN_ENGINE] : named);
  const machines = await machinesFor([...engines, plan.engine], output, interrupt, {
    host: options.host,
    scenarios: [scenario],
  });
  const { found, timeUp } = await judged({ scenario, plan, target, machines, options, interrupt }, engines, output);
  const boundary = boundaryOf(found);
  output.result({ format: 2, plan: path, engines: found, ...boundary, interrupted: interrupt.requested, timeUp });
  const untried = engines.filter((engine) => found.every((one) => one.engine !== engine));
  if (!output.json) {
    tell(output, found, untried, boundary);
    if (timeUp) output.say('  the time was up before every engine was judged to its end: give it more with --time');
  }
  if (interrupt.requested) return interrupt.exitCode;
  return exitCodes[verdictOfAll(found)];
}

function tell(
  output: Output,
  found: readonly JudgedEngine[],
  untried: readonly string[],
  boundary: ReturnType<typeof boundaryOf>,
): void {
  output.table(found.map((one) => [one.engine, verdictWord(output, one.verdict), saying(one)]));
  output.say();
  for (const line of boundaryWords(found, untried, boundary)) output.say(`  ${line}`);
}

/** @param untried engines that were not judged to their end */
export function boundaryWords(
  found: readonly EngineVerdict[],
  untried: readonly string[],
  { lastBad, firstGood, mixed }: ReturnType<typeof boundaryOf>,
): readonly string[] {
  const left = untried.length === 0 ? [] : [`ended early: no answer on ${untried.join(', ')}`];
  if (found.length === 0) return left;
  const older = mixed ? '; an older one passed, so it is not there in all versions before' : '';
  const said =
    lastBad === null
      ? `it did not fail on ${untried.length === 0 ? 'any of them' : found.map(({ engine }) => engine).join(', ')}`
      : `last bad ${lastBad}, first good ${firstGood ?? 'none of those tried'}${older}`;
  return [said, ...left];
}

export function saying({
  verdict,
  how,
  runs,
  repeats,
  reached,
  upperBound,
  missing,
  violations,
}: JudgedEngine): string {
  const drawn = runs - repeats;
  const near =
    drawn === 0
      ? `no random run near it, ${count(runs, 'replay')}`
      : `${count(drawn, 'random run')} near it, ${reached} of them in the window`;
  if (verdict === 'fail') {
    const what = [...new Set(violations.map(({ invariant }) => invariant))].join(', ');
    return how === 'search' ? `${what} (found nearby, in run ${runs})` : `${what} (by ${how})`;
  }
  if (verdict === 'pass') return `${near}; failure rate in the window at most ${percent(upperBound ?? 1)}`;
  return `${near}: ${missing} are missing for a pass`;
}
