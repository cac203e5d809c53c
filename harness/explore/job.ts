// A job: a coordinator in a process of its own, for searches that use several cores. This side starts it and asks for
// runs; job-main.ts is the other. What stays out: which runs (search.ts).
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type ErrorSaid, harnessError, LockstepError } from '../errors.ts';
import { compileCache } from '../schedule/child-env.ts';
import type { Machine } from '../schedule/pool.ts';
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
  readonly #child: ChildProcess;

  constructor({ scenario, scenarioModule, machine, limitMs, ...rest }: JobOptions) {
    const options = runnerOptionsOf(rest);
    // A process group of its own: a Ctrl-C is for the parent, which then stops asking.
    this.#child = fork(program, [], {
      execArgv: ['--no-warnings'],
      detached: true,
      env: { ...process.env, ...compileCache() },
    });
    const setting: JobSetting = { scenarioModule, scenario: scenario.name, machine, options, limitMs };
    this.#child.send(setting);
  }

  async run(run: number): Promise<RunReport> {
    this.#child.send(run);
    const died = new AbortController();
    const answer = (await Promise.race([
      once(this.#child, 'message', died),
      once(this.#child, 'exit', died).then(([code, signal]) => {
        throw harnessError(
          'JOB_DIED',
          `A job of the search died (${String(signal ?? `exit code ${String(code)}`)}) in run ${run}.`,
          'Run the search again with --jobs 1 to see why.',
        );
      }),
    ]).finally(() => died.abort())) as unknown as readonly [JobAnswer];
    const got = answer[0];
    if ('report' in got) return got.report;
    throw LockstepError.from(got.error);
  }

  /** Ends it; it removes what it made. */
  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.disconnect();
    await gone;
  }
}
