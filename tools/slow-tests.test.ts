// The list of slow tests: what makes it, whether it is of files that there are, and the day of each.
import { homedir } from 'node:os';
import { expect, test } from 'vitest';
import { longTurnOf, parts } from './long-tests.ts';
import {
  goneFrom,
  type Names,
  readSlowTests,
  slowDayOf,
  slowDays,
  slowLeftOut,
  slowTestsOf,
  slowTestsSince,
} from './slow-tests.ts';

const report = (processorMs: { readonly [title: string]: number | undefined }, status = 'passed') => ({
  testResults: [
    {
      name: '/there/room/a.test.ts',
      assertionResults: Object.entries(processorMs).map(([title, ms]) => ({
        ancestorTitles: ['a suite'],
        title,
        status,
        meta: { processorMs: ms },
      })),
    },
  ],
});

test('slow is what took more processor time than the bound, and how much is kept', () => {
  const taken = { quick: 100, slow: 110, slower: 12_340, unmeasured: undefined };
  expect(slowTestsOf(report(taken), '/there')).toEqual({
    'room/a.test.ts': { 'a suite > slow': 0.1, 'a suite > slower': 12.3 },
  });
  expect(slowTestsOf(report({ quick: 1 }), '/there')).toEqual({});
});

test('a name with a place of one machine in it is no name elsewhere', () => {
  const taken = { 'replay /there/plan.json': 900, [`${homedir()}/bin/python3`]: 900, 'reads /lockstep/a.db': 900 };
  expect(slowTestsOf(report(taken), '/there')).toEqual({ 'room/a.test.ts': { 'a suite > reads /lockstep/a.db': 0.9 } });
});

test('a property has its name without the seed of one run', () => {
  const list = slowTestsOf(report({ 'holds (with seed=-17)': 900, 'is read (with seed=x)': 900 }), '/there');
  expect(list).toEqual({ 'room/a.test.ts': { 'a suite > holds': 0.9, 'a suite > is read (with seed=x)': 0.9 } });
});

test('what failed says nothing of how long it takes', () => {
  expect(slowTestsOf(report({ slow: 60_000 }, 'failed'), '/there')).toEqual({});
});

test('a list keeps what a later run left out, and has its figures of what ran', () => {
  const old = {
    'room/a.test.ts': { 'a suite > gone': 5, 'a suite > quick now': 5, 'a suite > waits': 5 },
    'room/b.test.ts': { 'of another file': 7 },
  };
  const ran = report({ 'quick now': 10, slower: 900 });
  const leftOut = report({ waits: undefined }, 'skipped');
  const both = [...ran.testResults, ...leftOut.testResults].flatMap(({ assertionResults }) => assertionResults);
  const later = { testResults: [{ name: '/there/room/a.test.ts', assertionResults: both }] };
  expect(slowTestsSince(old, later, '/there')).toEqual({
    'room/a.test.ts': { 'a suite > slower': 0.9, 'a suite > waits': 5 },
    'room/b.test.ts': { 'of another file': 7 },
  });
  expect(
    slowTestsSince({ 'room/a.test.ts': { 'a suite > quick now': 5 } }, report({ 'quick now': 1 }), '/there'),
  ).toEqual({});
});

test('the list names files that there are', () => {
  expect(goneFrom(readSlowTests())).toEqual([]);
  expect(goneFrom({ 'tools/there-is-none.test.ts': {} })).toEqual(['tools/there-is-none.test.ts']);
});

const namesIn = (names: Names): readonly string[] =>
  Object.entries(names).flatMap(([file, all]) => all.map((name) => `${file} ${name}`));

test('each slow test of the list has its day, and in as many days as long tests have parts each day comes', () => {
  const list = readSlowTests();
  const all = Object.entries(list).flatMap(([file, of]) => Object.keys(of).map((name) => `${file} ${name}`));
  const days = slowDays(list);
  expect(days.flatMap(namesIn).toSorted()).toEqual(all.toSorted());
  const turns = Array.from({ length: parts }, (_, i) => longTurnOf({ LOCKSTEP_PART: 'today' }, i * 86_400_000));
  const left = turns.map((turn) => new Set(namesIn(slowLeftOut(days, slowDayOf(turn, days.length)))));
  expect(all.filter((name) => left.every((out) => out.has(name)))).toEqual([]);
});

test('a day takes no more than the budget and the last that was put into it', () => {
  const seconds = [9, 7, 5, 5, 3, 2, 1, 1, 0.5, 0.5];
  const list = { 'a.test.ts': Object.fromEntries(seconds.map((one, i) => [`row ${i}`, one])) };
  const days = slowDays(list, 8);
  const sums = days.map((of) => namesIn(of).reduce((sum, name) => sum + (seconds[Number(name.slice(-1))] ?? 0), 0));
  expect(sums).toHaveLength(5);
  expect(Math.max(...sums)).toBeLessThanOrEqual(9);
  expect(Math.min(...sums)).toBeGreaterThan(5);
});

test('who asks for no part has all slow tests, and where none is slow nothing is left out', () => {
  const days = slowDays({ 'a.test.ts': { one: 50, other: 50 } }, 60);
  for (const turn of ['all', 'none'] as const) expect(slowLeftOut(days, slowDayOf(turn, days.length))).toEqual({});
  expect(slowLeftOut(days, slowDayOf(2, days.length))).toEqual({ 'a.test.ts': ['other'] });
  expect(slowLeftOut(slowDays({}), slowDayOf(7, slowDays({}).length))).toEqual({});
});
