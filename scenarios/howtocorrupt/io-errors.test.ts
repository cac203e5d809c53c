// As SQLite's own tests do: a run with an I/O error at each of its operations in turn. Two writers that go on with their connections lose
// nothing of what they were told, and the database stays sound. `lockstep sweep PLAN --with error` does it with any plan.
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Plan } from '../../harness/model/plan.ts';
import type { Coordinator } from '../../harness/run/coordinator.ts';
import { crashSweep } from '../../harness/search/crash-sweep.ts';
import { planOfRun } from '../../harness/search/runner.ts';
import { coordinatorOf } from '../../harness/testing/lab.test-support.ts';
import { long } from '../../harness/testing/long.test-support.ts';
import { lockErrors } from './old-bugs.ts';

vi.setConfig({ testTimeout: 1_200_000 });

const { scenario } = lockErrors;
const engine = '3.54.1';

/** What an I/O error may never do; that a program ends by one is for the program. */
const only = ['integrity', 'acknowledged-commits', 'whole-transactions'];

let coordinator: Coordinator;
beforeAll(async () => {
  coordinator = await coordinatorOf({ engine });
});
afterAll(() => coordinator.close());

/** @param way its journal: `error-at-a-lock` has a rollback journal, `error-anywhere` a WAL */
function planOf(way: string): Plan {
  const { parameters } = scenario;
  const drawn = planOfRun(scenario, { strategy: way, engine, parameters, seed: 1, chooser: 'replay' }, 0);
  return { ...drawn, workload: { transactions: 3 }, faults: [], preemptions: [] };
}

test.each(['error-at-a-lock', 'error-anywhere'])('%s, in the first steps', async (way) => {
  const swept = await crashSweep({ coordinator, scenario, plan: planOf(way), kind: 'error', only, to: 60 });
  expect(swept.findings).toEqual([]);
  expect(swept.tried).toBeGreaterThan(30);
});

test.each(['error-at-a-lock', 'error-anywhere'])('%s, at each step', long, async (way) => {
  const swept = await crashSweep({ coordinator, scenario, plan: planOf(way), kind: 'error', only });
  expect(swept.findings).toEqual([]);
  expect(swept).toMatchObject({ baseline: [], complete: true, tried: swept.places });
  expect(swept.places).toBeGreaterThan(100);
});
