// Judging a plan elsewhere: on another engine or under another strategy the same schedule may mean other moments, since
// the lanes take other steps. So the plan is replayed as it is; then with its preemptions at the same places of each lane;
// then under schedules near it and by chance: only these last are drawn, and only they can make a pass. What stays out:
// which engines to judge on (bisect.ts), and what a pass takes (model/verdict.ts).
import { Fingerprint } from '../judge/fingerprint.ts';
import type { History } from '../model/history.ts';
import { RunInterrupted } from '../errors/interrupted.ts';
import type { Violation } from '../model/invariant.ts';
import type { StepSink } from '../model/step.ts';
import type { Chooser } from '../run/chooser.ts';
import { type Anchor, AnchoredChooser, AnchorRecorder, nearAnchors } from '../run/choosers/anchored.ts';
import { turnsChooser } from '../run/choosers/preemptions.ts';
import { replayChooser } from '../run/choosers/replay.ts';
import type { Coordinator } from '../run/coordinator.ts';
import { violationsOf } from '../judge/judge-history.ts';
import type { Plan } from '../model/plan.ts';
import { stream } from '../model/random.ts';
import { type Scenario, windowOf } from '../model/scenario.ts';
import { judgeRuns, type Judged, missingRuns, type RunCounts } from '../model/verdict.ts';

/**
 * How a judgement came about: the plan as it is · its preemptions at the same places of each lane · schedules near them
 * and by chance
 */
export type How = 'replay' | 'same places' | 'search';

/**
 * Of `runs`, the replays of the plan count for nothing; its bounds are on the failure rate of runs near the plan.
 *
 * @property plan one that fails here, when one was found
 */
export interface Judgement extends RunCounts, Judged {
  readonly how: How;
  readonly violations: readonly Violation[];
  readonly plan: Plan | undefined;
}

/**
 * @property plan says strategy and engine; the coordinator must be one of that engine
 * @property anchors where the plan's preemptions lie, from {@link anchorsOf}
 * @property target invariants that count
 * @property searches runs near the plan at most, when replaying it finds nothing; fewer once they make a pass
 * @property bound that a pass must keep to; default 5 % (model/verdict.ts)
 * @property stop asked between runs and in the middle of them; true ends it with what there is
 * @property onRun told after each run how many there were
 */
export interface JudgeOptions {
  readonly coordinator: Coordinator;
  readonly scenario: Scenario;
  readonly plan: Plan;
  readonly anchors: readonly Anchor[];
  readonly target: readonly string[];
  readonly searches: number;
  readonly bound?: number;
  readonly stop?: () => boolean;
  readonly onRun?: (runs: number) => void;
}

/** Where a plan's preemptions lie in the lanes' own steps: seen by replaying it where it was found. */
export async function anchorsOf(coordinator: Coordinator, scenario: Scenario, plan: Plan): Promise<readonly Anchor[]> {
  return coordinator.orInNode(async () => {
    const recorder = new AnchorRecorder(replayChooser(plan.preemptions));
    await coordinator.run(scenario, plan, recorder, [recorder]);
    return recorder.anchors;
  });
}

function scheduleOf(run: number, { plan, anchors }: JudgeOptions): Chooser & Partial<StepSink> {
  if (run === 0) return replayChooser(plan.preemptions);
  if (run === 1 && anchors.length > 0) return new AnchoredChooser(anchors);
  const random = stream('schedules', plan.seed, run);
  return run % 2 === 0 && anchors.length > 0
    ? new AnchoredChooser(nearAnchors(anchors, random, random() < 0.25 ? 1 : 0))
    : turnsChooser(random);
}

/** Without preemptions the same places are the same run: that one is left out. */
function howOf(run: number, { anchors }: JudgeOptions): How {
  if (run === 0) return 'replay';
  return run === 1 && anchors.length > 0 ? 'same places' : 'search';
}

/** So many runs near a plan are made in any case, where they are asked for: what fails rarely takes more than a pass does. */
const searchesLeast = 400;

/** Judges until something fails. Runs are made in a fixed order, so that the judgement can be had again. */
export async function judgePlan(options: JudgeOptions): Promise<Judgement> {
  const { coordinator, scenario, plan, target, searches, bound, stop = () => false, onRun } = options;
  const distinct = new Set<string>();
  const inWindow = new Set<string>();
  let runs = 0;
  let failing: { readonly plan: Plan; readonly violations: readonly Violation[] } | undefined;
  const isEnough = (): boolean => runs >= 2 + searchesLeast && missingRuns(inWindow.size, bound) === 0;
  const run = async (): Promise<{ readonly history: History; readonly fingerprint: Fingerprint }> => {
    const chooser = scheduleOf(runs, options);
    const fingerprint = new Fingerprint();
    const sinks = chooser instanceof AnchoredChooser ? [chooser, fingerprint] : [fingerprint];
    const history = await coordinator.run(scenario, { ...plan, preemptions: [] }, chooser, sinks, stop);
    return { history, fingerprint };
  };
  while (failing === undefined && runs < 2 + searches && !isEnough() && !stop()) {
    const made = await coordinator.orInNode(run).catch((error: unknown) => {
      if (error instanceof RunInterrupted && stop()) return undefined;
      throw error;
    });
    if (made === undefined) break;
    const { history, fingerprint } = made;
    const violations = violationsOf(scenario, history).filter(({ invariant }) => target.includes(invariant));
    const drawn = howOf(runs++, options) === 'search' && !distinct.has(fingerprint.text);
    if (drawn) distinct.add(fingerprint.text);
    onRun?.(runs);
    if (drawn && (history.marks[windowOf(scenario, plan.strategy)] ?? 0) > 0) inWindow.add(fingerprint.text);
    if (violations.length > 0) failing = { plan: { ...plan, preemptions: history.preemptions }, violations };
  }
  const counts = { runs, repeats: runs - distinct.size, reached: inWindow.size };
  return {
    how: howOf(Math.max(0, runs - 1), options),
    ...counts,
    ...judgeRuns(counts, { failed: failing !== undefined, bound }),
    violations: failing?.violations ?? [],
    plan: failing?.plan,
  };
}
