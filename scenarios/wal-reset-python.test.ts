// The canary in plain Python: a blind search finds the WAL-reset bug in a program that knows nothing of Lockstep, where SQLite
// documents it, and not where it is fixed; what it finds shrinks, and replays with one hash.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { violationsOf } from '../harness/judge/judge-history.ts';
import { Coordinator } from '../harness/run/coordinator.ts';
import { machinesOf } from '../harness/run/machines.ts';
import type { LaneBinaries } from '../harness/run/pool.ts';
import { search } from '../harness/search/search.ts';
import { shrink } from '../harness/search/shrink/shrink.ts';
import { longUnless } from '../harness/testing/long.test-support.ts';
import { scenarios } from './wal-reset-python.test-support.ts';

const scenarioModule = new URL('./wal-reset-python.test-support.ts', import.meta.url).href;
const [scenario] = scenarios;

let machines: ReadonlyMap<string, LaneBinaries>;
const coordinators: Coordinator[] = [];
beforeAll(async () => {
  machines = await machinesOf(['3.51.2', '3.54.1']);
}, 900_000);
afterAll(() => {
  for (const coordinator of coordinators) coordinator.close();
});

function machineOf(engine: string): LaneBinaries {
  const machine = machines.get(engine);
  if (machine === undefined) throw new Error(engine);
  return machine;
}

function open(engine: string, fresh = false): Coordinator {
  const coordinator = new Coordinator({ machine: machineOf(engine), fresh });
  coordinators.push(coordinator);
  return coordinator;
}

function explore(engine: string, seed: number, runs: number) {
  if (scenario === undefined) throw new Error('no scenario');
  const { parameters } = scenario;
  const machine = machineOf(engine);
  return search({
    scenario,
    scenarioModule,
    machine,
    strategy: 'wal',
    engine,
    parameters,
    seed,
    chooser: 'preemptions',
    runs,
  });
}

test('loses data on 3.51.2, shrinks, and replays with one hash; the same plan loses nothing on 3.54.1', {
  timeout: 300_000,
}, async () => {
  if (scenario === undefined) throw new Error('no scenario');
  const found = await explore('3.51.2', 101, 1000);
  expect(found.verdict).toBe('fail');
  expect(['integrity', 'acknowledged-commits']).toContain(found.violations[0]?.invariant);
  expect(found.marks['wal-reset-in-checkpoint']).toBeGreaterThan(0);
  if (found.plan === undefined) throw new Error('nothing was found');

  const coordinator = open('3.51.2');
  const small = await shrink({ coordinator, scenario, plan: found.plan, timeMs: 30_000 });
  if (small === undefined) throw new Error('it does not fail again');
  expect(small.size).not.toEqual(small.from);
  expect(small.violations.length).toBeGreaterThan(0);

  const hashes = new Set<string>();
  for (let i = 0; i < 20; i++) hashes.add((await coordinator.run(scenario, small.plan)).hash);
  hashes.add((await open('3.51.2', true).run(scenario, small.plan)).hash);
  expect([...hashes]).toEqual([small.hash]);
  expect(violationsOf(scenario, await open('3.54.1').run(scenario, small.plan))).toEqual([]);
});

for (const [runs, least] of [
  [60, 5],
  [1000, 100],
] as const)
  test(`loses nothing on 3.54.1 in ${runs} runs, though the window is reached`, {
    ...longUnless(runs < 100),
    timeout: 600_000,
  }, async () => {
    const found = await explore('3.54.1', 404, runs);
    expect(found.violations).toEqual([]);
    expect(found.marks['wal-reset-in-checkpoint']).toBeGreaterThanOrEqual(least);
  });
