// Leaves out, when a test file has been read, its long and its slow tests whose turn it is not. Not by a hook before each test: what runs after a
// test would clear away what nothing has set up. Where it is asked to (LOCKSTEP_TIMES=1), it tells what each test costs.
import { inject, type RunnerTask, type RunnerTestCase, type RunnerTestFile, TestRunner } from 'vitest';
import { isDue, isLong, lastingName, type LongTurn } from './long-tests.ts';
import { processorMs } from './processor-time.ts';
import { type Names, readSlowTests } from './slow-tests.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Set in vitest.config.ts, once for a run: midnight changes nothing in it. */
    readonly longTurn: LongTurn;
    /** Slow tests whose turn it is not. */
    readonly slowLeftOut: Names;
  }
  interface TaskMeta {
    /** What it took of processors, with all that it started; under LOCKSTEP_TIMES=1. */
    processorMs?: number;
  }
}

interface Turns {
  readonly turn: LongTurn;
  readonly listed: ReadonlySet<string>;
  readonly leftOut: ReadonlySet<string>;
}

/** Whose cost is known has the day that the cost gave it, a long one too; with none of the long ones it is left out all the same. */
function hasTurn({ tags, fullTestName = '' }: RunnerTask, before: RunnerTask | undefined, turns: Turns): boolean {
  const name = lastingName(fullTestName);
  const long = isLong(tags, before?.tags);
  if (long && (turns.turn === 'none' || !turns.listed.has(name))) return isDue(turns.turn, name);
  return !turns.leftOut.has(name);
}

function leaveOut(tasks: readonly RunnerTask[], turns: Turns): void {
  for (const [i, task] of tasks.entries())
    if (task.type === 'suite') leaveOut(task.tasks, turns);
    else if (task.mode === 'run' && !hasTurn(task, tasks[i - 1], turns)) task.mode = 'skip';
}

const measures = process.env['LOCKSTEP_TIMES'] === '1';

export default class LongTestsRunner extends TestRunner {
  #beganAtMs = 0;

  onCollected(files: readonly RunnerTestFile[]): void {
    const [slowLeftOut, slow] = [inject('slowLeftOut'), readSlowTests()];
    for (const file of files)
      leaveOut(file.tasks, {
        turn: inject('longTurn'),
        listed: new Set(Object.keys(slow[file.name] ?? {})),
        leftOut: new Set(slowLeftOut[file.name]),
      });
  }

  override async onBeforeRunTask(test: RunnerTestCase): Promise<void> {
    await super.onBeforeRunTask(test);
    if (measures) this.#beganAtMs = processorMs();
  }

  override onAfterRunTask(test: RunnerTestCase): void {
    if (measures) test.meta.processorMs = processorMs() - this.#beganAtMs;
    super.onAfterRunTask(test);
  }
}
