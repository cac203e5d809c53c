// Judging a plan elsewhere: on another engine or under another strategy the same schedule may mean other moments, since
// the lanes take other steps. So the plan is replayed as it is; then with its preemptions at the same places of each lane;
// then under schedules near it and by chance. What stays out: which engines to judge on (bisect.ts).
import type { History } from '../history/history.ts';
import type { Violation } from '../invariants/invariant.ts';
import type { StepSink } from '../history/step.ts';
import type { Chooser } from '../schedule/chooser.ts';
import { type Anchor, AnchoredChooser, AnchorRecorder, nearAnchors } from '../schedule/choosers/anchored.ts';
import { turnsChooser } from '../schedule/choosers/preemptions.ts';
import { replayChooser } from '../schedule/choosers/replay.ts';
import { type Coordinator, violationsOf } from './coordinator.ts';
import type { Plan } from './plan.ts';
import { randomOf } from './random.ts';
import type { Scenario } from './scenario.ts';
import { upperBound, type Verdict } from './verdict.ts';

/**
 * How a judgement came about: the plan as it is · its preemptions at the same places of each lane · schedules near them
 * and by chance
 */
export type How = 'replay' | 'same places' | 'search';

/**
 * @property runs made in all
 * @property reached in how many of them the scenario's window was reached
 * @property upperBound on the failure rate of runs near the plan; null unless it passed
 * @property plan one that fails here, when one was found
 */
export interface Judgement {
  readonly verdict: Exclude<Verdict, 'error'>;
  readonly how: How;
  readonly runs: number;
  readonly reached: number;
  readonly upperBound: number | null;
  readonly violations: readonly Violation[];
  readonly plan: Plan | undefined;
}

/**
 * @property plan says strategy and engine; the coordinator must be one of that engine
 * @property anchors where the plan's preemptions lie, from {@link anchorsOf}
 * @property target invariants that count
 * @property searches runs near the plan, when replaying it finds nothing
 */
export interface JudgeOptions {
  readonly coordinator: Coordinator;
  readonly scenario: Scenario;
  readonly plan: Plan;
  readonly anchors: readonly Anchor[];
  readonly target: readonly string[];
  readonly searches: number;
  readonly stop?: () => boolean;
}

/** Where a plan's preemptions lie in the lanes' own steps: seen by replaying it where it was found. */
export async function anchorsOf(coordinator: Coordinator, scenario: Scenario, plan: Plan): Promise<readonly Anchor[]> {
  const recorder = new AnchorRecorder(replayChooser(plan.preemptions));
  await coordinator.run(scenario, plan, recorder, [recorder]);
  return recorder.anchors;
}

function scheduleOf(run: number, { plan, anchors }: JudgeOptions): Chooser & Partial<StepSink> {
  if (run === 0) return replayChooser(plan.preemptions);
  if (run === 1 && anchors.length > 0) return new AnchoredChooser(anchors);
  const random = randomOf(plan.seed, run, 5);
  return run % 2 === 0 && anchors.length > 0
    ? new AnchoredChooser(nearAnchors(anchors, random, random() < 0.25 ? 1 : 0))
    : turnsChooser(random);
}

/** Without preemptions the same places are the same run: that one is left out. */
function howOf(run: number, { anchors }: JudgeOptions): How {
  if (run === 0) return 'replay';
  return run === 1 && anchors.length > 0 ? 'same places' : 'search';
}

/** Judges until something fails. Runs are made in a fixed order, so that the judgement can be had again. */
export async function judge(options: JudgeOptions): Promise<Judgement> {
  const { coordinator, scenario, plan, target, searches, stop = () => false } = options;
  let reached = 0;
  let runs = 0;
  while (runs < 2 + searches && !stop()) {
    const chooser = scheduleOf(runs, options);
    const sinks = chooser instanceof AnchoredChooser ? [chooser] : [];
    const history: History = await coordinator.run(scenario, { ...plan, preemptions: [] }, chooser, sinks);
    const violations = violationsOf(scenario, history).filter(({ invariant }) => target.includes(invariant));
    const how = howOf(runs++, options);
    if ((history.marks[scenario.window] ?? 0) > 0) reached++;
    if (violations.length === 0) continue;
    const failing = { ...plan, preemptions: history.preemptions };
    return { verdict: 'fail', how, runs, reached, upperBound: null, violations, plan: failing };
  }
  const verdict = reached > 0 ? 'pass' : 'inconclusive';
  const bound = reached > 0 ? upperBound(runs) : null;
  return {
    verdict,
    how: howOf(Math.max(0, runs - 1), options),
    runs,
    reached,
    upperBound: bound,
    violations: [],
    plan: undefined,
  };
}
