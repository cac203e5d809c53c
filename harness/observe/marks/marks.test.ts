// Each mark is reached by a run that does it, and by none that does not.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Coordinator } from '../../run/coordinator.ts';
import { stream } from '../../model/random.ts';
import type { WatchedMark } from '../../model/scenario.ts';
import { turnsChooser } from '../../run/choosers/preemptions.ts';
import { coordinatorOf, planOf, process as start, scenarioOf } from '../../testing/lab.test-support.ts';

let current: Coordinator;
let reported: Coordinator;
beforeAll(async () => {
  current = await coordinatorOf();
  reported = await coordinatorOf({ engine: '3.50.4' });
}, 900_000);
afterAll(() => {
  current.close();
  reported.close();
});

const holder = start('holder', 'holding', { begin: 'BEGIN', ms: 1000 });
const visitor = start('visitor', 'reading', 1);
const cancel = { kind: 'lock-cancel', at: { lane: 'holder', op: 'sleep', nth: 1 }, files: 'db' } as const;

test('one process alone reaches none', async () => {
  const { marks } = await current.run(scenarioOf([start('p', 'inserting', { from: 0, count: 4 })]), planOf());
  expect(Object.values(marks)).toEqual(Object.values(marks).map(() => 0));
});

test('close-beside-holder: a visitor leaves while another stays', async () => {
  const { marks } = await current.run(scenarioOf([holder, visitor]), planOf());
  expect(marks).toMatchObject({ 'close-beside-holder': 1, 'locks-cancelled': 0, 'unlinked-under-holder': 0 });
});

test('locks-cancelled, and on 3.50.4 the visitor then unlinks the WAL', async () => {
  const plan = planOf({ faults: [cancel] });
  const { marks } = await reported.run(scenarioOf([holder, visitor]), plan);
  expect(marks).toMatchObject({ 'close-beside-holder': 1, 'locks-cancelled': 1, 'unlinked-under-holder': 1 });
});

test('3.54.1 resists the same', async () => {
  const { marks } = await current.run(scenarioOf([holder, visitor]), planOf({ faults: [cancel] }));
  expect(marks).toMatchObject({ 'locks-cancelled': 1, 'unlinked-under-holder': 0 });
});

test('a dead holder is no holder', async () => {
  const kill = { kind: 'kill', at: { lane: 'holder', op: 'sleep', nth: 1 } } as const;
  const { marks } = await current.run(scenarioOf([holder, visitor]), planOf({ faults: [kill] }));
  expect(marks).toMatchObject({ 'close-beside-holder': 0, 'unlinked-under-holder': 0 });
});

test('wal-reset-in-checkpoint: reached by some schedules of two writers, and counted', async () => {
  const two = [0, 100].map((from) => start(`w${from}`, 'inserting', { from, count: 12 }));
  let reached = 0;
  for (let i = 0; i < 30; i++) {
    const { marks } = await current.run(scenarioOf(two), planOf(), turnsChooser(stream('chooser', 1, i)));
    reached += (marks['wal-reset-in-checkpoint'] ?? 0) > 0 ? 1 : 0;
  }
  expect(reached).toBeGreaterThan(0);
  expect(reached).toBeLessThan(30);
});

test('a scenario’s own mark that steps show together begins anew with each run', async () => {
  let runs = 0;
  const everySecond: WatchedMark = {
    name: 'every-second',
    says: 'every second sync of the board',
    at: ['sync'],
    watch: () => {
      runs++;
      let syncs = 0;
      return ({ role }) => role === 'db' && ++syncs % 2 === 0;
    },
  };
  const scenario = { ...scenarioOf([start('p', 'inserting', { from: 0, count: 4 })]), marks: [everySecond] };
  const first = await current.run(scenario, planOf());
  expect(first.marks['every-second']).toBeGreaterThan(0);
  expect((await current.run(scenario, planOf())).marks).toEqual(first.marks);
  expect(runs).toBe(2);
});
