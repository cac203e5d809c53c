// When did a failure become inevitable? The failing run is followed up to a step and goes on by chance from there, some times: how often it
// still fails, over steps, is a curve that rises from next to nothing to 1. Where it rises, the failure was decided. Faults that have not struck by
// then do not come: what they decide, they decide where they strike. What stays out: why (explain/).
import type { Violation } from '../model/invariant.ts';
import type { History } from '../model/history.ts';
import type { Plan, Preemption } from '../model/plan.ts';
import { stream } from '../model/random.ts';
import type { Scenario } from '../model/scenario.ts';
import type { InevitablePoint } from '../model/timeline.ts';
import { RunInterrupted } from '../errors/interrupted.ts';
import { violationsOf } from '../judge/judge-history.ts';
import type { Choice, Chooser, Decision } from '../run/chooser.ts';
import { turnsChooser } from '../run/choosers/preemptions.ts';
import { replayChooser } from '../run/choosers/replay.ts';
import type { Coordinator } from '../run/coordinator.ts';

/** Runs from a step; stretches that the curve begins with; points that it has at most. */
const sizes = { runs: 6, first: 8, points: 40 } as const;

/** Steps closer than that are one place. */
const stepsApart = 2;

/**
 * @property history of the plan's own run, which fails
 * @property violations of it
 * @property timeMs real milliseconds for all runs
 * @property pointsMost of the curve; default 40
 * @property stop asked between runs and in the middle of them
 */
export interface InevitableOptions {
  readonly coordinator: Coordinator;
  readonly scenario: Scenario;
  readonly plan: Plan;
  readonly history: History;
  readonly violations: readonly Violation[];
  readonly timeMs: number;
  readonly stop?: () => boolean;
  readonly pointsMost?: number;
}

/** Keeps to the preemptions of a plan up to a step; another chooser has what follows. */
class PrefixChooser implements Chooser {
  readonly #until: number;
  readonly #before: Chooser;
  readonly #after: Chooser;

  constructor(preemptions: readonly Preemption[], until: number, after: Chooser) {
    this.#until = until;
    this.#before = replayChooser(preemptions.filter(({ at }) => at < until));
    this.#after = after;
  }

  choose(decision: Decision): Choice {
    if (decision.steps >= this.#until) return this.#after.choose(decision);
    const choice = this.#before.choose(decision);
    return { ...choice, untilStep: Math.min(choice.untilStep ?? Infinity, this.#until) };
  }
}

/** The plan without the faults that have not struck before a step. */
function upTo(plan: Plan, { strikes }: History, step: number): Plan {
  const struck = new Set(strikes.flatMap((strike) => (strike.step < step ? [strike.fault] : [])));
  return { ...plan, preemptions: [], faults: plan.faults.filter((_, i) => struck.has(i)) };
}

type Point = { -readonly [K in keyof InevitablePoint]: InevitablePoint[K] };

const rateOf = ({ failed, runs }: InevitablePoint): number => failed / Math.max(1, runs);

/** The place where most is left to learn: the middle of the neighbours between which the curve moves most, the widest of those alike. */
function nextStep(points: readonly Point[]): number | undefined {
  let best: { readonly step: number; readonly worth: number } | undefined;
  for (const [i, right] of points.entries()) {
    const left = points[i - 1];
    if (left === undefined || right.step - left.step <= stepsApart) continue;
    const rise = Math.abs(rateOf(right) - rateOf(left));
    const worth = rise * 1e9 + (right.step - left.step);
    if (best === undefined || worth > best.worth) best = { step: (left.step + right.step) >> 1, worth };
  }
  return best?.step;
}

/**
 * @returns in the order of steps, the last of them the plan's own run at its end; fewer where the time was up, none where not even one run was made
 * @throws harness errors
 */
export async function inevitable(options: InevitableOptions): Promise<readonly InevitablePoint[]> {
  const { history, timeMs, pointsMost = sizes.points, stop = () => false } = options;
  const now = () => performance.now();
  const until = now() + timeMs;
  const isOver = (): boolean => now() >= until || stop();
  const target = new Set(options.violations.map(({ invariant }) => invariant));
  const end: Point = { step: history.steps, runs: 1, failed: 1 }; // the plan's own run, to its end
  const points = [end];
  const steps = Array.from({ length: sizes.first }, (_, i) => Math.round((history.steps * i) / sizes.first));
  try {
    for (const step of new Set(steps)) await tryFrom(step);
    while (points.length < pointsMost && !isOver()) {
      const step = nextStep(points);
      if (step === undefined) break;
      await tryFrom(step);
    }
  } catch (error) {
    if (!(error instanceof RunInterrupted)) throw error;
  }
  const made = points.filter(({ runs }) => runs > 0);
  return made.length > 1 ? made : [];

  async function tryFrom(step: number): Promise<void> {
    const point: Point = { step, runs: 0, failed: 0 };
    points.push(point);
    points.sort((a, b) => a.step - b.step);
    for (let i = 0; i < sizes.runs && !isOver(); i++) {
      const fails = await failsFrom(options, step, i, target, isOver);
      point.runs++;
      if (fails) point.failed++;
    }
  }
}

async function failsFrom(
  { coordinator, scenario, plan, history }: InevitableOptions,
  step: number,
  number: number,
  target: ReadonlySet<string>,
  stop: () => boolean,
): Promise<boolean> {
  const random = stream('inevitable', plan.seed, step * sizes.runs + number);
  const chooser = new PrefixChooser(plan.preemptions, step, turnsChooser(random));
  const went = await coordinator.orInNode(() =>
    coordinator.run(scenario, upTo(plan, history, step), chooser, [], stop),
  );
  return violationsOf(scenario, went).some(({ invariant }) => target.has(invariant));
}
