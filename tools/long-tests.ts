// When it is the turn of a long test: all of them, none, or a tenth of them, which the day chooses. A test belongs to a tenth by
// its name, so that it stays there wherever its file goes; in ten days in a row each has its turn. What stays out: which
// tests are long (the tag `long`), and leaving out the others (long-tests.setup.ts).
import { createHash } from 'node:crypto';

export const longTag = 'long';
const parts = 10;
const dayMs = 86_400_000;

/** Which long tests run: all, none, or those of a tenth, 0 to 9. */
export type LongTurn = 'all' | 'none' | number;

/** The tenth that a test belongs to, 0 to 9. */
export function tenthOf(testName: string): number {
  return createHash('sha256').update(testName).digest().readUInt32BE(0) % parts;
}

/** Is it the turn of a long test? */
export function isDue(turn: LongTurn, testName: string): boolean {
  return turn === 'all' || turn === tenthOf(testName);
}

interface Asked {
  readonly LOCKSTEP_ALL?: string | undefined;
  readonly LOCKSTEP_TENTH?: string | undefined;
}

/**
 * What the environment asks for: LOCKSTEP_ALL=1 all, LOCKSTEP_TENTH=3 that tenth, LOCKSTEP_TENTH=today the one of the day.
 *
 * @param nowMs real time; the day is that of UTC
 * @throws an Error that says what LOCKSTEP_TENTH takes
 */
export function longTurnOf({ LOCKSTEP_ALL: all, LOCKSTEP_TENTH: tenth = '' }: Asked, nowMs: number): LongTurn {
  if (all === '1') return 'all';
  if (tenth === '') return 'none';
  if (tenth === 'today') return Math.floor(nowMs / dayMs) % parts;
  if (/^\d$/.test(tenth)) return Number(tenth);
  throw new Error(`LOCKSTEP_TENTH is "${tenth}". It takes today, or a tenth from 0 to ${parts - 1}.`);
}

/** The turn as a line for people. */
export function longTurnLine(turn: LongTurn): string {
  if (turn === 'all') return 'Long tests: all.';
  if (turn === 'none') return 'Long tests: none (npm test runs a tenth of them, npm run test:all all).';
  return `Long tests: tenth ${turn} of 0 to ${parts - 1} (LOCKSTEP_TENTH=${turn} runs the same again, npm run test:all all).`;
}
