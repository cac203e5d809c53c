// Tests that take too long for every run of them carry the tag `long`; tools/long-tests.ts says when it is their turn.
import type { TestOptions } from 'vitest';

/** Options of a test that takes seconds, or that others which run each time nearly stand for. */
export const long = { tags: ['long'] } satisfies TestOptions;

/** Options of a table of tests that are much alike: the first runs every time, all others are long. */
export const longButFirst = { tags: ['long-but-first'] } satisfies TestOptions;

/**
 * Runs of a property whose seeds are others each time: a part of them in `npm test`, all in `npm run test:all`, and so many times as many
 * as LOCKSTEP_PLANS says.
 */
export function runsOf(all: number, part: number): number {
  return (process.env['LOCKSTEP_ALL'] === '1' ? all : part) * Number(process.env['LOCKSTEP_PLANS'] ?? 1);
}

/** Options of one test of a table: only the quick ones run every time. */
export function longUnless(quick: boolean): TestOptions {
  return quick ? {} : long;
}
