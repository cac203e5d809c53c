// The turns of long tests: nobody's never comes.
import { expect, test } from 'vitest';
import { isDue, isLong, longTurnLine, longTurnOf, partOf } from './long-tests.ts';

const names = Array.from({ length: 300 }, (_, i) => `a test > of row ${i}`);
const day = (n: number): number => Date.UTC(2026, 10, n);

test('in a hundred days in a row every test has one turn, also over the end of a month', () => {
  const turns = Array.from({ length: 100 }, (_, i) => longTurnOf({ LOCKSTEP_PART: 'today' }, day(25 + i)));
  for (const name of names) expect(turns.filter((turn) => isDue(turn, name))).toEqual([partOf(name)]);
});

test('the parts are of like size', () => {
  const many = Array.from({ length: 5000 }, (_, i) => `a test > of row ${i}`);
  const sizes = [...Map.groupBy(many, partOf).values()].map(({ length }) => length);
  expect(sizes).toHaveLength(100);
  expect(Math.min(...sizes)).toBeGreaterThan(25);
  expect(Math.max(...sizes)).toBeLessThan(80);
});

test('of a table in which only the first is quick, or is to stand for the others, those are long', () => {
  const rows = [
    undefined,
    ['long-but-first'],
    ['long-but-first'],
    ['long-but-first'],
    undefined,
    ['long-but-first'],
    ['long'],
  ];
  expect(rows.map((tags, i) => isLong(tags, rows[i - 1]))).toEqual([false, false, true, true, false, false, true]);
});

test('a day is one of UTC, from its first to its last millisecond', () => {
  const at = (ms: number) => longTurnOf({ LOCKSTEP_PART: 'today' }, ms);
  expect(at(day(2) - 1)).toBe(at(day(1)));
  expect(at(day(2))).not.toBe(at(day(1)));
});

test.each([
  [{}, 'none', 'Long tests: none'],
  [{ LOCKSTEP_PART: '' }, 'none', 'npm test runs a hundredth'],
  [{ LOCKSTEP_PART: '3' }, 3, 'LOCKSTEP_PART=3 runs the same again'],
  [{ LOCKSTEP_ALL: '1', LOCKSTEP_PART: '3' }, 'all', 'Long tests: all.'],
  [{ LOCKSTEP_ALL: '0' }, 'none', 'Long tests: none'],
])('%j asks for %s', (environment, turn, line) => {
  const asked = longTurnOf(environment, day(1));
  expect(asked).toBe(turn);
  expect(longTurnLine(asked, 7)).toContain(line);
});

test('all is all, none is none', () => {
  expect(names.filter((name) => isDue('all', name))).toEqual(names);
  expect(names.filter((name) => isDue('none', name))).toEqual([]);
});

test.each(['100', '-1', '3.5', 'yesterday'])('LOCKSTEP_PART=%s is refused with a sentence', (part) => {
  expect(() => longTurnOf({ LOCKSTEP_PART: part }, day(1))).toThrow(`LOCKSTEP_PART is "${part}". It takes today`);
});
