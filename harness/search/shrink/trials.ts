// Trials of a shrinking: does a smaller plan still fail? Runs it, tells whether it violates what it must, and gives it
// back with the preemptions it really made. What stays out: which plans to try (the passes).
import { LockstepError } from '../../errors/errors.ts';
import { operations } from '../../model/operations.ts';
import type { RawRecord } from '../../model/record.ts';
import type { History } from '../../model/history.ts';
import type { StepLane, StepSink } from '../../model/step.ts';
import type { Violation } from '../../model/invariant.ts';
import type { Chooser } from '../../run/chooser.ts';
import { type Anchor, AnchoredChooser, AnchorRecorder } from '../../run/choosers/anchored.ts';
import { replayChooser } from '../../run/choosers/replay.ts';
import { isScenarioError } from '../../errors/scenario-error.ts';
import { RunInterrupted } from '../../errors/interrupted.ts';
import { failsAlike, leading, type Signature, signed, type Signed } from '../../judge/signature.ts';
import type { Coordinator } from '../../run/coordinator.ts';
import { violationsOf } from '../../judge/judge-history.ts';
import type { Plan } from '../../model/plan.ts';
import { replayDiffers } from '../replay-differs.ts';
import type { Scenario } from '../../model/scenario.ts';
import { type PlanSize, sizeOf } from '../size.ts';

/** How often each lane did each operation: by lane and operation, and by lane alone. */
export type OperationCounts = ReadonlyMap<string, number>;

/** A plan that fails as it must. `plan` lists the preemptions that `anchors` made. */
export interface Failing {
  readonly plan: Plan;
  readonly anchors: readonly Anchor[];
  readonly counts: OperationCounts;
  readonly size: PlanSize;
  readonly hash: string;
  readonly steps: number;
  readonly switchPoints: number;
  readonly virtualMs: number;
  readonly violations: readonly Violation[];
  /** Whatever counts. */
  readonly all: readonly Violation[];
  /** Those that count, with what each is known by. */
  readonly signed: readonly Signed[];
  /** Real milliseconds that the run took. */
  readonly tookMs: number;
  /** Virtual ms at which the first violation that has a step came about; the run's end when none has. */
  readonly violatedMs: number;
  readonly marks: History['marks'];
  /** Did the plan's end stop it, or a bound? */
  readonly end: History['end'];
}

/** A plan to try. Its own preemptions do not count: `anchors` say when lanes change. */
export interface Candidate {
  readonly plan: Plan;
  readonly anchors: readonly Anchor[];
}

/**
 * What a shrinking may cost and what must stay.
 *
 * @property target invariants that count
 * @property timeMs real milliseconds for all: what runs then is cut off in mid-run, the last replays {@link toleranceMs} later
 * @property stop asked before each run; true ends the shrinking with what it has
 * @property byChanceRuns runs that looking for a smaller failure by chance may take without finding one; default 1,200
 */
export interface TrialOptions {
  readonly target: readonly string[];
  readonly timeMs?: number;
  readonly stop?: () => boolean;
  readonly byChanceRuns?: number;
  readonly onTrial?: (trials: number, smallest: PlanSize | undefined) => void;
}

/** Real milliseconds over its time that a shrinking may take, for the last replays: nothing is sure without them. */
export const toleranceMs = 1000;

/** The plan that is left is replayed so often; there is time kept for that, but no more than this part of all. */
export const lastReplays = 2;
const lastReplaysShare = 0.5;

/**
 * A candidate that takes so many times the steps of the failing plan is none that is smaller: mostly one that waits in a loop for what is
 * gone. Runs of a few steps may take this many.
 */
const longer = { times: 10, stepsLeast: 20_000 } as const;

class OperationCounter implements StepSink {
  readonly counts = new Map<string, number>();
  /** Virtual ms since the run's start of each step. */
  readonly times: number[] = [];

  see(step: number, record: Readonly<RawRecord>, lane: StepLane, nowMs: number): void {
    this.times[step] = nowMs;
    for (const key of [lane.name, `${lane.name} ${operations[record.op] ?? ''}`])
      this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
  }
}

export class Trials {
  readonly #coordinator: Coordinator;
  readonly #options: TrialOptions;
  readonly #began = performance.now();
  readonly #tried = new Set<string>();
  readonly scenario: Scenario;
  #target: readonly string[];
  /** What a run must have in common with the first; empty until {@link keep}. */
  #kept: readonly Signature[] = [];
  /** Real milliseconds that a run of the smallest plan takes. */
  #smallestMs = 0;
  /** Steps that a candidate may take. */
  #stepsMost = Infinity;
  /** The parts of a plan that looking for a smaller failure by chance has found nothing for. */
  nothingByChance: Omit<PlanSize, 'bytes'> | undefined;
  /** The last replays are being made: the time kept for them may be spent. */
  #last = false;
  /** Was the last run cut off? */
  cut = false;
  /** Runs made so far. */
  runs = 0;
  /** Candidates that the harness could not run. */
  errors = 0;
  /** What the lanes did in the last run, whether it failed or not. */
  lastCounts: OperationCounts = new Map();

  constructor(coordinator: Coordinator, scenario: Scenario, options: TrialOptions) {
    this.#coordinator = coordinator;
    this.scenario = scenario;
    this.#options = options;
    this.#target = options.target;
  }

  /** From here on only runs count that fail as this one does, as far as these invariants are concerned. */
  keep(first: Failing, target: readonly string[]): void {
    this.#target = target;
    this.#kept = leading(first.signed.filter(({ violation }) => target.includes(violation.invariant)));
    this.#smallestMs = first.tookMs;
    if (first.end !== 'cut off') this.#stepsMost = Math.max(longer.stepsLeast, longer.times * first.steps);
  }

  /** Those of its violations that count. */
  counted({ violations }: Failing): readonly Violation[] {
    return violations.filter(({ invariant }) => this.#target.includes(invariant));
  }

  /** Has the time been spent, or has somebody asked to stop? */
  get spent(): boolean {
    return performance.now() - this.#began >= this.#untilMs || (this.#options.stop?.() ?? false);
  }

  /** Real milliseconds from the beginning on; some of all are kept for the last replays. */
  get #untilMs(): number {
    const { timeMs = Infinity } = this.#options;
    if (this.#last || timeMs === Infinity) return timeMs + toleranceMs;
    return timeMs - Math.min(lastReplaysShare * timeMs, lastReplays * this.#smallestMs);
  }

  /** Has half of the time been spent? */
  get halfSpent(): boolean {
    return this.spent || performance.now() - this.#began >= this.#untilMs / 2;
  }

  /** Is there time for so many runs more, at the pace of those so far? */
  hasTimeFor(runs: number): boolean {
    const gone = performance.now() - this.#began;
    return !this.spent && gone + (runs * gone) / Math.max(1, this.runs) < this.#untilMs;
  }

  get byChanceRuns(): number {
    return this.#options.byChanceRuns ?? 1200;
  }

  /** Takes a plan as it is. Undefined when it does not fail, or the run was cut off; harness errors are thrown. */
  async begin(plan: Plan): Promise<Failing | undefined> {
    return this.#run(plan, () => replayChooser(plan.preemptions), Infinity);
  }

  /**
   * Replays the plan that is left, in the time that was kept for it.
   *
   * @param sinks see every step
   * @returns undefined where the time was up
   */
  async replay({ plan, hash }: Failing, sinks: readonly StepSink[]): Promise<History | undefined> {
    this.#last = true;
    this.runs++;
    const history = await this.#history(() =>
      this.#coordinator.run(this.scenario, plan, undefined, sinks, this.#cutOff),
    );
    if (history !== undefined && history.hash !== hash) throw await this.#differs(plan, hash, history.hash);
    return history;
  }

  /**
   * Tries a candidate, once.
   *
   * @returns it as a failing plan; undefined when it does not fail, is no plan of the scenario, was tried before or when
   *   the budget is spent
   */
  async attempt(candidate: Candidate): Promise<Failing | undefined> {
    const plan = { ...candidate.plan, preemptions: [] };
    const key = JSON.stringify([plan, candidate.anchors]);
    if (this.spent || this.#tried.has(key)) return undefined;
    this.#tried.add(key);
    if (!this.scenario.workload.safeParse(plan.workload).success) return undefined;
    const found = await this.#tryToRun(plan, () => new AnchoredChooser(candidate.anchors));
    if (found === undefined) return undefined;
    if (found.anchors.length === 0 && candidate.anchors.length === 0) return found; // it was run just as it is written
    const { lastCounts } = this;
    // Its own preemptions, as numbers of steps, must give the same run again.
    const again = await this.begin(found.plan);
    this.lastCounts = lastCounts;
    if (again?.hash === found.hash) return found;
    if (this.spent) return undefined;
    throw await this.#differs(found.plan, found.hash, again?.hash);
  }

  #differs(plan: Plan, hash: string, other: string | undefined): Promise<Error> {
    return replayDiffers({ coordinator: this.#coordinator, scenario: this.scenario, plan }, hash, other);
  }

  /** Tries a plan under a schedule of its own. */
  async attemptSchedule(plan: Plan, schedule: () => Chooser): Promise<Failing | undefined> {
    if (this.spent || !this.scenario.workload.safeParse(plan.workload).success) return undefined;
    return this.#tryToRun({ ...plan, preemptions: [] }, schedule);
  }

  /** A plan with something taken away may be one that cannot be run: a setup that fails, a process that is not there. */
  async #tryToRun(plan: Plan, schedule: () => Chooser): Promise<Failing | undefined> {
    try {
      return await this.#run(plan, schedule, this.#stepsMost);
    } catch (error) {
      if (!(error instanceof LockstepError) || (error.kind !== 'harness' && !isScenarioError(error))) throw error;
      this.errors++;
      return undefined;
    }
  }

  async #run(plan: Plan, schedule: () => Chooser, stepsMost: number): Promise<Failing | undefined> {
    this.runs++;
    const began = performance.now();
    const { stepsMax } = plan.parameters;
    const bounded = { ...plan, parameters: { ...plan.parameters, stepsMax: Math.min(stepsMax, stepsMost) } };
    const made = await this.#history(async () => {
      const chooser = schedule();
      const recorder = new AnchorRecorder(chooser);
      const counter = new OperationCounter();
      const sinks = [...(chooser instanceof AnchoredChooser ? [chooser] : []), recorder, counter];
      const history = await this.#coordinator.run(this.scenario, bounded, recorder, sinks, this.#cutOff);
      return { history, anchors: recorder.anchors, counts: counter.counts, times: counter.times };
    });
    this.lastCounts = made?.counts ?? new Map();
    const isLonger = made?.history.end === 'cut off' && stepsMost < stepsMax;
    const history = isLonger ? undefined : made?.history;
    const all = history === undefined ? [] : violationsOf(this.scenario, history);
    const counting = all.filter(({ invariant }) => this.#target.includes(invariant));
    const found = history === undefined ? [] : signed(counting, history);
    if (made === undefined || history === undefined || found.length === 0 || !failsAlike(found, this.#kept)) {
      this.#options.onTrial?.(this.runs, undefined);
      return undefined;
    }
    const { preemptions, hash, steps, switchPoints, virtualMs, marks, end } = history;
    const failing = { ...plan, preemptions };
    const size = sizeOf(this.scenario, failing);
    this.#options.onTrial?.(this.runs, size);
    const { anchors, counts, times } = made;
    const tookMs = performance.now() - began;
    this.#smallestMs = tookMs;
    const violatedMs = Math.min(
      virtualMs,
      ...counting.map(({ step }) => (step === null ? Infinity : (times[step] ?? 0))),
    );
    return {
      plan: failing,
      anchors,
      counts,
      size,
      hash,
      steps,
      switchPoints,
      virtualMs,
      violations: counting,
      all,
      signed: found,
      tookMs,
      violatedMs,
      marks,
      end,
    };
  }

  /** Some time for the first run there must be, or nothing at all is known. */
  readonly #cutOff = (): boolean => this.spent && performance.now() - this.#began >= toleranceMs;

  /** What a run gives; undefined where it was cut off. */
  async #history<T>(run: () => Promise<T>): Promise<T | undefined> {
    this.cut = false;
    try {
      return await this.#coordinator.orInNode(run);
    } catch (error) {
      if (!(error instanceof RunInterrupted)) throw error;
      this.cut = true;
      return undefined;
    }
  }
}
