// The list of slow tests: what makes it, and whether it is of files that there are.
import { homedir } from 'node:os';
import { expect, test } from 'vitest';
import { isSlowDue, partOf } from './long-tests.ts';
import { goneFrom, readSlowTests, slowTestsOf } from './slow-tests.ts';

const report = (durations: { readonly [title: string]: number | null }, status = 'passed') => ({
  testResults: [
    {
      name: '/there/room/a.test.ts',
      assertionResults: Object.entries(durations).map(([title, duration]) => ({
        ancestorTitles: ['a suite'],
        title,
        status,
        duration,
      })),
    },
  ],
});

test('slow is what took longer than the bound, on a machine as slow as it was', () => {
  const durations = { quick: 399, slow: 401, slower: 900, unmeasured: null };
  expect(slowTestsOf(report(durations), '/there')).toEqual({
    'room/a.test.ts': ['a suite > slow', 'a suite > slower'],
  });
  expect(slowTestsOf(report(durations), '/there', 2)).toEqual({ 'room/a.test.ts': ['a suite > slower'] });
  expect(slowTestsOf(report({ quick: 1 }), '/there')).toEqual({});
});

test('a name with a place of one machine in it is no name elsewhere', () => {
  const durations = { 'replay /there/plan.json': 900, [`${homedir()}/bin/python3`]: 900, 'reads /lockstep/a.db': 900 };
  expect(slowTestsOf(report(durations), '/there')).toEqual({ 'room/a.test.ts': ['a suite > reads /lockstep/a.db'] });
});

test('what failed says nothing of how long it takes', () => {
  expect(slowTestsOf(report({ slow: 60_000 }, 'failed'), '/there')).toEqual({});
});

test('the list names files that there are', () => {
  expect(goneFrom(readSlowTests())).toEqual([]);
  expect(goneFrom({ 'tools/there-is-none.test.ts': [] })).toEqual(['tools/there-is-none.test.ts']);
});

test('in ten parts in a row each slow test has one turn; who asks for no part has all', () => {
  for (const name of Array.from({ length: 100 }, (_, i) => `a suite > of row ${i}`)) {
    const turns = Array.from({ length: 10 }, (_, i) => 37 + i).filter((turn) => isSlowDue(turn, name));
    expect(turns.map((turn) => turn % 10)).toEqual([partOf(name) % 10]);
    expect([isSlowDue('all', name), isSlowDue('none', name)]).toEqual([true, true]);
  }
});
