// Leaves out, when a test file has been read, its long and its slow tests whose turn it is not. Not by a hook before each test: what runs after a
// test would clear away what nothing has set up.
import { inject, type RunnerTask, type RunnerTestFile, TestRunner } from 'vitest';
import { isDue, isLong, isSlowDue, type LongTurn } from './long-tests.ts';
import type { SlowTests } from './slow-tests.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Set in vitest.config.ts, once for a run: midnight changes nothing in it. */
    readonly longTurn: LongTurn;
    readonly slowTests: SlowTests;
  }
}

interface Turns {
  readonly turn: LongTurn;
  readonly slow: ReadonlySet<string>;
}

function hasTurn(
  { tags, fullTestName = '' }: RunnerTask,
  before: RunnerTask | undefined,
  { turn, slow }: Turns,
): boolean {
  if (isLong(tags, before?.tags)) return isDue(turn, fullTestName);
  return !slow.has(fullTestName) || isSlowDue(turn, fullTestName);
}

function leaveOut(tasks: readonly RunnerTask[], turns: Turns): void {
  for (const [i, task] of tasks.entries())
    if (task.type === 'suite') leaveOut(task.tasks, turns);
    else if (task.mode === 'run' && !hasTurn(task, tasks[i - 1], turns)) task.mode = 'skip';
}

export default class LongTestsRunner extends TestRunner {
  onCollected(files: readonly RunnerTestFile[]): void {
    const slowTests = inject('slowTests');
    for (const file of files) leaveOut(file.tasks, { turn: inject('longTurn'), slow: new Set(slowTests[file.name]) });
  }
}
