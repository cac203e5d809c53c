// The promises of the scenario wal-generation-split: its shipped plan shows what the reports saw, and replays.
import { fileURLToPath } from 'node:url';
import { fc, test as property } from '@fast-check/vitest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Coordinator } from '../harness/run/coordinator.ts';
import { violationsOf } from '../harness/judge/judge-history.ts';
import { readPlan } from '../harness/search/plan-file.ts';
import type { History } from '../harness/model/history.ts';
import { coordinatorOf } from '../harness/testing/lab.test-support.ts';
import { walGenerationSplit } from './wal-generation-split.ts';

const shipped = readPlan(fileURLToPath(new URL('./corpus/wal-generation-split.json', import.meta.url)));

function violated(history: History): readonly string[] {
  return [...new Set(violationsOf(walGenerationSplit, history).map(({ invariant }) => invariant))].toSorted();
}

function seen(history: History): readonly boolean[] {
  return walGenerationSplit.symptoms.map((symptom) => symptom.see(history) !== undefined);
}

describe('the shipped plan on SQLite 3.54.1', () => {
  let coordinator: Coordinator;
  let history: History;
  beforeAll(async () => {
    coordinator = await coordinatorOf({ engine: '3.54.1' });
    history = await coordinator.run(walGenerationSplit, shipped);
  });
  afterAll(() => coordinator.close());

  const under = (strategy: string, more = {}) => coordinator.run(walGenerationSplit, { ...shipped, strategy, ...more });

  test.each(walGenerationSplit.symptoms.map((symptom) => [symptom.reported, symptom] as const))(
    'shows: %s',
    (_, symptom) => {
      expect(symptom.see(history)).toBeTypeOf('string');
    },
  );

  test('names the generations, and says what a fresh process met after the shutdown', () => {
    const [generations, , halted, shutdown] = walGenerationSplit.symptoms.map((symptom) => symptom.see(history));
    expect(generations).toMatch(/holder-1 has generation 1 of kanban\.db-wal open, .* the name means generation 2$/);
    expect(halted).toMatch(/^halted at 30\.0 s; 1 writes/);
    expect(shutdown).toMatch(/^integrity_check was ok at 36\.0 s; .* at 40\.0 s it says SQLITE_CORRUPT$/);
  });

  test('needs no preemption, and replays to the same hash', async () => {
    expect(shipped.preemptions).toEqual([]);
    expect(shipped.faults).toHaveLength(1);
    expect((await coordinator.run(walGenerationSplit, shipped)).hash).toBe(history.hash);
  });

  test('without the pause the guard stops every write in time, and its shutdown does no harm', async () => {
    const inTime = await under(shipped.strategy, { faults: [] });
    expect(seen(inTime)).toEqual([true, true, true, false, false]);
    expect(violated(inTime)).toEqual(['locks-held', 'no-deleted-files']);
  });

  test('where a halted connection is never closed, the main file stays sound', async () => {
    const safe = await under('fchmod+generation-safe');
    expect(violated(safe)).not.toContain('integrity');
    expect(seen(safe)[3]).toBe(false);
  });

  test('does nothing of it where modes are changed by path', async () => {
    const byPath = await under('chmod-by-path+safe-read+generation-guard');
    expect(violated(byPath)).toEqual([]);
    expect(byPath.marks['close-beside-holder']).toBeGreaterThan(0);
  });

  test('nor under OFD locks that are renewed; those of the first connection alone do not do', async () => {
    const renewed = await under('fchmod+ofd-guard');
    expect(violated(renewed)).toEqual([]);
    expect(renewed.marks).toMatchObject({ 'unlinked-under-holder': 0 });
    expect(renewed.marks['locks-cancelled']).toBeGreaterThan(0);
  });
});

describe('the declaration', () => {
  test('takes the shipped plan, and only workloads of its shape', () => {
    expect(walGenerationSplit.workload.safeParse(shipped.workload).success).toBe(true);
    const wrong = { ...(shipped.workload as object), holders: [{ writesMs: [1] }] };
    expect(walGenerationSplit.workload.safeParse(wrong).success).toBe(false);
  });

  property.prop([
    fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
    fc.integer({ min: 1, max: 16 }),
  ])('generates workloads of its shape, with a holder at least', (numbers, gateways) => {
    const random = () => numbers.next().value as number;
    const workload = walGenerationSplit.generate(random, { ...walGenerationSplit.parameters, gateways }, 'wal');
    expect(walGenerationSplit.workload.safeParse(workload).error).toBeUndefined();
    expect((workload as { readonly holders: readonly unknown[] }).holders.length).toBeGreaterThan(0);
  });
});
