// The search: runs of one scenario under one strategy on one engine, here or in several jobs, until one violates an
// invariant or the budget is spent; or, where it goes on after that, until the other invariants can be judged too. The same
// runs and the same verdict for any number of jobs: where the search ends is read off the runs in the order of their
// numbers, and what was made beyond that does not count. What stays out: what a verdict takes (model/verdict.ts),
// printing, files, shrinking.
import type { Violation } from '../model/invariant.ts';
import { type Noticed, noticedOver } from '../model/noticed.ts';
import { checkScenario } from '../run/check-scenario.ts';
import { Coordinator } from '../run/coordinator.ts';
import type { Explored, ExploredTally } from '../model/explored.ts';
import { Feedback } from './feedback.ts';
import { Job } from './job.ts';
import type { Plan } from '../model/plan.ts';
import type { Recipe } from './recipe.ts';
import { lookBefore, recipeAfter } from './stall.ts';
import { isOneRun, promiseOf, type RunLimits, Runner, type RunnerOptions, type RunReport } from './runner.ts';
import { judgeRuns, type Judged, type RunCounts } from '../model/verdict.ts';
import { type FirstFailure, Tally } from './tally.ts';
import type { RunShape } from '../run/choosers/catalogue.ts';
import { RunInterrupted } from '../errors/interrupted.ts';
import type { LaneBinaries } from '../run/pool.ts';
import type { Scenario } from '../model/scenario.ts';

/**
 * @property scenarioModule URL of a module that exports `scenarios`, for jobs in other processes
 * @property coordinator of the machine, kept open for more: with one job only. Default: one of its own
 * @property first number of the first run; default 0. A search that ended before run n goes on from it
 * @property runs at most this many; a plan and a schedule in which nothing is drawn are one run, however many are asked for
 * @property bound that a pass must keep to; default 5 % (model/verdict.ts)
 * @property seen fingerprints of runs that earlier searches have made: those count no second time
 * @property tally of what earlier searches have explored: this one adds to it
 * @property failedAlready invariants of which a failure is known: with `goOn` the search ends as if its run before the first
 *   had failed
 * @property goOn a run that failed does not end the search: it goes on until the other invariants have failed too or have
 *   the runs that a pass takes, for at most so many runs more
 * @property enough the search ends when so many of its runs have reached the window, those of earlier searches not counted, and none has
 *   failed; default: no end
 * @property timeMs real milliseconds for runs and what confirms them
 * @property overrunMs so much longer the last run and what confirms it may go on; default: where a coordinator is given, to its end.
 *   A run is cut off, and counts for nothing, when it has taken half of what was left as it began: its confirmation would no
 *   longer fit
 * @property othersMs with `goOn`: a search that has failed ends after so many real milliseconds
 * @property now the clock of both, but in jobs; default: this process's own
 * @property jobs coordinators side by side; 1 runs in this process
 * @property limitMs milliseconds of its own time after which a lane that has not come back is a harness error
 * @property stop asked several times a second, in the middle of runs too; true ends the search with what it has
 */
export interface SearchOptions extends RunnerOptions {
  readonly scenario: Scenario;
  readonly scenarioModule: string;
  readonly machine: LaneBinaries;
  readonly coordinator?: Coordinator;
  readonly first?: number;
  readonly runs?: number;
  readonly bound?: number;
  readonly seen?: readonly string[];
  readonly tally?: ExploredTally;
  readonly goOn?: boolean;
  readonly failedAlready?: readonly string[];
  readonly enough?: number;
  readonly timeMs?: number;
  readonly overrunMs?: number;
  readonly othersMs?: number;
  readonly now?: () => number;
  readonly jobs?: number;
  readonly limitMs?: number;
  readonly stop?: () => boolean;
  readonly onRun?: (runs: number, failures: readonly FirstFailure[]) => void;
}

/** What a chooser promises for the plan that all runs have; measured on run 0, which keeps to the default schedule. */
export interface Promised extends RunShape {
  readonly bound: number;
}

/**
 * @property fingerprints of the runs that count
 * @property marks runs that reached each mark
 * @property failures in the order of their runs: one for each invariant that some run violated
 * @property plan violates; see the first of `failures` whether a replay has confirmed it
 * @property timeUp it ended because its time was up
 * @property hash of the run that `plan` gives, or of the last run
 * @property violations of that run
 * @property explored what the runs that were drawn independently of each other have explored, beside those of `tally`
 */
export interface SearchResult extends RunCounts, Judged {
  readonly fingerprints: readonly string[];
  readonly steps: number;
  readonly seconds: number;
  readonly marks: { readonly [name: string]: number };
  readonly noticed: Noticed;
  readonly failures: readonly FirstFailure[];
  readonly violations: readonly Violation[];
  /** Names of other invariants that some run violated: those that `only` leaves out. */
  readonly besides: readonly string[];
  readonly plan: Plan | undefined;
  readonly hash: string | null;
  readonly interrupted: boolean;
  readonly timeUp: boolean;
  /** Null where the chooser promises nothing, and when not even run 0 was made. */
  readonly promised: Promised | null;
  readonly explored: Explored;
}

/** Real milliseconds between two looks whether jobs are to stop. */
const stopLookMs = 100;

/** Runs until something is found, or the budget is spent, or `stop` says so. Throws harness errors, and those of the scenario. */
export async function search(options: SearchOptions): Promise<SearchResult> {
  checkScenario(options.scenario); // before any job is started
  const { now = () => performance.now(), timeMs = Infinity, othersMs = Infinity } = options;
  const { overrunMs = options.coordinator === undefined ? 0 : Infinity } = options;
  const began = now();
  const first = options.first ?? 0;
  const tally = new Tally(options);
  const runs = isOneRun(options) ? 1 : (options.runs ?? Infinity);
  let interrupted = false;
  let timeUp = false;
  /** A run was: with the gap that it leaves, none after it would count. */
  let cut = false;
  const endMs = (): number => (tally.failed === Infinity ? timeMs : Math.min(timeMs, othersMs));
  const goesOn = (run: number): boolean => {
    if (tally.settled || run - first >= runs) return false;
    if (run > tally.failed && options.goOn !== true) return false;
    timeUp = cut || now() - began >= endMs();
    if (timeUp) return false;
    if (options.stop?.() === true) interrupted = true;
    return !interrupted;
  };
  const feedback = options.chooser === 'feedback' ? new Feedback(options.seed, first) : undefined;
  const coverage = tally.exploredSoFar;
  // Of what the runs before the first have met it may be that nothing is known; run 0 of a plan that is given was not drawn.
  const mayStall = options.chooser === 'portfolio' && coverage.runs >= first - 1;
  const isReady = (run: number): boolean => feedback?.isReady(run) ?? (!mayStall || coverage.runs >= lookBefore(run));
  const recipeOf = (run: number): Recipe | undefined =>
    feedback?.recipeOf(run) ?? (mayStall ? recipeAfter(coverage.curve, run) : undefined);
  const took = (report: RunReport): void => {
    tally.add(report);
    if (report.reached !== undefined) feedback?.add(report.reached);
    options.onRun?.(tally.made, tally.failures);
  };
  const failedBefore = (run: number): boolean => tally.failed < run;
  const leftMs = (): TimeLeft => {
    const gone = now() - began;
    const allMs = timeMs + overrunMs - gone;
    return { runMs: Math.min(allMs / 2, endMs() + overrunMs - gone), allMs };
  };
  const cutOff = (): void => void (timeUp = cut = true);
  const watch = { goesOn, isReady, recipeOf, took, failedBefore, leftMs, cutOff };
  if ((options.jobs ?? 1) === 1) await searchHere(options, watch);
  else await searchInJobs(options, watch);
  if (options.stop?.() === true && tally.failed === Infinity) interrupted = true; // in the middle of the last run
  tally.end();
  if (options.stop?.() === true || tally.settled) timeUp = false;
  return summary(options, tally, (now() - began) / 1000, { interrupted, timeUp });
}

/**
 * What a search is asked and told while it goes on.
 *
 * @property isReady can it be said how a run is drawn? Not before those have ended on which it goes (feedback.ts)
 * @property recipeOf how; undefined: from the streams of its own number
 * @property failedBefore an earlier run failed: then it counts, whatever becomes of this one
 * @property leftMs for a run that begins now
 * @property cutOff a run was: the search ends
 */
interface Watch {
  readonly goesOn: (run: number) => boolean;
  readonly isReady: (run: number) => boolean;
  readonly recipeOf: (run: number) => Recipe | undefined;
  readonly took: (report: RunReport) => void;
  readonly failedBefore: (run: number) => boolean;
  readonly leftMs: () => TimeLeft;
  readonly cutOff: () => void;
}

/** Real milliseconds for a run, and for it with its confirmation; Infinity where there is no limit. */
interface TimeLeft {
  readonly runMs: number;
  readonly allMs: number;
}

async function searchHere(options: SearchOptions, watch: Watch): Promise<void> {
  const { goesOn, took, failedBefore } = watch;
  const { machine, limitMs, stop } = options;
  const own = (): Coordinator =>
    new Coordinator({
      machine,
      ...(limitMs === undefined ? {} : { limitMs }),
      ...(stop === undefined ? {} : { stop }),
    });
  const coordinator = options.coordinator ?? own();
  let last: (() => Promise<RunReport>) | undefined;
  const takeLast = async (): Promise<void> => {
    const finish = last;
    last = undefined;
    if (finish !== undefined) took(await finish());
  };
  let run = options.first ?? 0;
  try {
    const runner = new Runner(coordinator, options.scenario, options);
    for (; goesOn(run); run++) {
      if (!watch.isReady(run)) await takeLast();
      const finish = await runner
        .begin(run, limitsOf(options, watch), watch.recipeOf(run))
        .catch(async (error: unknown) => {
          await takeLast(); // what came before this run counts
          throw error;
        });
      await takeLast();
      last = finish;
    }
    await takeLast();
  } catch (error) {
    if (error instanceof RunInterrupted) watch.cutOff();
    else if (!failedBefore(run)) throw error;
  } finally {
    if (options.coordinator === undefined) coordinator.close();
    else coordinator.forgetBegun();
  }
}

function limitsOf({ now = () => performance.now() }: SearchOptions, { leftMs }: Watch): RunLimits {
  const began = now();
  const { runMs, allMs } = leftMs();
  return { run: () => now() - began >= runMs, confirmation: () => now() - began >= allMs };
}

async function searchInJobs(
  options: SearchOptions,
  { goesOn, isReady, recipeOf, took, failedBefore, leftMs, cutOff }: Watch,
): Promise<void> {
  const jobs = options.jobs ?? 1;
  let next = options.first ?? 0;
  const broken: { readonly run: number; readonly error: unknown }[] = [];
  let wake = (): void => {};
  /** Until a job has come back; now and then too, so that whoever waits hears that all is over. */
  let back = Promise.resolve();
  const comeBack = (): void => {
    wake();
    back = new Promise((resolve) => (wake = resolve));
  };
  comeBack();
  const work = async (job: Job): Promise<void> => {
    let run = next;
    try {
      while (broken.length === 0 && goesOn(next)) {
        if (!isReady(next)) {
          await back;
          continue;
        }
        const { runMs, allMs } = leftMs();
        const finite = (ms: number) => (ms === Infinity ? null : ms);
        run = next++;
        took(await job.run({ run, recipe: recipeOf(run), runMs: finite(runMs), allMs: finite(allMs) }));
        comeBack();
      }
    } catch (error) {
      if (error instanceof RunInterrupted) cutOff();
      else broken.push({ run, error }); // the others stop after the run they are in
    } finally {
      await job.close();
    }
  };
  const all = Array.from({ length: jobs }, () => new Job(options));
  const watch = setInterval(() => {
    if (options.stop?.() === true) for (const job of all) job.stop();
    comeBack();
  }, stopLookMs);
  try {
    await Promise.all(all.map(work));
  } finally {
    clearInterval(watch);
  }
  const [first] = broken.toSorted((a, b) => a.run - b.run);
  if (first !== undefined && !failedBefore(Infinity)) throw first.error;
}

function summary(
  options: SearchOptions,
  tally: Tally,
  seconds: number,
  ended: Pick<SearchResult, 'interrupted' | 'timeUp'>,
): SearchResult {
  const { counted, counts, failures } = tally;
  const marks = new Map<string, number>();
  for (const { marks: reached } of counted) for (const name of reached) marks.set(name, (marks.get(name) ?? 0) + 1);
  const [failure] = failures;
  const { bound } = options;
  return {
    ...counts,
    ...judgeRuns(counts, { failed: failure !== undefined, bound }),
    fingerprints: tally.fingerprints,
    steps: counted.reduce((sum, { steps }) => sum + steps, 0),
    seconds,
    marks: Object.fromEntries(marks),
    noticed: noticedOver(counted.map(({ noticed }) => noticed)),
    failures,
    violations: failure?.violations ?? [],
    besides: [...new Set(counted.flatMap(({ besides }) => besides))].toSorted(),
    plan: failure?.plan,
    hash: failure?.hash ?? counted.at(-1)?.hash ?? null,
    ...ended,
    promised: promisedBy(options, counted),
    explored: tally.explored,
  };
}

/** With as many lanes as any run had, and the switch points of run 0, over which the chooser spreads its changes. */
function promisedBy(options: SearchOptions, counted: readonly RunReport[]): Promised | null {
  const [first] = counted;
  if (first === undefined) return null;
  const shape = { points: first.shape.points, lanes: Math.max(...counted.map((report) => report.shape.lanes)) };
  const bound = promiseOf(options, shape);
  return bound === null ? null : { ...shape, bound };
}
