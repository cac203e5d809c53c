// The promises of the scenario orphan-dispatcher: its shipped plan shows what the report saw, 28 hours within its steps.
import { fileURLToPath } from 'node:url';
import { fc, test as property } from '@fast-check/vitest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { long } from '../harness/testing/long.test-support.ts';
import type { Coordinator } from '../harness/run/coordinator.ts';
import { violationsOf } from '../harness/judge/judge-history.ts';
import { readPlan } from '../harness/search/plan-file.ts';
import { faultSchema } from '../harness/model/fault.ts';
import type { History } from '../harness/model/history.ts';
import { coordinatorOf } from '../harness/testing/lab.test-support.ts';
import { orphanDispatcher } from './orphan-dispatcher.ts';
import type { Workload } from './kanban/workload.ts';
import { stagedOf } from './staged.test-support.ts';

const shipped = readPlan(fileURLToPath(new URL('./corpus/orphan-dispatcher.json', import.meta.url)));
const { parameters, symptoms } = orphanDispatcher;

function violated(history: History): readonly string[] {
  return [...new Set(violationsOf(orphanDispatcher, history).map(({ invariant }) => invariant))];
}

describe('the shipped plan on SQLite 3.50.4', () => {
  let coordinator: Coordinator;
  let history: History;
  beforeAll(async () => {
    coordinator = await coordinatorOf({ engine: '3.50.4' });
    history = await coordinator.run(orphanDispatcher, shipped);
  });
  afterAll(() => coordinator.close());

  test.each(symptoms.map((symptom) => [symptom.reported, symptom] as const))('shows: %s', (_, symptom) => {
    expect(symptom.see(history)).toBeTypeOf('string');
  });

  test('what the plan placed is staged: ages, the connections left open, the hiccup', () => {
    const placed = [/^they have been alive/, /^lsof/, /REINDEX/].map((word) => expect.stringMatching(word) as string);
    expect(stagedOf(symptoms, history)).toEqual(placed);
    const own = { ...history, strikes: history.strikes.filter(({ kind }) => kind !== 'leaked-connection') };
    expect(stagedOf(symptoms, own)).toEqual([placed[0], placed[2]]);
  });

  test('its evidence names the ages, the orphans, the codes in their order, and what was lost', () => {
    const [found, old, restarts, dispatch, handles, , errors, lost, reindex] = symptoms.map((symptom) =>
      symptom.see(history),
    );
    expect(found).toMatch(/orphan-1 of profile-1 and orphan-2 of profile-2 are both detached/);
    expect(old).toMatch(/orphan-1 is 28 h 0 min old and orphan-2 2 h 25 min$/);
    expect(restarts).toMatch(/^units were restarted 4 times beside orphan-1, .* its dispatcher ticked \d+ times/);
    expect(dispatch).toMatch(/took turns \d+ times; of \d+ claims the orphans made \d+, the units' own gateways \d+$/);
    expect(handles).toMatch(/orphan-1 has kanban.db open 3 times and kanban.db-wal 2 times, beside it gateway-1.2 has/);
    expect(errors).toMatch(/SQLITE_IOERR_SHORT_READ in .* SQLITE_CORRUPT in .* quarantine: its ticks are skipped$/);
    expect(lost).toMatch(/^\d+ of \d+ acknowledged rows are gone, among them task:t_[0-9a-f]{8}$/);
    expect(reindex).toMatch(/^the volume failed from 97800.0 s .* failed with SQLITE_IOERR_WRITE in REINDEX$/);
  });

  test('goes through 28 hours within its steps', () => {
    expect(history.end).toBe('stopped');
    expect(history.virtualMs).toBeGreaterThanOrEqual(parameters.horizonMs);
    expect(history.steps).toBeLessThan(parameters.stepsMax / 10);
  });

  test('does nothing of it under safe-read, though the orphans are there', long, async () => {
    const safe = await coordinator.run(orphanDispatcher, { ...shipped, strategy: 'safe-read' });
    expect(violated(safe)).toEqual([]);
    expect(symptoms.map((symptom) => symptom.see(safe) !== undefined)).toEqual([
      true, // two outside the unit
      true, // of these ages
      true, // untouched by restarts
      true, // two dispatch
      true, // several handles
      false,
      false,
      false,
      true, // REINDEX in the hiccup
    ]);
  });

  test('its symptoms are read off what was observed', () => {
    const nothing: History = { ...history, observations: [], looks: [], strikes: [], marks: {} };
    expect(symptoms.flatMap((symptom) => symptom.see(nothing) ?? [])).toEqual([]);
  });
});

describe('the declaration', () => {
  test('takes the shipped plan, and only workloads of its shape', () => {
    expect(orphanDispatcher.workload.safeParse(shipped.workload).success).toBe(true);
    for (const wrong of [null, {}, { gateways: [], operator: [] }, { ...(shipped.workload as object), more: 1 }]) {
      expect(orphanDispatcher.workload.safeParse(wrong).success).toBe(false);
    }
  });

  const numbers = fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }));
  const sizes = fc.record({
    gateways: fc.integer({ min: 1, max: 16 }),
    horizonMs: fc.integer({ min: 300_000, max: parameters.horizonMs }),
  });

  property.prop([numbers, sizes])('generates workloads of its shape, one entry a gateway', (stream, size) => {
    const random = () => stream.next().value as number;
    const workload = orphanDispatcher.generate(random, { ...parameters, ...size }, 'wal');
    expect(orphanDispatcher.workload.safeParse(workload).error).toBeUndefined();
    expect(workload).toMatchObject({ gateways: { length: size.gateways } });
    const acts = (workload as unknown as Workload).operator.map(({ act }) => act);
    expect(acts.filter((act) => act.startsWith('gateway-'))).toEqual(['gateway-run', 'gateway-restart']);
    expect(acts.filter((act) => act === 'systemctl').length).toBeGreaterThanOrEqual(3);
  });

  property.prop([numbers, numbers, sizes])(
    'generates faults that there are; the hiccup means the process that runs REINDEX',
    (stream, other, size) => {
      const next = (from: typeof stream) => () => from.next().value as number;
      const faults = orphanDispatcher.faults?.(next(stream), { ...parameters, ...size }, 'wal') ?? [];
      for (const fault of faults) expect(faultSchema.safeParse(fault).error).toBeUndefined();
      const workload = orphanDispatcher.generate(next(other), { ...parameters, ...size }, 'wal') as unknown as Workload;
      const reindexer = `reindex-${workload.operator.findIndex(({ act }) => act === 'reindex') + 1}`;
      for (const { kind, at } of faults) if (kind === 'io-hiccup') expect(at).toMatchObject({ lane: reindexer });
    },
  );
});
