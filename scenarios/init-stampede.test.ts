// The promises of the scenario init-stampede: what its shipped plans show of the reports, and of what it is not the cause.
import { fc, test as property } from '@fast-check/vitest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Coordinator } from '../harness/run/coordinator.ts';
import { violationsOf } from '../harness/judge/judge-history.ts';
import type { History } from '../harness/model/history.ts';
import { coordinatorOf } from '../harness/testing/lab.test-support.ts';
import { long } from '../harness/testing/long.test-support.ts';
import { corpusPlan } from './corpus-index.ts';
import { initStampede } from './init-stampede.ts';
import type { Workload } from './kanban/workload.ts';

const large = corpusPlan('init-stampede.json');
const tornExtend = corpusPlan('init-stampede.torn-extend.json');

function violated(history: History): readonly string[] {
  return [...new Set(violationsOf(initStampede, history).map(({ invariant }) => invariant))].toSorted();
}

function seen(history: History): readonly boolean[] {
  return initStampede.symptoms.map((symptom) => symptom.see(history) !== undefined);
}

describe('on SQLite 3.50.4', () => {
  let coordinator: Coordinator;
  beforeAll(async () => {
    coordinator = await coordinatorOf({ engine: '3.50.4' });
  });
  afterAll(() => coordinator.close());

  test('twenty workers on a board of 23 MB fall through the lock; the raw reads of the time break the board', {
    ...long,
    timeout: 120_000,
  }, async () => {
    const workload = large.workload as unknown as Workload;
    expect(workload.boardKiB).toBe(23_000);
    expect(workload.gateways.flatMap(({ messages }) => messages)).toHaveLength(20);
    const history = await coordinator.run(initStampede, large);
    expect(seen(history).slice(0, 2)).toEqual([true, true]);
    expect(violated(history)).toContain('integrity');
    const safe = await coordinator.run(initStampede, { ...large, strategy: 'full-sync+safe-read' });
    expect(seen(safe)).toEqual([true, false, false, false]);
    expect(violated(safe)).toEqual([]);
  });

  test('the check after each commit takes a sound board for a torn one; without it the same openers do not', async () => {
    const alarmed = await coordinator.run(initStampede, tornExtend);
    expect(violated(alarmed)).toContain('no-false-alarm');
    expect(initStampede.symptoms[1]?.see(alarmed)).toContain('TORN_EXTEND');
    const safe = await coordinator.run(initStampede, { ...tornExtend, strategy: 'full-sync+safe-read' });
    expect(violated(safe)).toEqual([]);
  });
});

property.prop([fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }))])(
  'workloads are of its shape, with six openers at least',
  (numbers) => {
    const random = () => numbers.next().value as number;
    const workload = initStampede.generate(random, initStampede.parameters, 'wal');
    expect(initStampede.workload.safeParse(workload).error).toBeUndefined();
    const { gateways } = workload as unknown as Workload;
    expect(gateways.flatMap(({ messages }) => messages).length).toBeGreaterThanOrEqual(6);
  },
);
