// The kanban system loses its power in the middle of a run: supervisor and gateways come back, and go on with what is there.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { FaultOf } from '../harness/model/fault.ts';
import type { History } from '../harness/model/history.ts';
import type { Plan } from '../harness/model/plan.ts';
import type { Scenario } from '../harness/model/scenario.ts';
import { violationsOf } from '../harness/judge/judge-history.ts';
import type { Coordinator } from '../harness/run/coordinator.ts';
import { planOfRun } from '../harness/search/runner.ts';
import { coordinatorOf } from '../harness/testing/lab.test-support.ts';
import { long, longButFirst } from '../harness/testing/long.test-support.ts';
import { wordsOf } from '../src/oracle/said.ts';
import { checkpointRace } from './checkpoint-race.ts';
import { corruptBoardStorm } from './corrupt-board-storm.ts';
import { processesOf } from './kanban/processes.ts';
import { smallParameters } from './small.ts';
import { walUnlinkWedge } from './wal-unlink-wedge.ts';

vi.setConfig({ testTimeout: 240_000 });

let coordinator: Coordinator;
beforeAll(async () => {
  coordinator = await coordinatorOf();
});
afterAll(() => coordinator.close());

function planUnder(scenario: Scenario, strategy: string, lost: FaultOf<'power-loss'>['lost'], seed = 3): Plan {
  const parameters = smallParameters(scenario);
  const { engine } = scenario;
  const plan = planOfRun(scenario, { strategy, engine: '3.54.1', parameters, seed, chooser: 'replay' }, 0);
  const power: FaultOf<'power-loss'> = {
    kind: 'power-loss',
    at: { timeMs: Math.floor(parameters.horizonMs / 2) },
    lost,
    offMs: 5000,
  };
  expect(engine).not.toBe('');
  return { ...plan, faults: [power] };
}

const ups = (history: History) => wordsOf(history.observations, 'gateway-up').map(({ data }) => data.gateway);
const after = (history: History) => history.strikes[0]?.liftedMs ?? Infinity;

describe.each([
  ['unsupervised', walUnlinkWedge],
  ['in units', corruptBoardStorm],
] as const)('gateways %s', (_, scenario) => {
  test.each(['durable', 'full-sync'])('come back, tick and serve, under %s', longButFirst, async (strategy) => {
    const plan = planUnder(scenario, strategy, 'everything');
    const history = await coordinator.run(scenario, plan);
    const before = ups(history).filter((name) => !name.includes('boot'));
    expect(before.length).toBeGreaterThan(0);
    for (const name of before) expect(ups(history)).toContain(`${name}.boot-2`);
    const ticks = wordsOf(history.observations, 'tick').filter(({ nowMs }) => nowMs >= after(history));
    for (const name of before) expect(ticks.some(({ data }) => data.gateway.startsWith(`${name}.`))).toBe(true); // or who was started in its place later
    expect(
      history.observations.filter(({ nowMs }) => nowMs > (history.strikes[0]?.nowMs ?? 0) && nowMs < after(history)),
    ).toEqual([]);
    expect((await coordinator.run(scenario, plan)).hash).toBe(history.hash);
  });
});

test.each([
  ['nothing', 'nothing'],
  ['everything', 'everything'],
  ['the last writes', { writes: [[0, 20]] }],
  ['the last names', { names: [[0, 1]] }],
] as const)('durable survives it, %s being lost', long, async (_, lost) => {
  for (const scenario of [walUnlinkWedge, corruptBoardStorm, checkpointRace]) {
    const plan = planUnder(scenario, 'durable', lost as FaultOf<'power-loss'>['lost']);
    expect(violationsOf(scenario, await coordinator.run(scenario, plan))).toEqual([]);
  }
});

test('what is still to come goes on from when the machine is on, and what is over is not done again', () => {
  const plan = planUnder(walUnlinkWedge, 'wal', 'nothing');
  const workload = plan.workload as {
    readonly gateways: readonly { readonly messages: readonly { atMs: number }[] }[];
  };
  const nowMs = workload.gateways[0]?.messages[0]?.atMs ?? 0;
  const booted = walUnlinkWedge.boot?.(plan, { nowMs: nowMs + 1, boot: 2 }) ?? [];
  expect(booted.map(({ name }) => name)).toContain('gateway-1.boot-2');
  const messages = (list: readonly { readonly name: string; readonly args: unknown }[], name: string) =>
    (list.find((one) => one.name === name)?.args as { messages: readonly { atMs: number }[] } | undefined)?.messages ??
    [];
  const all = messages(processesOf(plan), 'gateway-1');
  const left = messages(booted, 'gateway-1.boot-2');
  expect(left).toHaveLength(all.length - 1);
  for (const [i, { atMs }] of left.entries()) expect(atMs).toBe((all[i + 1]?.atMs ?? 0) - nowMs - 1);
});
