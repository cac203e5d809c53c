// The promises of the scenario init-inode-swap: its shipped plan shows what the report saw, and its declaration holds together.
import { fileURLToPath } from 'node:url';
import { fc, test as property } from '@fast-check/vitest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Coordinator, violationsOf } from '../harness/explore/coordinator.ts';
import { readPlan } from '../harness/explore/plan-file.ts';
import type { History } from '../harness/history/history.ts';
import { coordinatorOf } from '../harness/testing/lab.test-support.ts';
import { parseStrategy } from '../src/strategies/parse.ts';
import { initInodeSwap } from './init-inode-swap.ts';

const shipped = readPlan(fileURLToPath(new URL('./corpus/init-inode-swap.json', import.meta.url)));

describe('the shipped plan on SQLite 3.50.4', () => {
  let coordinator: Coordinator;
  let history: History;
  beforeAll(async () => {
    coordinator = await coordinatorOf({ engine: '3.50.4' });
    history = await coordinator.run(initInodeSwap, shipped);
  });
  afterAll(() => coordinator.close());

  test.each(initInodeSwap.symptoms.map((symptom) => [symptom.reported, symptom] as const))(
    'shows: %s',
    (_, symptom) => {
      expect(symptom.see(history)).toBeTypeOf('string');
    },
  );

  test('reaches its window and violates what it must', () => {
    expect(history.marks[initInodeSwap.window]).toBeGreaterThan(0);
    const violated = new Set(violationsOf(initInodeSwap, history).map(({ invariant }) => invariant));
    for (const name of ['no-stray-writes', 'acknowledged-commits', 'no-silent-loss']) expect(violated).toContain(name);
  });
});

describe('the declaration', () => {
  property.prop([
    fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
    fc.integer({ min: 1, max: 16 }),
  ])('generates workloads of its shape, one entry a gateway', (numbers, gateways) => {
    const random = () => numbers.next().value as number;
    const workload = initInodeSwap.generate(random, { ...initInodeSwap.parameters, gateways });
    expect(initInodeSwap.workload.safeParse(workload).error).toBeUndefined();
    expect(workload).toMatchObject({ gateways: { length: gateways } });
  });

  test('makes claims about strategies and invariants that exist', () => {
    const invariants = initInodeSwap.invariants.map(({ name }) => name);
    for (const claim of initInodeSwap.claims) {
      expect(parseStrategy(claim.strategy)).toBeTypeOf('object');
      expect(claim.invariants?.length, claim.claim).toBeGreaterThan(0);
      for (const name of claim.invariants ?? []) expect(invariants).toContain(name);
    }
  });
});
