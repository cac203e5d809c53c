// Exhaustive search: every schedule of one plan with up to p preemptions, by iterative bounding (Musuvathi and Qadeer:
// "Iterative Context Bounding for Systematic Testing of Multithreaded Programs", PLDI 2007): first all with none, then
// all with one, and so on. A preemption is what a plan lists: at a place where the default schedule would go on with one
// lane (a switch point, or where a lane stands still), another one that is ready goes on. The next preemption of a list
// can be wherever its run comes afterwards. Of schedules that differ in the order of independent steps only, one is run (causes.ts). Or, by
// races, every class of such schedules, whatever number of preemptions it takes (races.ts).
// What stays out: workloads, faults and seeds, of which the plan has one each.
import { setImmediate } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { History } from '../../model/history.ts';
import type { Violation } from '../../model/invariant.ts';
import { replayChooser } from '../../run/choosers/replay.ts';
import { RunInterrupted } from '../../errors/interrupted.ts';
import type { Coordinator } from '../../run/coordinator.ts';
import { violationsOf } from '../../judge/judge-history.ts';
import type { Plan, Preemption } from '../../model/plan.ts';
import { LockstepError } from '../../errors/errors.ts';
import { replayDiffers } from '../replay-differs.ts';
import type { Scenario } from '../../model/scenario.ts';
import { CauseBook, contradicts, type Moment } from './causes.ts';
import { type Course, CourseRecorder } from './course.ts';
import { RaceSearch, type Turn } from './races.ts';

/**
 * Which schedules are run: `none`: every one within the bound · `causes`: of equivalent ones one; a plan with faults, one that skips quiet
 * wakings, and one in which I/O takes time is searched in full all the same · `states`: of those too that end in the same state, which may have reached other marks · `races`: one of each class that
 * there is, without a bound.
 */
export type Reduction = 'causes' | 'states' | 'races' | 'none';

/**
 * @property plan its own preemptions do not count
 * @property preemptions the bound p, 0 or more; nothing to `races`
 * @property reduction default: `causes`
 * @property only look for violations of these invariants; default: all of the scenario's
 * @property stop asked between runs and in the middle of them; true ends the search with what it has
 * @property onRun sees the history of each run, and how far the search is
 */
export interface ExhaustOptions {
  readonly coordinator: Coordinator;
  readonly scenario: Scenario;
  readonly plan: Plan;
  readonly preemptions: number;
  readonly reduction?: Reduction;
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
 * @property byPreemptions from 0 on; by races, as many as the runs had
 * @property steps of all runs
 * @property marks runs that reached each mark
 * @property failure the first one found, by bounds one of those with the fewest preemptions; `confirmed` by a replay with the same hash, unless
 *   the search was interrupted even then
 * @property complete all schedules with as many preemptions as the last of `byPreemptions` says were tried, by races all that there are: false
 *   only when the search was interrupted
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

/** What came of a run, and of all schedules that are equivalent to it. @property failed false until the autopsy is there */
interface Outcome {
  failed: boolean;
}

/** @property course where nothing can be told of its run but what it has shown */
interface Schedule {
  readonly list: readonly Preemption[];
  readonly course: Course | undefined;
}

/** Where a run may be preempted. @property moment undefined where nothing may be foretold */
interface Place {
  readonly at: number;
  readonly ready: readonly string[];
  readonly fallback: string;
  readonly moment: Moment | undefined;
}

class Exhaustion {
  readonly #options: ExhaustOptions;
  readonly #skips: boolean;
  readonly #tallies: Counts[] = [];
  readonly #marks = new Map<string, number>();
  readonly #book: CauseBook;
  /** By the name of the run (causes.ts). */
  readonly #known = new Map<string, Outcome>();
  #steps = 0;
  #failure: Exhausted['failure'];
  /** How many schedules with the present number of preemptions share each. */
  readonly #outcomes = new Map<Outcome, number>();
  /** The last run, whose autopsy goes on beside the next one. */
  #finish: (() => void) | undefined;

  constructor(options: ExhaustOptions) {
    const { plan, reduction = 'causes' } = options;
    this.#options = options;
    const { quiet, ioCost, horizonMs } = plan.parameters;
    this.#book = new CauseBook(horizonMs, reduction === 'states' ? 'states' : 'causes');
    this.#skips = reduction !== 'none' && plan.faults.length === 0 && quiet !== 'skip' && ioCost === undefined;
    if (reduction === 'races' && !this.#skips) throw cannotFollowRaces();
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
      await (this.#options.reduction === 'races' ? this.#byRaces() : this.#byBounds());
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

  async #byBounds(): Promise<void> {
    let level: readonly Schedule[] = [];
    for (let count = 0; count <= this.#options.preemptions && this.#failure === undefined; count++) {
      this.#tallyOf(count);
      this.#outcomes.clear();
      level = await (count === 0 ? this.#root() : this.#level(level));
      this.#settle();
    }
  }

  async #byRaces(): Promise<void> {
    const search = new RaceSearch({
      book: this.#book,
      isKnown: (name) => this.#known.has(name),
      run: (turns) => this.#runTurns(turns),
      pause: async () => {
        await setImmediate();
        if (this.#options.stop?.() === true) throw new RunInterrupted();
      },
    });
    await search.go();
    this.#settle();
  }

  async #runTurns(turns: readonly Turn[]): Promise<void> {
    const list = turns.flatMap(({ at, lane: to, fallback }) => (to === fallback ? [] : [{ at, to }]));
    const schedule = await this.#run(list, undefined);
    if (schedule === undefined) throw contradicts();
    if (schedule.course?.blind === true) throw cannotFollowRaces();
  }

  async #root(): Promise<readonly Schedule[]> {
    const root = await this.#run([], undefined);
    return root === undefined ? [] : [root];
  }

  /** All lists with one preemption more. */
  async #level(level: readonly Schedule[]): Promise<readonly Schedule[]> {
    const next: Schedule[] = [];
    for (const schedule of level)
      for (const place of this.#places(schedule))
        for (const to of place.ready) {
          if (to === place.fallback) continue;
          const found = await this.#find([...schedule.list, { at: place.at, to }], place);
          if (found !== undefined) next.push(found);
        }
    return next;
  }

  /** Where one preemption more can be: after those of the list. */
  *#places({ list, course }: Schedule): Iterable<Place> {
    const last = list.at(-1)?.at ?? -1;
    for (const place of course?.segments ?? this.#foreseen(list))
      if (place.at > last) yield { moment: undefined, ...place };
  }

  /** Every place of a run of which all is known. */
  *#foreseen(list: readonly Preemption[]): Iterable<Place> {
    const to = new Map(list.map((one) => [one.at, one.to]));
    let moment: Moment | undefined = this.#book.begin();
    while (moment?.standing !== undefined && moment.standing.ready.length > 0) {
      const { at, standing } = moment;
      yield { at, ...standing, moment };
      moment = this.#book.next(moment, to.get(at) ?? standing.fallback);
    }
    if (moment?.standing === undefined) throw new Error(`a run is not known to its end: ${JSON.stringify(list)}`);
  }

  /** What is known of a list from other runs, or from its own. Undefined when its last preemption cannot be made. */
  async #find(list: readonly Preemption[], { moment }: Place): Promise<Schedule | undefined> {
    const foretold = moment && this.#book.foretold(moment, list.at(-1)?.to ?? '');
    const outcome = foretold === undefined ? undefined : this.#known.get(foretold);
    if (outcome === undefined) return this.#run(list, foretold);
    this.#count('skipped', outcome, list.length);
    return { list, course: undefined };
  }

  /** @param foretold the name that the run will have; undefined where it could not be told */
  async #run(list: readonly Preemption[], foretold: string | undefined): Promise<Schedule | undefined> {
    const { coordinator, scenario, plan, stop } = this.#options;
    if (stop?.() === true) throw new RunInterrupted();
    const one = { ...plan, preemptions: list };
    const { finish, recorder } = await coordinator.orInNode(async () => {
      const chooser = new CourseRecorder(replayChooser(list));
      return { finish: await coordinator.begin(scenario, one, chooser, [chooser], stop), recorder: chooser };
    });
    this.#finish?.();
    this.#finish = finish;
    const course = recorder.course();
    const made = course.segments.filter(({ lane, fallback }) => lane !== fallback);
    if (
      !isDeepStrictEqual(
        made.map(({ at, lane: to }) => ({ at, to })),
        list,
      )
    )
      return undefined;
    const name = this.#skips && !course.blind ? this.#book.enter(course) : undefined;
    if (foretold !== undefined && name !== foretold) throw contradicts();
    const outcome: Outcome = { failed: false };
    if (name !== undefined) this.#known.set(name, outcome);
    this.#count('run', outcome, list.length);
    this.#finish = () => this.#judge(one, finish(), outcome);
    return { list, course: name === undefined ? course : undefined };
  }

  /** Of schedules with so many preemptions. */
  #tallyOf(preemptions: number): Counts {
    const known = this.#tallies.find((one) => one.preemptions === preemptions);
    if (known !== undefined) return known;
    const tally = { preemptions, schedules: 0, run: 0, skipped: 0, failed: 0 };
    this.#tallies.push(tally);
    this.#tallies.sort((a, b) => a.preemptions - b.preemptions);
    return tally;
  }

  #count(how: 'run' | 'skipped', outcome: Outcome, preemptions: number): void {
    this.#outcomes.set(outcome, (this.#outcomes.get(outcome) ?? 0) + 1);
    const tally = this.#tallyOf(preemptions);
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
    const tally = this.#tallyOf(plan.preemptions.length);
    if (outcome.failed) tally.failed++;
    onRun?.(history, tally);
  }

  /** Takes the last verdict, and counts the schedules that share one. */
  #settle(): void {
    this.#finish?.();
    this.#finish = undefined;
    const tally = this.#tallies.at(-1);
    if (tally === undefined || this.#options.reduction === 'races') return;
    tally.failed = [...this.#outcomes].reduce((sum, [{ failed }, schedules]) => sum + (failed ? schedules : 0), 0);
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

function cannotFollowRaces(): LockstepError {
  return new LockstepError(
    'usage',
    'NO_RACES',
    'Races cannot be followed in this plan: it has faults, skips quiet wakings, lets time pass in I/O, or does what depends on every step before.',
    'Search by bounds: `--reduction causes`, with `--preemptions`.',
  );
}

/**
 * Tries every schedule of a plan with 0, 1, … up to p preemptions, or by races one of each class. When one fails, the others with as many preemptions (by races: all others) are
 * still tried, so that the counts say how rare the failure is; those with more are not, since a shorter plan is known.
 * Who wants to stop at the first failure says so by `stop`.
 *
 * @throws harness errors; a usage error where races cannot be followed; `REPLAY_DIFFERS` when the failing plan does not give the same run again
 */
export async function exhaust(options: ExhaustOptions): Promise<Exhausted> {
  return new Exhaustion(options).go();
}
