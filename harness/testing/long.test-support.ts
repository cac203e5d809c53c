// Tests that take too long for every run of them carry the tag `long`; tools/long-tests.ts says when it is their turn.
import type { TestOptions } from 'vitest';

/** Options of a test that takes seconds. */
export const long = { tags: ['long'] } satisfies TestOptions;

/** Options of one test of a table: only the quick ones run every time. */
export function longUnless(quick: boolean): TestOptions {
  return quick ? {} : long;
}
