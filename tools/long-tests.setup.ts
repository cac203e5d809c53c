// Runs in each test file before its tests: a long test whose turn it is not is skipped.
import { beforeEach, inject } from 'vitest';
import { isDue, isLong, type LongTurn } from './long-tests.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Set in vitest.config.ts, once for a run: midnight changes nothing in it. */
    readonly longTurn: LongTurn;
  }
}

const turn = inject('longTurn');

beforeEach(({ task, skip }) => {
  const { tasks } = task.suite ?? task.file;
  const before = tasks[tasks.indexOf(task) - 1];
  if (isLong(task.tags, before?.tags) && !isDue(turn, task.fullTestName)) skip('long, and not its turn');
});
