// A job: a coordinator in a process of its own, for searches that use several cores. This side starts it and asks for
// runs; job-main.ts is the other. What stays out: which runs (search.ts).
import { fileURLToPath } from 'node:url';
import { type ErrorSaid, harnessError, LockstepError } from '../errors.ts';
import type { Machine } from '../schedule/pool.ts';
import { AskedProcess } from './asked-process.ts';
import { type RunnerOptions, runnerOptionsOf, type RunReport } from './runner.ts';
import type { Scenario } from './scenario.ts';

/** What a job is told first. */
export interface JobSetting {
  readonly scenarioModule: string;
  readonly scenario: string;
  readonly machine: Machine;
  readonly options: RunnerOptions;
  readonly limitMs: number | undefined;
}

/** What a job answers to the number of a run. */
export type JobAnswer = { readonly report: RunReport } | { readonly error: ErrorSaid };

const program = fileURLToPath(new URL('./job-main.ts', import.meta.url));

interface JobOptions extends RunnerOptions {
  readonly scenario: Scenario;
  readonly scenarioModule: string;
  readonly machine: Machine;
  readonly limitMs?: number;
}

export class Job {
  readonly #process: AskedProcess<JobSetting | number, JobAnswer>;
  #run = 0;

  constructor({ scenario, scenarioModule, machine, limitMs, ...rest }: JobOptions) {
    this.#process = new AskedProcess({ program, died: (how) => jobDied(how, this.#run) });
    const options = runnerOptionsOf(rest);
    this.#process.tell({ scenarioModule, scenario: scenario.name, machine, options, limitMs });
  }

  async run(run: number): Promise<RunReport> {
    this.#run = run;
    const answer = await this.#process.ask(run);
    if ('report' in answer) return answer.report;
    throw LockstepError.from(answer.error);
  }

  /** Ends it; it removes what it made. */
  close(): Promise<void> {
    return this.#process.close();
  }
}

function jobDied(how: string, run: number): Error {
  return harnessError(
    'JOB_DIED',
    `A job of the search died (${how}) in run ${run}.`,
    'Run the search again with --jobs 1 to see why.',
  );
}
