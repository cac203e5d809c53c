// The turns of long tests: nobody's never comes.
import { expect, test } from 'vitest';
import { isDue, longTurnLine, longTurnOf, tenthOf } from './long-tests.ts';

const names = Array.from({ length: 300 }, (_, i) => `a test > of row ${i}`);
const day = (n: number): number => Date.UTC(2026, 10, n);

test('in ten days in a row every test has one turn, also over the end of a month', () => {
  const turns = Array.from({ length: 10 }, (_, i) => longTurnOf({ LOCKSTEP_TENTH: 'today' }, day(25 + i)));
  for (const name of names) expect(turns.filter((turn) => isDue(turn, name))).toEqual([tenthOf(name)]);
});

test('the tenths are of like size', () => {
  const sizes = Array.from({ length: 10 }, (_, tenth) => names.filter((name) => isDue(tenth, name)).length);
  expect(Math.min(...sizes)).toBeGreaterThan(15);
  expect(Math.max(...sizes)).toBeLessThan(50);
});

test('a day is one of UTC, from its first to its last millisecond', () => {
  const at = (ms: number) => longTurnOf({ LOCKSTEP_TENTH: 'today' }, ms);
  expect(at(day(2) - 1)).toBe(at(day(1)));
  expect(at(day(2))).not.toBe(at(day(1)));
});

test.each([
  [{}, 'none', 'Long tests: none'],
  [{ LOCKSTEP_TENTH: '' }, 'none', 'npm test runs a tenth'],
  [{ LOCKSTEP_TENTH: '3' }, 3, 'LOCKSTEP_TENTH=3 runs the same again'],
  [{ LOCKSTEP_ALL: '1', LOCKSTEP_TENTH: '3' }, 'all', 'Long tests: all.'],
  [{ LOCKSTEP_ALL: '0' }, 'none', 'Long tests: none'],
])('%j asks for %s', (environment, turn, line) => {
  const asked = longTurnOf(environment, day(1));
  expect(asked).toBe(turn);
  expect(longTurnLine(asked)).toContain(line);
});

test('all is all, none is none', () => {
  expect(names.filter((name) => isDue('all', name))).toEqual(names);
  expect(names.filter((name) => isDue('none', name))).toEqual([]);
});

test.each(['10', '-1', '3.5', 'yesterday'])('LOCKSTEP_TENTH=%s is refused with a sentence', (tenth) => {
  expect(() => longTurnOf({ LOCKSTEP_TENTH: tenth }, day(1))).toThrow(`LOCKSTEP_TENTH is "${tenth}". It takes today`);
});
