// The promises of the scenario corrupt-board-storm: its shipped plans show what the report saw, replay, and tell apart the
// board that the plan damages from the one that breaks by itself.
import { fileURLToPath } from 'node:url';
import { fc, test as property } from '@fast-check/vitest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { long } from '../harness/testing/long.test-support.ts';
import type { Coordinator } from '../harness/run/coordinator.ts';
import { violationsOf } from '../harness/judge/judge-history.ts';
import type { Plan } from '../harness/model/plan.ts';
import { readPlan } from '../harness/search/plan-file.ts';
import { faultSchema } from '../harness/model/fault.ts';
import type { History, Observation } from '../harness/model/history.ts';
import type { Json } from '../harness/model/values.ts';
import { historyOf } from '../harness/testing/history.test-support.ts';
import { coordinatorOf } from '../harness/testing/lab.test-support.ts';
import { soundUntilDamaged } from './corrupt-board-storm.invariants.ts';
import { damagedUnderGateways, killedByOom } from './corrupt-board-storm.marks.ts';
import { corruptBoardStorm } from './corrupt-board-storm.ts';
import { stagedOf } from './staged.test-support.ts';

const corpus = (name: string) => readPlan(fileURLToPath(new URL(`./corpus/${name}.json`, import.meta.url)));
const shipped = corpus('corrupt-board-storm');
const byItself = corpus('corrupt-board-storm.by-itself');

let coordinator: Coordinator;
beforeAll(async () => {
  coordinator = await coordinatorOf({ engine: '3.50.4' });
}, 300_000);
afterAll(() => coordinator.close());

const run = (plan: Plan, strategy = plan.strategy) => coordinator.run(corruptBoardStorm, { ...plan, strategy });

function violated(history: History): readonly string[] {
  return [...new Set(violationsOf(corruptBoardStorm, history).map(({ invariant }) => invariant))].toSorted();
}

function seen(history: History): readonly string[] {
  return corruptBoardStorm.symptoms.flatMap((symptom) => symptom.see(history) ?? []);
}

const observed = (history: History, wanted: string) =>
  history.observations
    .filter(({ kind }) => kind === wanted)
    .map(({ data }) => data as { readonly [key: string]: Json });

describe('the shipped plan on SQLite 3.50.4', () => {
  let history: History;
  beforeAll(async () => {
    history = await run(shipped);
  }, 120_000);

  test.each(corruptBoardStorm.symptoms.map((symptom) => [symptom.reported, symptom] as const))(
    'shows: %s',
    (_, symptom) => {
      expect(symptom.see(history)).toBeTypeOf('string');
    },
  );

  test('what the plan placed is staged: the damage, and that the board is taken away', () => {
    expect(stagedOf(corruptBoardStorm.symptoms, history)).toEqual([
      expect.stringMatching(/Rowid 14 out of order/),
      expect.stringMatching(/^after recovery the live database is valid but empty/),
    ]);
    expect(stagedOf(corruptBoardStorm.symptoms, { ...history, strikes: [] })).toHaveLength(1);
  });

  test('names the page, the tables, the figures', () => {
    const [refused, rowid, io, tasks, subs, backups, units, empty] = seen(history);
    expect(refused).toMatch(
      /default \d+ times, jimmy \d+ times, franky \d+ times: "Refusing to open corrupt kanban DB/,
    );
    expect(rowid).toMatch(/"Tree 2 page 2 cell \d+: Rowid \d+ out of order"$/);
    expect(io).toMatch(/SQLITE_IOERR_/);
    expect(tasks).toMatch(/the dispatcher’s of gateway-.* in release_stale_claims$/);
    expect(subs).toMatch(/ticks of a notifier .* in list_notify_subs$/);
    expect(backups).toMatch(/^(\d+) refusals, \1 backups of /);
    expect(units).toMatch(/gateway-1 started 7 times.* gateway-1 would have stayed down at/);
    expect(empty).toMatch(/integrity_check says ok, and of 13 tasks none is there; \d+ backups lie beside it/);
  });

  test('the kills leave the board sound: a person reads it between them and the damage', () => {
    const damaged = history.strikes.find(({ kind }) => kind === 'corrupt');
    const [read] = history.observations.filter(({ kind }) => kind === 'fresh-read');
    expect(killedByOom.count(history)).toBe(9);
    expect(read?.step).toBeLessThan(damaged?.step ?? 0);
    expect(read?.data).toMatchObject({ ok: true, integrity: 'ok' });
    // The row that is gone was gone before: the wedge of #31158 took it, not the damage.
    expect(violated(history)).toEqual([
      'acknowledged-commits',
      'bounded-reaction',
      'no-silent-loss',
      'no-stray-writes',
    ]);
  });

  test('replays to the same hash', long, async () => {
    expect(shipped.preemptions).toEqual([]);
    expect((await run(shipped)).hash).toBe(history.hash);
  });

  test(
    'storms no more under quarantine+safe-read: one backup, no new board; but the board that it puts away is not there',
    long,
    async () => {
      const cured = await run(shipped, 'quarantine+safe-read');
      expect(damagedUnderGateways.count(cured)).toBe(1);
      expect(violated(cured)).toEqual(['acknowledged-commits', 'integrity']);
      expect(cured.autopsy).toMatchObject({ opened: 'SQLITE_CANTOPEN' });
      expect(observed(cured, 'backup')).toHaveLength(1);
      expect(observed(cured, 'board-created')).toEqual([]);
    },
  );

  test('is not bounded by a leader: those that do not lead go on probing', long, async () => {
    const led = await run(shipped, 'leader');
    expect(violated(led)).toContain('bounded-reaction');
    const notifiers = observed(led, 'tick-failed').filter(({ lane }) => lane === 'notifier');
    expect(new Set(notifiers.map(({ gateway }) => gateway)).size).toBeGreaterThan(2);
  });
});

describe('the plan that damages nothing', () => {
  test('storms all the same: the raw reads break the board, and the kills make the gateways look', long, async () => {
    expect(byItself.faults.map(({ kind }) => kind)).toEqual(['oom', 'oom', 'oom']);
    const history = await run(byItself);
    expect(damagedUnderGateways.count(history)).toBe(0);
    expect(violated(history)).toEqual(['acknowledged-commits', 'bounded-reaction', 'integrity', 'sound-until-damaged']);
    const refused = observed(history, 'corrupt-error').filter(({ code }) => code === 'KANBAN_DB_CORRUPT');
    expect(new Set(refused.map(({ by }) => by))).toEqual(new Set(['gateway-1.2', 'gateway-2.2', 'gateway-3.2']));
  });

  test('does nothing under safe-read, though the same processes are killed', long, async () => {
    const safe = await run(byItself, 'safe-read');
    expect(killedByOom.count(safe)).toBe(3);
    expect(violated(safe)).toEqual([]);
  });
});

describe('sound-until-damaged', () => {
  const observation = (step: number, kind: string, data: Json): Observation => ({
    step,
    lane: 'p',
    nowMs: step,
    kind,
    data,
  });
  const refusal = (step: number) =>
    observation(step, 'corrupt-error', { code: 'KANBAN_DB_CORRUPT', message: 'Refusing' });
  const damage = { fault: 0, kind: 'corrupt', step: 50, nowMs: 50, liftedMs: 50, changed: true };
  const check = (more: Partial<History>) => soundUntilDamaged.check(historyOf(more)).length;

  test.each([
    ['the guard refuses the board', refusal(10)],
    ['SQLite finds it malformed', observation(10, 'corrupt-error', { code: 'SQLITE_CORRUPT_INDEX' })],
    ['a person’s integrity_check complains', observation(10, 'fresh-read', { ok: true, integrity: 'row 1 missing' })],
  ])('is violated once when, before the damage, %s', (_, found) => {
    expect(check({ observations: [found, refusal(20)], strikes: [damage] })).toBe(1);
    expect(check({ observations: [found] })).toBe(1);
  });

  test.each([
    ['the damage came before', [refusal(60)]],
    ['a person found it well', [observation(10, 'fresh-read', { ok: true, integrity: 'ok' })]],
    ['the error was another', [observation(10, 'corrupt-error', { code: 'SQLITE_ERROR', message: 'no such table' })]],
  ])('holds when %s', (_, observations) => {
    expect(check({ observations, strikes: [damage] })).toBe(0);
  });
});

describe('the declaration', () => {
  test('takes the shipped plans, and only workloads of its shape', () => {
    for (const { workload } of [shipped, byItself])
      expect(corruptBoardStorm.workload.safeParse(workload).success).toBe(true);
    for (const wrong of [null, {}, { ...(shipped.workload as object), more: 1 }])
      expect(corruptBoardStorm.workload.safeParse(wrong).success).toBe(false);
  });

  property.prop([
    fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
    fc.integer({ min: 1, max: 16 }),
  ])('generates workloads and faults of their shapes; the OOM killer spares the supervisor', (numbers, gateways) => {
    const random = () => numbers.next().value as number;
    const parameters = { ...corruptBoardStorm.parameters, gateways };
    const workload = corruptBoardStorm.generate(random, parameters, 'wal');
    expect(corruptBoardStorm.workload.safeParse(workload).error).toBeUndefined();
    expect(workload).toMatchObject({ gateways: { length: gateways } });
    const faults = corruptBoardStorm.faults?.(random, parameters, 'wal') ?? [];
    for (const fault of faults) expect(faultSchema.safeParse(fault).error).toBeUndefined();
    const kills = faults.filter((fault) => fault.kind === 'oom');
    expect(kills.length).toBeGreaterThan(0);
    for (const { group } of kills) expect(group).toMatch(/^gateway-\d+$/);
  });
});
