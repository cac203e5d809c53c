// When it is the turn of a long test: all of them, none, or a hundredth of them, which the day chooses. A test belongs to a hundredth by
// its name, so that it stays there wherever its file goes; in a hundred days in a row each has its turn. Whose cost was
// measured has its day by that instead (slow-tests.ts). What stays out: which tests are long (the tags), and leaving out the others
// (long-tests.runner.ts).
import { createHash } from 'node:crypto';

export const longTag = 'long';
/** Of the tests of a table that follow each other, all but the first are long. */
export const longButFirstTag = 'long-but-first';
/** How many parts the long tests are in: as many days until each has had its turn. */
export const parts = 100;
const dayMs = 86_400_000;

/** Which long tests run: all, none, or those of a hundredth, 0 to 99. */
export type LongTurn = 'all' | 'none' | number;

/** The name of a test in all runs: of a property (@fast-check/vitest) the seed of this one is no part of it. */
export function lastingName(fullName: string): string {
  return fullName.replace(/ \(with seed=-?\d+\)$/, '');
}

/** The hundredth that a test belongs to, 0 to 99. */
export function partOf(testName: string): number {
  return createHash('sha256').update(testName).digest().readUInt32BE(0) % parts;
}

/**
 * Is a test long?
 *
 * @param before the tags of the one before it in its suite
 */
export function isLong(tags: readonly string[] = [], before: readonly string[] = []): boolean {
  return tags.includes(longTag) || (tags.includes(longButFirstTag) && before.includes(longButFirstTag));
}

/** Is it the turn of a long test? */
export function isDue(turn: LongTurn, testName: string): boolean {
  return turn === 'all' || turn === partOf(testName);
}

interface Asked {
  readonly LOCKSTEP_ALL?: string | undefined;
  readonly LOCKSTEP_PART?: string | undefined;
}

/**
 * What the environment asks for: LOCKSTEP_ALL=1 all, LOCKSTEP_PART=3 that hundredth, LOCKSTEP_PART=today the one of the day.
 *
 * @param nowMs real time; the day is that of UTC
 * @throws an Error that says what LOCKSTEP_PART takes
 */
export function longTurnOf({ LOCKSTEP_ALL: all, LOCKSTEP_PART: part = '' }: Asked, nowMs: number): LongTurn {
  if (all === '1') return 'all';
  if (part === '') return 'none';
  if (part === 'today') return Math.floor(nowMs / dayMs) % parts;
  if (/^\d{1,2}$/.test(part)) return Number(part);
  throw new Error(`LOCKSTEP_PART is "${part}". It takes today, or a number from 0 to ${parts - 1}.`);
}

/**
 * The turn as a line for people.
 *
 * @param slowDays how many days the slow tests are dealt out to
 */
export function longTurnLine(turn: LongTurn, slowDays: number): string {
  if (turn === 'all') return 'Long tests: all.';
  if (turn === 'none') return 'Long tests: none (npm test runs a hundredth of them, npm run test:all all).';
  return `Long tests: part ${turn} of 0 to ${parts - 1}, slow tests: day ${turn % slowDays} of 0 to ${slowDays - 1} (LOCKSTEP_PART=${turn} runs the same again, npm run test:all all).`;
}
