// A job: a coordinator in a process of its own, for searches that use several cores. This side starts it and asks for
// runs; job-main.ts is the other. A run depends on what it is ordered with alone, so one whose job has died is made by another. What
// stays out: which runs (search.ts).
import { fileURLToPath } from 'node:url';
import { type ErrorSaid, harnessError, LockstepError } from '../errors/errors.ts';
import type { LaneBinaries } from '../run/pool.ts';
import { RunInterrupted } from '../errors/interrupted.ts';
import { AskedProcess } from './asked-process.ts';
import type { Recipe } from './recipe.ts';
import { type RunnerOptions, runnerOptionsOf, type RunReport } from './runner.ts';
import type { Scenario } from '../model/scenario.ts';

/** What a job is told first. */
export interface JobSetting {
  readonly scenarioModule: string;
  readonly scenario: string;
  readonly machine: LaneBinaries;
  readonly options: RunnerOptions;
  readonly limitMs: number | undefined;
}

/**
 * A run that a job is asked for.
 *
 * @property recipe how it is drawn; default: from the streams of its own number
 * @property runMs real milliseconds after which it is cut off; null: it is not
 * @property allMs the same for confirming what it found, from the run's beginning on
 */
export interface RunOrder {
  readonly run: number;
  readonly recipe?: Recipe | undefined;
  readonly runMs: number | null;
  readonly allMs: number | null;
}

/** What a job answers to the order of a run. */
export type JobAnswer =
  | { readonly report: RunReport }
  | { readonly interrupted: true }
  | { readonly timeUp: true }
  | { readonly error: ErrorSaid };

const program = fileURLToPath(new URL('./job-main.ts', import.meta.url));

interface JobOptions extends RunnerOptions {
  readonly scenario: Scenario;
  readonly scenarioModule: string;
  readonly machine: LaneBinaries;
  readonly limitMs?: number;
}

export class Job {
  readonly #process: AskedProcess<JobSetting | RunOrder, JobAnswer>;
  #run = 0;

  constructor({ scenario, scenarioModule, machine, limitMs, ...rest }: JobOptions) {
    this.#process = new AskedProcess<JobSetting | RunOrder, JobAnswer>({
      program,
      introduce: { scenarioModule, scenario: scenario.name, machine, options: runnerOptionsOf(rest), limitMs },
      interrupted: (answer) => 'interrupted' in answer,
      died: (how) => jobDied(how, this.#run),
    });
  }

  /** See {@link AskedProcess}. */
  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** @throws RunInterrupted after {@link stop}, and where the run was cut off; harness errors */
  async run(order: RunOrder): Promise<RunReport> {
    this.#run = order.run;
    const answer = await this.#process.ask(order).catch((error: unknown) => {
      if (this.#process.stopped) throw new RunInterrupted(); // before it could hear
      throw error;
    });
    if ('report' in answer) return answer.report;
    if ('interrupted' in answer || 'timeUp' in answer) throw new RunInterrupted();
    throw LockstepError.from(answer.error);
  }

  /** Interrupts the run that it is in. */
  stop(): void {
    this.#process.stop();
  }

  /** Ends it; it removes what it made. */
  close(): Promise<void> {
    return this.#process.close();
  }
}

function jobDied(how: string, run: number): Error {
  return harnessError(
    'JOB_DIED',
    `The jobs of the search that were to make run ${run} died one after the other (the last one: ${how}).`,
    'Run the search again with --jobs 1 to see why. Most likely the machine is out of memory.',
  );
}
