// Exhaustive search on the smallest plan that shows the WAL-reset bug: all schedules with up to two preemptions, on the
// last SQLite that has the bug and on one that has it fixed.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Coordinator } from '../harness/run/coordinator.ts';
import { machinesOf } from '../harness/run/machines.ts';
import { violationsOf } from '../harness/judge/judge-history.ts';
import { exhaust, type Exhausted } from '../harness/search/exhaustive/exhaust.ts';
import { type Plan, planFormat } from '../harness/model/plan.ts';
import { long } from '../harness/testing/long.test-support.ts';
import { walReset } from './wal-reset.ts';

/**
 * A writer that commits three times and a checkpointer that comes by twice. With this seed the writer's second commit
 * falls between the two, so that the checkpointer finds the wal-index changed, and its third one is due when the
 * checkpointer comes by again. With this payload the second commit writes more frames than the third.
 */
const plan: Plan = {
  format: planFormat,
  scenario: walReset.name,
  strategy: 'wal',
  engine: '3.51.2',
  parameters: walReset.parameters,
  workload: {
    writers: [{ transactions: 3, payloadBytes: 1100, autocheckpointPages: 3, sleepMs: 2 }],
    checkpoints: 2,
    sleepMs: 2,
  },
  faults: [],
  preemptions: [],
  seed: 4,
};

const coordinators = new Map<string, Coordinator>();
beforeAll(async () => {
  for (const [name, machine] of await machinesOf(['3.51.2', '3.54.1']))
    coordinators.set(name, new Coordinator({ machine }));
}, 900_000);
afterAll(() => {
  for (const coordinator of coordinators.values()) coordinator.close();
});

function coordinatorOf(engine: string): Coordinator {
  const coordinator = coordinators.get(engine);
  if (coordinator === undefined) throw new Error(engine);
  return coordinator;
}

function all(engine: string): Promise<Exhausted> {
  return exhaust({
    coordinator: coordinatorOf(engine),
    scenario: walReset,
    plan: { ...plan, engine },
    preemptions: 2,
  });
}

test('SQLite 3.51.2 loses data with two preemptions, and with no fewer', { ...long, timeout: 300_000 }, async () => {
  const { byPreemptions, complete, failure } = await all('3.51.2');
  expect(complete).toBe(true);
  expect(byPreemptions.map(({ failed }) => failed > 0)).toEqual([false, false, true]);
  expect(failure?.plan.preemptions.map(({ to }) => to)).toEqual(['checkpointer', 'writer-1']);
  expect(failure?.violations.map(({ invariant }) => invariant)).toContain('acknowledged-commits');
  const again = await coordinatorOf('3.54.1').run(walReset, failure?.plan ?? plan);
  expect(violationsOf(walReset, again)).toEqual([]);
});

test('SQLite 3.54.1 does not: all schedules were tried, and the window was reached', {
  ...long,
  timeout: 300_000,
}, async () => {
  const { byPreemptions, schedules, run, skipped, failed, complete, failure, marks } = await all('3.54.1');
  expect({ failed, failure, complete }).toEqual({ failed: 0, failure: undefined, complete: true });
  expect(byPreemptions).toHaveLength(3);
  expect(schedules).toBeGreaterThan(2000);
  expect(run + skipped).toBe(schedules);
  expect(marks[walReset.window]).toBeGreaterThan(20);
});
