// The canary: a blind search must find the WAL-reset bug where SQLite documents it, and never where it is fixed. If this
// is red on an engine that has the bug, the search has gone blind.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { longUnless } from '../harness/testing/long.test-support.ts';
import { Coordinator } from '../harness/run/coordinator.ts';
import { machinesOf } from '../harness/run/machines.ts';
import { violationsOf } from '../harness/judge/judge-history.ts';
import { planOfRun } from '../harness/search/runner.ts';
import { search } from '../harness/search/search.ts';
import type { LaneBinaries } from '../harness/run/pool.ts';
import { walReset } from './wal-reset.ts';

const scenarioModule = new URL('./catalogue.ts', import.meta.url).href;
let machines: ReadonlyMap<string, LaneBinaries>;
beforeAll(async () => {
  machines = await machinesOf(['3.50.4', '3.51.2', '3.54.1']);
}, 900_000);

function explore(engine: string, seed: number, runs: number, bound?: number) {
  const machine = machines.get(engine);
  if (machine === undefined) throw new Error(engine);
  const { parameters } = walReset;
  return search({
    scenario: walReset,
    scenarioModule,
    machine,
    strategy: 'wal',
    engine,
    parameters,
    seed,
    chooser: 'preemptions',
    runs,
    ...(bound === undefined ? {} : { bound }),
  });
}

describe.each(['3.50.4', '3.51.2'])('SQLite %s', (engine) => {
  // Of 1,000 runs some ten find it: 2,000 that find nothing are no bad luck.
  for (const seed of [101, 202, 303])
    test(`loses data, seed ${seed}`, longUnless(seed === 101), async () => {
      const found = await explore(engine, seed, 2000);
      expect(found.verdict).toBe('fail');
      expect(['integrity', 'acknowledged-commits', 'whole-transactions']).toContain(found.violations[0]?.invariant);
      expect(found.marks['wal-reset-in-checkpoint']).toBeGreaterThan(0);
    });
});

for (const [runs, least, bound] of [
  [300, 14, 0.2],
  [1000, 59, 0.05],
  [2000, 101, 0.05],
] as const)
  test(`SQLite 3.54.1 does not in ${runs} runs, though the window is reached as often`, {
    ...longUnless(runs === 300),
    timeout: 180_000,
  }, async () => {
    const found = await explore('3.54.1', 404, runs, bound);
    expect(found).toMatchObject({ verdict: 'pass', violations: [], runs });
    expect(found.marks['wal-reset-in-checkpoint']).toBeGreaterThanOrEqual(least);
  });

describe('the same plan', () => {
  const coordinators: Coordinator[] = [];
  afterAll(() => {
    for (const coordinator of coordinators) coordinator.close();
  });

  test('loses data on 3.51.2 again and again, and nothing on 3.54.1', async () => {
    const { plan, hash } = await explore('3.51.2', 505, 2000);
    if (plan === undefined) throw new Error('nothing was found');
    const open = (engine: string, fresh = false) => {
      const machine = machines.get(engine);
      if (machine === undefined) throw new Error(engine);
      const coordinator = new Coordinator({ machine, fresh });
      coordinators.push(coordinator);
      return coordinator;
    };
    for (const coordinator of [open('3.51.2'), open('3.51.2', true)]) {
      for (let i = 0; i < 3; i++) {
        const again = await coordinator.run(walReset, plan);
        expect(again.hash).toBe(hash);
        expect(violationsOf(walReset, again).length).toBeGreaterThan(0);
      }
    }
    expect(violationsOf(walReset, await open('3.54.1').run(walReset, plan))).toEqual([]);
  });
});

test('every generated workload is one that the plan format takes', () => {
  const options = {
    strategy: 'wal',
    engine: '3.51.2',
    parameters: walReset.parameters,
    seed: 1,
    chooser: 'preemptions',
  } as const;
  for (let run = 0; run < 50; run++) {
    const plan = planOfRun(walReset, options, run);
    expect(walReset.workload.parse(plan.workload)).toEqual(plan.workload);
  }
});
