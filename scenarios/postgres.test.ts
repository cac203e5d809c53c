// The board in a PostgreSQL server: the same work, one plan one hash, nothing acknowledged lost to a killed server, and nothing done by
// those who take a file away that is not there. Its mutants are caught in mutants.test.ts.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { recordRun } from '../harness/crash/recorded-run.ts';
import { violationsOf } from '../harness/judge/judge-history.ts';
import type { Fault } from '../harness/model/fault.ts';
import { stream } from '../harness/model/random.ts';
import type { Scenario } from '../harness/model/scenario.ts';
import { hasServer } from '../harness/postgres/server.test-support.ts';
import type { Coordinator } from '../harness/run/coordinator.ts';
import { crashSweep } from '../harness/search/crash-sweep.ts';
import { drawPlan } from '../harness/search/draw-plan.ts';
import { readPlan } from '../harness/search/plan-file.ts';
import { coordinatorOf } from '../harness/testing/lab.test-support.ts';
import { PREBUILT_ENGINE } from '../harness/engines/catalogue.ts';
import { scenarios } from './catalogue.ts';
import { initInodeSwap } from './init-inode-swap.ts';
import type { StepSink } from '../harness/model/step.ts';
import { StepCounter } from '../harness/search/place-faults.ts';
import { takenAway, toldWhenDone, twoGateways } from './mutants.test-support.ts';

describe.skipIf(!hasServer)('the board in a server', () => {
  let coordinator: Coordinator;
  beforeAll(async () => {
    coordinator = await coordinatorOf();
  });
  afterAll(() => coordinator.close());

  async function run(
    scenario: Scenario,
    seed: number,
    faults: readonly Fault[] = [],
    strategy = 'postgres',
    ...sinks: readonly StepSink[]
  ) {
    const told = { strategy, engine: PREBUILT_ENGINE, parameters: scenario.parameters };
    const drawn = drawPlan(scenario, told, (name) => stream(name, seed, 0));
    const history = await coordinator.run(scenario, { ...drawn, faults }, undefined, sinks);
    const count = (kind: string) => history.observations.filter((one) => one.kind === kind).length;
    return { history, count, violations: violationsOf(scenario, history) };
  }

  test('four tasks are done, and the same plan is the same run', { timeout: 300_000 }, async () => {
    const first = await run(twoGateways, 1);
    expect(first.violations).toEqual([]);
    expect(first.count('verified')).toBe(4);
    expect(first.history.autopsy.tables).toContainEqual({ table: 'tasks', rows: 4, indexes: [] });
    const again = await run(twoGateways, 1);
    expect(again.history.hash).toBe(first.history.hash);
  });

  test('SERIALIZABLE does the same', { tags: ['long'], timeout: 300_000 }, async () => {
    const { violations, count } = await run(twoGateways, 1, [], 'postgres-serializable');
    expect(violations).toEqual([]);
    expect(count('verified')).toBe(4);
  });

  test('each plan that is kept for a server is one run, however often', { timeout: 300_000 }, async () => {
    const folder = new URL('./corpus/server/', import.meta.url);
    const names = readdirSync(folder);
    expect(names).toHaveLength(3);
    for (const name of names) {
      const plan = readPlan(fileURLToPath(new URL(name, folder)));
      const scenario = scenarios.find((one) => one.name === plan.scenario)!;
      const replayed = async () => (await coordinator.run(scenario, plan)).hash;
      expect(await replayed(), name).toBe(await replayed());
    }
  });

  test('who listens hears at once that a task is done, who polls within five seconds, and the same plan is the same run', {
    timeout: 300_000,
  }, async () => {
    const slowest = async (strategy: string) => {
      const { history, violations } = await run(toldWhenDone, 1, [], strategy);
      expect(violations).toEqual([]);
      const at = (kind: string) => history.observations.filter((one) => one.kind === kind);
      const taskOf = ({ data }: { readonly data: unknown }) => (data as { readonly task: string }).task;
      const told = at('verified').map((done) => {
        const heard = at('notified').find((one) => taskOf(one) === taskOf(done));
        return (heard?.nowMs ?? Infinity) - done.nowMs;
      });
      expect(told).toHaveLength(6);
      return { ms: Math.max(...told), hash: history.hash };
    };
    const listening = await slowest('postgres-notify');
    // It delivers one after the other, 1.5 s each.
    expect(listening.ms).toBeLessThan(2 * 1500);
    expect((await slowest('postgres')).ms).toBeGreaterThan(2 * 1500);
    expect((await slowest('postgres-notify')).hash).toBe(listening.hash);
  });

  test('who listens goes on when the server was killed, or its connection cut: it listens anew, and looks', {
    timeout: 300_000,
  }, async () => {
    const lane = 'gateway-1/notifier';
    const counter = new StepCounter();
    await run(toldWhenDone, 1, [], 'postgres-notify', counter);
    const statements = counter.counts.find((one) => one.lane === lane && one.op === 'ask')?.statements ?? [];
    const nth = statements[Math.floor(statements.length / 2)] ?? 0;
    for (const fault of [
      { kind: 'server-kill', at: { timeMs: 9000 }, offMs: 4000 },
      { kind: 'connection-cut', at: { lane, op: 'ask', nth }, when: 'before' },
    ] as const) {
      const { violations, count, history } = await run(toldWhenDone, 1, [fault], 'postgres-notify');
      expect(history.strikes.map(({ note }) => note)).toEqual([undefined]);
      expect(violations).toEqual([]);
      expect(count('notified')).toBe(count('verified')); // a chat that found no server made no task
      expect(count('notified')).toBeGreaterThan(3);
    }
  });

  test('a server that is killed loses nothing that was acknowledged', {
    tags: ['long'],
    timeout: 600_000,
  }, async () => {
    for (const nth of [10, 20, 30]) {
      const at = { lane: 'gateway-1/dispatcher', op: 'ask', nth } as const;
      for (const fault of [
        { kind: 'server-kill', at },
        { kind: 'server-kill', at, inside: 1 },
      ] as const) {
        const { violations, history } = await run(twoGateways, 1, [fault]);
        expect(history.strikes).toHaveLength(1);
        expect(violations).toEqual([]);
      }
    }
  });

  test('a sweep kills the server before each step, and inside the statements that write: nothing acknowledged is lost', {
    tags: ['long'],
    timeout: 900_000,
  }, async () => {
    const scenario = twoGateways;
    const told = { strategy: 'postgres', engine: PREBUILT_ENGINE, parameters: scenario.parameters };
    const plan = { ...drawPlan(scenario, told, (name) => stream(name, 1, 0)), faults: [] };
    for (const kind of [{ kind: 'server-kill' }, { kind: 'server-kill', inside: 2 }] as const) {
      const swept = await crashSweep({ coordinator, scenario, plan, kind, from: 40, to: 90 });
      expect(swept).toMatchObject({ violating: 0, complete: true, baseline: [] });
      expect(swept.tried).toBeGreaterThan(10);
    }
  });

  test('connections that leak use up those that a server has (#30445), and one a process does not', {
    tags: ['long'],
    timeout: 300_000,
  }, async () => {
    const plan = readPlan(fileURLToPath(new URL('./corpus/init-inode-swap.json', import.meta.url)));
    const found = async (strategy: string) =>
      violationsOf(initInodeSwap, await coordinator.run(initInodeSwap, { ...plan, strategy, engine: PREBUILT_ENGINE }));
    const leaking = await found('postgres');
    expect(new Set(leaking.map(({ invariant }) => invariant))).toEqual(new Set(['no-wedge']));
    for (const { message } of leaking) expect(message).toContain('SQLSTATE_53300 in connect');
    expect(await found('postgres+shared')).toEqual([]);
  });

  test('who takes the file away finds none', { tags: ['long'], timeout: 300_000 }, async () => {
    const { violations, count } = await run(takenAway, 1);
    expect(count('no-file')).toBeGreaterThan(0);
    expect(violations).toEqual([]);
  });
  test('power losses are drawn for no server, and what one would leave of it is refused', async () => {
    const scenario: Scenario = { ...twoGateways, powerLoss: ['powersafe'] };
    const drawn = (strategy: string) =>
      Array.from({ length: 20 }, (_, seed) => {
        const told = { strategy, engine: PREBUILT_ENGINE, parameters: scenario.parameters };
        return drawPlan(scenario, told, (name) => stream(name, seed, 0));
      });
    const losses = (strategy: string) =>
      drawn(strategy).flatMap(({ faults }) => faults.filter(({ kind }) => kind === 'power-loss'));
    expect(losses('wal')).not.toEqual([]);
    expect(losses('postgres')).toEqual([]);
    const plan = drawn('postgres')[0]!;
    const recorded = recordRun({ coordinator, scenario, plan, stop: () => false });
    await expect(recorded).rejects.toMatchObject({ code: 'NO_POWER_LOSS_ON_SERVER' });
  });
});
