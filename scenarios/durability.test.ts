// What of the kanban system outlives a power loss, by how its strategy syncs: each value of the axis `synchronous` is told from its
// neighbours by disks that a loss leaves. What stays out: what SQLite promises (harness/crash), and losses of a board that a person
// takes away as well.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { crashSearch } from '../harness/crash/crash-search.ts';
import type { Durability } from '../harness/model/file-systems.ts';
import { stream } from '../harness/model/random.ts';
import type { Coordinator } from '../harness/run/coordinator.ts';
import { drawPlan } from '../harness/search/draw-plan.ts';
import { coordinatorOf } from '../harness/testing/lab.test-support.ts';
import { longUnless } from '../harness/testing/long.test-support.ts';
import { durabilityUnder } from './kanban/durability.ts';
import { walUnlinkWedge } from './wal-unlink-wedge.ts';

let coordinator: Coordinator;
beforeAll(async () => {
  coordinator = await coordinatorOf({ engine: '3.54.1' });
});
afterAll(() => coordinator.close());

/** Half a minute of gateways at work. */
const soon = { ...walUnlinkWedge, parameters: { ...walUnlinkWedge.parameters, horizonMs: 30_000 } };

async function searched(strategy: string, durability: Durability, statesMax: number) {
  const { parameters } = soon;
  const options = { strategy, engine: '3.54.1', parameters, gatewaysFixed: true, io: false };
  const plan = drawPlan(soon, options, (name) => stream(name, 1, 0));
  const system = { model: 'powersafe' } as const;
  const found = await crashSearch({
    coordinator,
    scenario: soon,
    plan: { ...plan, faults: [] },
    system,
    durability,
    statesMax,
    recoveriesMax: 0,
    seed: 1,
    stop: () => false,
  });
  expect(found.acknowledged).toBeGreaterThan(0);
  return found;
}

// [strategy, what it promises, whether acknowledged rows may be gone]
for (const [strategy, promise, loses] of [
  ['delete+safe-read+extra-sync', 'acknowledged', false],
  ['delete+safe-read+synchronous=full', 'order', true],
  ['persist+safe-read+synchronous=full', 'acknowledged', false],
  ['durable', 'acknowledged', false],
] as const) {
  const when = { ...longUnless(strategy.startsWith('delete')), timeout: 120_000 };
  test(`${strategy}: ${promise}`, when, async () => {
    expect(durabilityUnder(strategy)).toBe(promise);
    const found = await searched(strategy, promise, strategy.startsWith('delete') ? 500 : 1500);
    expect(found.failures).toEqual([]);
    expect(found.losing.states > 0).toBe(loses);
  });
}

test('without syncs nothing is promised, and not even the order of commits is kept', { timeout: 120_000 }, async () => {
  expect(durabilityUnder('delete+safe-read+no-sync')).toBe('nothing');
  const found = await searched('delete+safe-read+no-sync', 'order', 300);
  expect(found.failures.map(({ invariant }) => invariant)).toContain('commit-order');
});
