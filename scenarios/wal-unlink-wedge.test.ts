// The promises of the scenario wal-unlink-wedge: its shipped plan shows what the report saw, and replays.
import { fileURLToPath } from 'node:url';
import { fc, test as property } from '@fast-check/vitest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Coordinator } from '../harness/run/coordinator.ts';
import { violationsOf } from '../harness/judge/judge-history.ts';
import { readPlan } from '../harness/search/plan-file.ts';
import type { History } from '../harness/model/history.ts';
import { coordinatorOf } from '../harness/testing/lab.test-support.ts';
import type { Json } from '../harness/model/values.ts';
import { walUnlinkWedge } from './wal-unlink-wedge.ts';
import type { Workload } from './kanban/workload.ts';

const shipped = readPlan(fileURLToPath(new URL('./corpus/wal-unlink-wedge.json', import.meta.url)));

function violated(history: History): readonly string[] {
  return [...new Set(violationsOf(walUnlinkWedge, history).map(({ invariant }) => invariant))];
}

describe('the shipped plan on SQLite 3.50.4', () => {
  let coordinator: Coordinator;
  let history: History;
  beforeAll(async () => {
    coordinator = await coordinatorOf({ engine: '3.50.4' });
    history = await coordinator.run(walUnlinkWedge, shipped);
  });
  afterAll(() => coordinator.close());

  test.each(walUnlinkWedge.symptoms.map((symptom) => [symptom.reported, symptom] as const))(
    'shows: %s',
    (_, symptom) => {
      expect(symptom.see(history)).toBeTypeOf('string');
    },
  );

  test('wedges in the statement, with the code and with the inodes that the evidence names', () => {
    const [ticks, handles, , , , lost] = walUnlinkWedge.symptoms.map((symptom) => symptom.see(history));
    expect(ticks).toMatch(
      /^after 3 verifier completions all 3 ticks of gateway-1 .* SQLITE_IOERR_SHORT_READ in release_stale_claims$/,
    );
    expect(handles).toContain('gateway-1 holds 3 deleted inodes of -wal and 1 of -shm');
    expect(lost).toMatch(/^4 of \d+ acknowledged rows are gone; .* acknowledged to gateway-1\/dispatcher$/);
  });

  test('violates what it must, and leaves a sound database', () => {
    expect(violated(history).toSorted()).toEqual([
      'acknowledged-commits',
      'locks-held',
      'no-deleted-files',
      'no-stray-writes',
      'no-wedge',
      'one-claim',
    ]);
    expect(history.autopsy.integrity).toEqual(['ok']);
  });

  test('needs no preemption and no fault, and replays to the same hash', async () => {
    expect(shipped).toMatchObject({ preemptions: [], faults: [] });
    expect((await coordinator.run(walUnlinkWedge, shipped)).hash).toBe(history.hash);
  });

  test('does nothing of it under safe-read', async () => {
    const safe = await coordinator.run(walUnlinkWedge, { ...shipped, strategy: 'safe-read' });
    expect(violated(safe)).toEqual([]);
    expect(safe.marks['close-beside-holder']).toBeGreaterThan(0);
    expect(walUnlinkWedge.symptoms.flatMap((symptom) => symptom.see(safe) ?? [])).toEqual([]);
  });

  test('does not wedge when every helper closes its connection', async () => {
    const workload = shipped.workload as unknown as Workload;
    const gateways = workload.gateways.map((gateway) => ({
      ...gateway,
      messages: gateway.messages.map((message) => ({ ...message, leaks: false })),
    }));
    const closing = await coordinator.run(walUnlinkWedge, {
      ...shipped,
      workload: { ...workload, gateways } as unknown as Json,
    });
    expect(violated(closing)).not.toContain('no-wedge');
  });
});

test('the shipped plan does not wedge on SQLite 3.54.1', async () => {
  const coordinator = await coordinatorOf();
  try {
    const history = await coordinator.run(walUnlinkWedge, { ...shipped, engine: '3.54.1' });
    expect(violated(history)).not.toContain('no-wedge');
    expect(history.marks['locks-cancelled']).toBeGreaterThan(0);
  } finally {
    coordinator.close();
  }
});

describe('the declaration', () => {
  test('takes the shipped plan, and only workloads of its shape', () => {
    expect(walUnlinkWedge.workload.safeParse(shipped.workload).success).toBe(true);
    for (const wrong of [null, {}, { gateways: [], operator: [] }, { ...(shipped.workload as object), more: 1 }]) {
      expect(walUnlinkWedge.workload.safeParse(wrong).success).toBe(false);
    }
  });

  property.prop([
    fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
    fc.integer({ min: 1, max: 16 }),
  ])('generates workloads of its shape, one entry a gateway', (numbers, gateways) => {
    const random = () => numbers.next().value as number;
    const workload = walUnlinkWedge.generate(random, { ...walUnlinkWedge.parameters, gateways }, 'wal');
    expect(walUnlinkWedge.workload.safeParse(workload).error).toBeUndefined();
    expect(workload).toMatchObject({ gateways: { length: gateways } });
  });
});
