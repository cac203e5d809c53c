// The other side of job.ts: a coordinator that makes the runs it is asked for, and goes when its parent goes.
import { sayError } from '../errors/errors.ts';
import { RunInterrupted } from '../errors/interrupted.ts';
import { followParent, hearStop } from './serve-parent.ts';
import { Coordinator } from '../run/coordinator.ts';
import type { JobAnswer, JobSetting, RunOrder } from './job.ts';
import { scenarioIn } from './load-scenarios.ts';
import { Runner } from './runner.ts';

const isOrphan = followParent();
const isTold = hearStop();
let runner: Runner | undefined;
let queue = Promise.resolve();
/** Why it could not be set up; the answer to every run. */
let broken: Error | undefined;

async function setUp(setting: JobSetting): Promise<void> {
  const scenario = await scenarioIn(setting.scenarioModule, setting.scenario);
  const { machine, limitMs } = setting;
  runner = new Runner(
    new Coordinator({ machine, stop: () => isTold() || isOrphan(), ...(limitMs === undefined ? {} : { limitMs }) }),
    scenario,
    setting.options,
  );
}

async function answerTo({ run, recipe, runMs, allMs }: RunOrder): Promise<JobAnswer> {
  const began = performance.now();
  const after = (ms: number | null) => () => ms !== null && performance.now() - began >= ms;
  try {
    if (broken !== undefined) throw broken;
    if (runner === undefined) throw new Error('A job was asked for a run before it was set up.');
    return { report: await runner.run(run, { run: after(runMs), confirmation: after(allMs) }, recipe) };
  } catch (error) {
    if (error instanceof RunInterrupted) return after(runMs)() ? { timeUp: true } : { interrupted: true };
    return { error: sayError(error, 'JOB_FAILED') };
  }
}

process.on('message', (message: JobSetting | RunOrder) => {
  queue = queue.then(async () => {
    if ('run' in message)
      process.send?.(await answerTo(message), () => {}); // a parent that is gone hears nothing
    else
      await setUp(message).catch((error: unknown) => {
        broken = error instanceof Error ? error : new Error(String(error));
      });
  });
});
