// A pass of programs that never touched the database would rest on nothing: it is an error of the scenario.
import { expect, test } from 'vitest';
import type { History } from '../model/history.ts';
import { historyOf, soundLook } from '../testing/history.test-support.ts';
import { scenarioOf } from '../testing/lab.test-support.ts';
import { violationsOf } from './judge-history.ts';

const scenario = { ...scenarioOf([]), invariants: [] };
const own = { ...scenario, own: true } as const;
const elsewhere = (more: Partial<History> = {}) => historyOf({ commands: ['p'], databases: ['other.db'], ...more });
const killed = { process: 'p', ending: { how: 'killed', signal: 'SIGTERM' } as const, step: 95, nowMs: 1 };
const exited = { process: 'p', ending: { how: 'exited', code: 1 } as const, step: 95, nowMs: 1 };
const strike = { fault: 0, kind: 'kill', step: 1, nowMs: 0, liftedMs: 0 };

test.each<[string, History, RegExp]>([
  ['another database', elsewhere(), /none of its programs read or wrote "lab\.db" .* worked on: other\.db\./],
  ['none', elsewhere({ databases: [] }), /worked on: none\./],
  ['none until the plan ends', elsewhere({ databases: [], deaths: [killed] }), /worked on: none\./],
])('commands that work on %s are a mistake', (_what, history, says) => {
  expect(() => violationsOf(scenario, history)).toThrow(expect.objectContaining({ code: 'SCENARIO_INVALID' }));
  expect(() => violationsOf(scenario, history)).toThrow(says);
});

test('functions of World that never touch it are one in a scenario of somebody’s own', () => {
  expect(() => violationsOf(own, elsewhere({ commands: [] }))).toThrow(/none of its programs read or wrote "lab\.db"/);
  expect(violationsOf(own, historyOf({ commands: [] }))).toEqual([]);
});

test.each<[string, History]>([
  ['the database is among others', elsewhere({ databases: ['other.db', 'lab.db'] })],
  ['a program died before it came to it', elsewhere({ deaths: [exited], looks: [] })],
  ['a program threw', elsewhere({ endings: [{ lane: 'p', ending: { how: 'threw', error: 'E' } }] })],
  ['a fault struck', elsewhere({ strikes: [strike] })],
  ['there are no commands, and the scenario is one of ours', elsewhere({ commands: [] })],
  ['it was cut off', elsewhere({ end: 'cut off' })],
])('it is none where %s', (_what, history) => {
  expect(violationsOf(scenario, { ...history, looks: history.looks.length > 0 ? [soundLook] : [] })).toEqual([]);
});
