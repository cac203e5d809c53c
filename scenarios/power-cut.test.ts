// The scenario that asks for power losses by itself: its runs have some, and a sound strategy comes through them.
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { violationsOf } from '../harness/judge/judge-history.ts';
import type { Coordinator } from '../harness/run/coordinator.ts';
import { planOfRun } from '../harness/search/runner.ts';
import { coordinatorOf } from '../harness/testing/lab.test-support.ts';
import { long } from '../harness/testing/long.test-support.ts';
import { powerCut } from './power-cut.ts';

vi.setConfig({ testTimeout: 300_000 });

const engine = '3.54.1';
const { parameters } = powerCut;

const planOf = (strategy: string, run: number) =>
  planOfRun(powerCut, { strategy, engine, parameters, seed: 1, chooser: 'replay' }, run);

test('about half of its runs lose their power, on the file systems that it names', () => {
  const losses = Array.from({ length: 40 }, (_, run) => planOf('wal', run).faults).flatMap((faults) =>
    faults.filter((fault) => fault.kind === 'power-loss'),
  );
  expect(losses.length).toBeGreaterThan(10);
  expect(losses.length).toBeLessThan(30);
  expect(new Set(losses.map(({ model }) => model))).toEqual(new Set(['powersafe', 'ordered']));
});

let coordinator: Coordinator;
beforeAll(async () => {
  coordinator = await coordinatorOf({ engine });
});
afterAll(() => coordinator.close());

for (const [strategy, runs] of [
  ['durable', 1],
  ['durable', 8],
] as const) {
  const when = runs === 1 ? {} : long;
  test(`${strategy} comes through ${runs} of them`, when, async () => {
    const losing = Array.from({ length: 40 }, (_, run) => planOf(strategy, run)).filter(({ faults }) =>
      faults.some(({ kind }) => kind === 'power-loss'),
    );
    for (const plan of losing.slice(0, runs))
      expect(violationsOf(powerCut, await coordinator.run(powerCut, plan))).toEqual([]);
  });
}
