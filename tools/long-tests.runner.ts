// Leaves out, when a test file has been read, its long tests whose turn it is not. Not by a hook before each test: what runs after a
// test would clear away what nothing has set up.
import { inject, type RunnerTask, type RunnerTestFile, TestRunner } from 'vitest';
import { isDue, isLong, type LongTurn } from './long-tests.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Set in vitest.config.ts, once for a run: midnight changes nothing in it. */
    readonly longTurn: LongTurn;
  }
}

function leaveOut(tasks: readonly RunnerTask[], turn: LongTurn): void {
  for (const [i, task] of tasks.entries())
    if (task.type === 'suite') leaveOut(task.tasks, turn);
    else if (task.mode === 'run' && isLong(task.tags, tasks[i - 1]?.tags) && !isDue(turn, task.fullTestName))
      task.mode = 'skip';
}

export default class LongTestsRunner extends TestRunner {
  onCollected(files: readonly RunnerTestFile[]): void {
    leaveOut(files, inject('longTurn'));
  }
}
