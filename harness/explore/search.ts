// The search: runs of one scenario under one strategy on one engine, here or in several jobs, until one violates an
// invariant or the budget is spent. The same runs and the same verdict for any number of jobs: of all runs that
// failed, the one with the lowest number counts, and only runs up to it are counted. What stays out: printing, files,
// shrinking.
import type { Violation } from '../invariants/invariant.ts';
import { checkScenario } from './check-scenario.ts';
import { Coordinator } from './coordinator.ts';
import { Job } from './job.ts';
import type { Plan } from './plan.ts';
import { Runner, type RunnerOptions, type RunReport, type ShapeReport } from './runner.ts';
import { RunInterrupted } from '../schedule/run-errors.ts';
import type { Machine } from '../schedule/pool.ts';
import type { Scenario } from './scenario.ts';
import { upperBound, type Verdict } from './verdict.ts';

/**
 * @property scenarioModule URL of a module that exports `scenarios`, for jobs in other processes
 * @property coordinator of the machine, kept open for more: with one job only. Default: one of its own
 * @property first number of the first run; default 0. A search that ended before run n goes on from it
 * @property runs at most this many
 * @property timeMs stop after this many real milliseconds
 * @property jobs coordinators side by side; 1 runs in this process
 * @property limitMs milliseconds of its own time after which a lane that has not come back is a harness error
 * @property stop asked several times a second, in the middle of runs too; true ends the search with what it has
 */
export interface SearchOptions extends RunnerOptions {
  readonly scenario: Scenario;
  readonly scenarioModule: string;
  readonly machine: Machine;
  readonly coordinator?: Coordinator;
  readonly first?: number;
  readonly runs?: number;
  readonly timeMs?: number;
  readonly jobs?: number;
  readonly limitMs?: number;
  readonly stop?: () => boolean;
  readonly onRun?: (runs: number) => void;
}

/**
 * @property marks runs that reached each mark
 * @property plan violates; confirmed by a replay with the same hash, unless the search was interrupted just then
 * @property hash of the run that `plan` gives, or of the last run
 * @property shape of run 0, and what the chooser promises for runs like it
 */
export interface SearchResult {
  readonly verdict: Verdict;
  readonly runs: number;
  readonly steps: number;
  readonly seconds: number;
  readonly upperBound: number | null;
  readonly marks: { readonly [name: string]: number };
  readonly violations: readonly Violation[];
  /** Names of other invariants that some run violated: those that `only` leaves out. */
  readonly besides: readonly string[];
  readonly plan: Plan | undefined;
  readonly hash: string | null;
  readonly interrupted: boolean;
  /** Undefined when not even run 0 was made. */
  readonly shape: ShapeReport | undefined;
}

/** Real milliseconds between two looks whether jobs are to stop. */
const stopLookMs = 100;

/** Reports in the order of run numbers, whichever job made them. */
class Tally {
  readonly #reports = new Map<number, RunReport>();
  readonly #first: number;
  /** Lowest number of a run that failed. */
  failed = Infinity;

  constructor(first: number) {
    this.#first = first;
  }

  add(report: RunReport): void {
    this.#reports.set(report.run, report);
    if (report.plan !== undefined) this.failed = Math.min(this.failed, report.run);
  }

  get size(): number {
    return this.#reports.size;
  }

  /**
   * Runs up to the one that failed; without one, from the first on without a gap. (A gap before a failure is a run that was
   * interrupted, or whose jobs died: it takes nothing from what was found.)
   */
  counted(): readonly RunReport[] {
    if (this.failed < Infinity)
      return [...this.#reports.values()].filter(({ run }) => run <= this.failed).toSorted((a, b) => a.run - b.run);
    const counted: RunReport[] = [];
    for (let run = this.#first; ; run++) {
      const report = this.#reports.get(run);
      if (report === undefined) break;
      counted.push(report);
    }
    return counted;
  }
}

/** Runs until something is found, or the budget is spent, or `stop` says so. Throws harness errors, and those of the scenario. */
export async function search(options: SearchOptions): Promise<SearchResult> {
  checkScenario(options.scenario); // before any job is started
  const began = performance.now();
  const first = options.first ?? 0;
  const tally = new Tally(first);
  let interrupted = false;
  const goesOn = (run: number): boolean => {
    if (run - first >= (options.runs ?? Infinity) || run > tally.failed) return false;
    if (performance.now() - began >= (options.timeMs ?? Infinity)) return false;
    if (options.stop?.() === true) interrupted = true;
    return !interrupted;
  };
  const took = (report: RunReport): void => {
    tally.add(report);
    options.onRun?.(tally.size);
  };
  const failedBefore = (run: number): boolean => tally.failed < run;
  const watch = { goesOn, took, failedBefore };
  if ((options.jobs ?? 1) === 1) await searchHere(options, watch);
  else await searchInJobs(options, watch);
  if (options.stop?.() === true && tally.failed === Infinity) interrupted = true; // in the middle of the last run
  return summary(options.scenario, tally.counted(), (performance.now() - began) / 1000, interrupted);
}

/**
 * What a search is asked and told while it goes on.
 *
 * @property failedBefore an earlier run failed: then it counts, whatever becomes of this one
 */
interface Watch {
  readonly goesOn: (run: number) => boolean;
  readonly took: (report: RunReport) => void;
  readonly failedBefore: (run: number) => boolean;
}

async function searchHere(options: SearchOptions, { goesOn, took, failedBefore }: Watch): Promise<void> {
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
      const finish = await runner.begin(run).catch(async (error: unknown) => {
        await takeLast(); // what came before this run counts
        throw error;
      });
      await takeLast();
      last = finish;
    }
    await takeLast();
  } catch (error) {
    if (!(error instanceof RunInterrupted) && !failedBefore(run)) throw error;
  } finally {
    if (options.coordinator === undefined) coordinator.close();
  }
}

async function searchInJobs(options: SearchOptions, { goesOn, took, failedBefore }: Watch): Promise<void> {
  const jobs = options.jobs ?? 1;
  let next = options.first ?? 0;
  const broken: { readonly run: number; readonly error: unknown }[] = [];
  const work = async (job: Job): Promise<void> => {
    let run = next;
    try {
      while (broken.length === 0 && goesOn(next)) took(await job.run((run = next++)));
    } catch (error) {
      if (!(error instanceof RunInterrupted)) broken.push({ run, error }); // the others stop after the run they are in
    } finally {
      await job.close();
    }
  };
  const all = Array.from({ length: jobs }, () => new Job(options));
  const watch = setInterval(() => {
    if (options.stop?.() === true) for (const job of all) job.stop();
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
  scenario: Scenario,
  counted: readonly RunReport[],
  seconds: number,
  interrupted: boolean,
): SearchResult {
  const marks = new Map<string, number>();
  for (const { marks: reached } of counted) for (const name of reached) marks.set(name, (marks.get(name) ?? 0) + 1);
  const last = counted.at(-1);
  const failed = last?.plan !== undefined;
  const reached = marks.get(scenario.window) ?? 0;
  return {
    verdict: failed ? 'fail' : reached > 0 ? 'pass' : 'inconclusive',
    runs: counted.length,
    steps: counted.reduce((sum, { steps }) => sum + steps, 0),
    seconds,
    upperBound: failed || reached === 0 ? null : upperBound(counted.length),
    marks: Object.fromEntries(marks),
    violations: last?.violations ?? [],
    besides: [...new Set(counted.flatMap(({ besides }) => besides))].toSorted(),
    plan: last?.plan,
    hash: last?.hash ?? null,
    interrupted,
    shape: counted[0]?.shape,
  };
}
