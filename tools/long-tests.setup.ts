// Runs in each test file before its tests: a long test whose turn it is not is skipped.
import { beforeEach, inject } from 'vitest';
import { isDue, type LongTurn, longTag } from './long-tests.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Set in vitest.config.ts, once for a run: midnight changes nothing in it. */
    readonly longTurn: LongTurn;
  }
}

const turn = inject('longTurn');

beforeEach(({ task, skip }) => {
  if (task.tags?.includes(longTag) === true && !isDue(turn, task.fullTestName)) skip('long, and not its turn');
});
