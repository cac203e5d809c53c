// Exhaustive search: every schedule of one plan with up to p preemptions, by iterative bounding (Musuvathi and Qadeer:
// "Iterative Context Bounding for Systematic Testing of Multithreaded Programs", PLDI 2007): first all with none, then
// all with one, and so on. A preemption is what a plan lists: at a place where the default schedule would go on with one
// lane (a switch point, or where a lane stands still), another one that is ready goes on. The next preemption of a list
// can be wherever its run comes afterwards. Schedules that only reorder independent steps are not run (equivalence.ts).
// What stays out: workloads, faults and seeds, of which the plan has one each.
import type { History } from '../../model/history.ts';
import type { Violation } from '../../model/invariant.ts';
import { replayChooser } from '../../run/choosers/replay.ts';
import { RunInterrupted } from '../../errors/interrupted.ts';
import type { Coordinator } from '../../run/coordinator.ts';
import { violationsOf } from '../../judge/judge-history.ts';
import type { Plan, Preemption } from '../../model/plan.ts';
import { replayDiffers } from '../replay-differs.ts';
import type { Scenario } from '../../model/scenario.ts';
import { type Course, CourseRecorder } from './course.ts';
import { type Known, type Outcome, ran, rearrangedFrom, type Table, tableKey } from './known.ts';
import { type Move, moveAt, resumedAt } from './equivalence.ts';

/**
 * @property plan its own preemptions do not count
 * @property preemptions the bound p, 0 or more
 * @property skip run one of several equivalent schedules only. Default true; a plan with faults, one that skips quiet
 *   wakings, and one in which I/O takes time is always searched in full
 * @property only look for violations of these invariants; default: all of the scenario's
 * @property stop asked between runs and in the middle of them; true ends the search with what it has
 * @property onRun sees the history of each run, and how far the search is
 */
export interface ExhaustOptions {
  readonly coordinator: Coordinator;
  readonly scenario: Scenario;
  readonly plan: Plan;
  readonly preemptions: number;
  readonly skip?: boolean;
  readonly only?: readonly string[];
  readonly stop?: () => boolean;
  readonly onRun?: (history: History, progress: Tally) => void;
}

/**
 * Schedules with the same number of preemptions.
 *
 * @property schedules run or skipped
 * @property run in processes
 * @property skipped known to be equivalent to one that was run
 * @property failed of `schedules`, those that violate an invariant
 */
export interface Tally {
  readonly preemptions: number;
  readonly schedules: number;
  readonly run: number;
  readonly skipped: number;
  readonly failed: number;
}

/**
 * @property schedules M: with all numbers of preemptions that were tried
 * @property byPreemptions from 0 on
 * @property steps of all runs
 * @property marks runs that reached each mark
 * @property failure the first one found among those with the fewest preemptions; `confirmed` by a replay with the same hash, unless
 *   the search was interrupted even then
 * @property complete all schedules with as many preemptions as the last of `byPreemptions` says were tried: false only when
 *   the search was interrupted
 */
export interface Exhausted {
  readonly schedules: number;
  readonly run: number;
  readonly skipped: number;
  readonly failed: number;
  readonly byPreemptions: readonly Tally[];
  readonly steps: number;
  readonly marks: { readonly [name: string]: number };
  readonly failure:
    | {
        readonly plan: Plan;
        readonly violations: readonly Violation[];
        readonly hash: string;
        readonly confirmed: boolean;
      }
    | undefined;
  readonly complete: boolean;
}

type Counts = { -readonly [K in keyof Tally]: Tally[K] };

/** A list with one preemption more. */
interface Candidate {
  readonly known: Known;
  readonly course: Course;
  readonly preemption: Preemption;
  readonly move: Move;
}

class Exhaustion {
  readonly #options: ExhaustOptions;
  readonly #skips: boolean;
  readonly #tallies: Counts[] = [];
  readonly #marks = new Map<string, number>();
  #steps = 0;
  #failure: Exhausted['failure'];
  /** Of the schedules with the present number of preemptions. */
  #outcomes: Outcome[] = [];
  /** The last run, whose autopsy goes on beside the next one. */
  #finish: (() => void) | undefined;

  constructor(options: ExhaustOptions) {
    const { plan, skip = true } = options;
    this.#options = options;
    const { quiet, ioCost } = plan.parameters;
    this.#skips = skip && plan.faults.length === 0 && quiet !== 'skip' && ioCost === undefined;
  }

  async go(): Promise<Exhausted> {
    const complete = await this.#goFar();
    const sum = (of: (tally: Tally) => number) => this.#tallies.reduce((total, tally) => total + of(tally), 0);
    return {
      schedules: sum(({ schedules }) => schedules),
      run: sum(({ run }) => run),
      skipped: sum(({ skipped }) => skipped),
      failed: sum(({ failed }) => failed),
      byPreemptions: this.#tallies,
      steps: this.#steps,
      marks: Object.fromEntries(this.#marks),
      failure: this.#failure,
      complete,
    };
  }

  /** Result: false when it was interrupted. */
  async #goFar(): Promise<boolean> {
    try {
      let level: readonly Known[] = [];
      for (let count = 0; count <= this.#options.preemptions && this.#failure === undefined; count++) {
        this.#tallies.push({ preemptions: count, schedules: 0, run: 0, skipped: 0, failed: 0 });
        this.#outcomes = [];
        level = await (count === 0 ? this.#root() : this.#level(level, count));
        this.#settle();
      }
      await this.#confirm();
      return true;
    } catch (error) {
      if (!(error instanceof RunInterrupted)) throw error;
      this.#settle();
    } finally {
      this.#options.coordinator.forgetBegun();
    }
    // Stopped by its time and not by a person, it can still confirm what it has found.
    await this.#confirm().catch((error: unknown) => {
      if (!(error instanceof RunInterrupted)) throw error;
    });
    return false;
  }

  async #root(): Promise<readonly Known[]> {
    const root = await this.#run([], []);
    return root === undefined ? [] : [root];
  }

  /** All lists with one preemption more; of each list, from the last place of its run to the first. */
  async #level(level: readonly Known[], count: number): Promise<readonly Known[]> {
    const next: Known[] = [];
    const isLast = count === this.#options.preemptions;
    const table: Table = new Map();
    for (const known of level) {
      const { course } = known;
      if (course === undefined) continue;
      const resumed = known.moves.map((move) => resumedAt(course, move));
      const suspendedUntil = Math.max(-1, ...resumed);
      const siblings: Table = new Map();
      for (const candidate of candidates(known, course)) {
        const found = await this.#find(candidate, resumed, [siblings, table]);
        if (found === undefined) continue;
        if (!isLast) next.push(found);
        // Where all lanes that were taken off have gone on, only a list of the same run can be a neighbour.
        const kept = candidate.preemption.at <= suspendedUntil ? table : siblings;
        kept.set(tableKey(found.list), isLast ? { ...found, course: undefined } : found);
      }
    }
    return next;
  }

  /** What is known of a list from a neighbour, or from its run. Undefined when the preemption cannot be made. */
  async #find(
    { known, preemption, move }: Candidate,
    resumed: readonly number[],
    tables: readonly Table[],
  ): Promise<Known | undefined> {
    const list = [...known.list, preemption];
    const moves = [...known.moves, move];
    const derived = this.#skips ? rearrangedFrom(list, moves, resumed, tables) : undefined;
    if (derived === undefined) return this.#run(list, moves);
    derived.outcome.schedules++;
    this.#count('skipped');
    return derived;
  }

  async #run(list: readonly Preemption[], moves: readonly Move[]): Promise<Known | undefined> {
    const { coordinator, scenario, plan, stop } = this.#options;
    if (stop?.() === true) throw new RunInterrupted();
    const one = { ...plan, preemptions: list };
    const { finish, recorder } = await coordinator.orInNode(async () => {
      const course = new CourseRecorder(replayChooser(list));
      return { finish: await coordinator.begin(scenario, one, course, [course], stop), recorder: course };
    });
    this.#finish?.();
    this.#finish = finish;
    const outcome: Outcome = { failed: false, schedules: 1 };
    const known = ran(list, moves, recorder.course(), outcome);
    if (known === undefined) return undefined;
    this.#outcomes.push(outcome);
    this.#count('run');
    this.#finish = () => this.#judge(one, finish(), outcome);
    return known;
  }

  #count(how: 'run' | 'skipped'): void {
    const tally = this.#tallies.at(-1);
    if (tally === undefined) return;
    tally[how]++;
    tally.schedules++;
  }

  #judge(plan: Plan, history: History, outcome: Outcome): void {
    const { scenario, only, onRun } = this.#options;
    const violations = violationsOf(scenario, history).filter(({ invariant }) => only?.includes(invariant) ?? true);
    outcome.failed = violations.length > 0;
    if (outcome.failed) this.#failure ??= { plan, violations, hash: history.hash, confirmed: false };
    this.#steps += history.steps;
    for (const [name, count] of Object.entries(history.marks))
      if (count > 0) this.#marks.set(name, (this.#marks.get(name) ?? 0) + 1);
    const tally = this.#tallies.at(-1);
    if (tally === undefined) return;
    if (outcome.failed) tally.failed++;
    onRun?.(history, tally);
  }

  /** Takes the last verdict, and counts the schedules that share one. */
  #settle(): void {
    this.#finish?.();
    this.#finish = undefined;
    const tally = this.#tallies.at(-1);
    if (tally === undefined) return;
    tally.failed = this.#outcomes.reduce((sum, { failed, schedules }) => sum + (failed ? schedules : 0), 0);
  }

  /** A finding counts only if its plan gives it again, bit for bit. */
  async #confirm(): Promise<void> {
    if (this.#failure === undefined) return;
    const { plan, hash } = this.#failure;
    const { coordinator, scenario } = this.#options;
    const again = await coordinator.run(scenario, plan);
    if (again.hash !== hash) throw await replayDiffers({ coordinator, scenario, plan }, hash, again.hash);
    this.#failure = { ...this.#failure, confirmed: true };
  }
}

/** From the last place of a run to the first after the preemptions of its list, and there to each other lane. */
function* candidates(known: Known, course: Course): Iterable<Candidate> {
  const last = known.list.at(-1)?.at ?? -1;
  for (let index = course.segments.length - 1; index >= 0; index--) {
    const segment = course.segments[index];
    const move = moveAt(course, index);
    if (segment === undefined || move === undefined || segment.at <= last) return;
    for (const to of segment.ready) {
      if (to !== segment.fallback) yield { known, course, preemption: { at: segment.at, to }, move };
    }
  }
}

/**
 * Tries every schedule of a plan with 0, 1, … up to p preemptions. When one fails, the others with as many preemptions are
 * still tried, so that the counts say how rare the failure is; those with more are not, since a shorter plan is known.
 * Who wants to stop at the first failure says so by `stop`.
 *
 * @throws harness errors; `REPLAY_DIFFERS` when the failing plan does not give the same run again
 */
export async function exhaust(options: ExhaustOptions): Promise<Exhausted> {
  return new Exhaustion(options).go();
}
