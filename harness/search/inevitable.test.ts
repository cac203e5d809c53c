// When a lost update became inevitable: once it is lost no continuation brings it back, before it is read most do not lose it.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { History } from '../model/history.ts';
import type { Json } from '../model/values.ts';
import type { InevitablePoint } from '../model/timeline.ts';
import { coordinatorOf } from '../testing/lab.test-support.ts';
import type { Coordinator } from '../run/coordinator.ts';
import { violationsOf } from '../judge/judge-history.ts';
import { counter, counterPlan, losing } from './counter-lab.test-support.ts';
import type { Plan } from '../model/plan.ts';
import { inevitable } from './inevitable.ts';

let coordinator: Coordinator;
let plan: Plan;
let history: History;
beforeAll(async () => {
  coordinator = await coordinatorOf();
  const note = { act: 'note', bytes: 20 };
  const workload = {
    writers: [{ rounds: [note, { act: 'add' }, note, note] }, { rounds: [note, note, { act: 'add' }, note] }],
    readers: [],
  };
  plan = await losing(coordinator, counterPlan({ workload: workload as unknown as Json }));
  history = await coordinator.run(counter, plan);
});
afterAll(() => coordinator.close());

async function curve(more: Partial<Parameters<typeof inevitable>[0]> = {}): Promise<readonly InevitablePoint[]> {
  const violations = violationsOf(counter, history);
  return inevitable({
    coordinator,
    scenario: counter,
    plan,
    history,
    violations,
    timeMs: 600_000,
    pointsMost: 13,
    ...more,
  });
}

test('from the beginning few fail, from the end all; the curve is the same each time, and closest where it rises', async () => {
  const points = await curve();
  const [start] = points;
  const end = points.at(-1);
  expect(start).toMatchObject({ step: 0 });
  expect(start?.failed).toBeLessThan(start?.runs ?? 0);
  expect(end).toMatchObject({ step: history.steps, failed: end?.runs });
  const steps = points.map(({ step }) => step);
  expect(steps).toEqual(steps.toSorted((a, b) => a - b));
  const rates = points.map(({ failed, runs }) => failed / runs);
  const sure = rates.findLastIndex((rate) => rate < 1);
  // Halved where it rises, the stretch is shorter than those that it began with.
  expect((steps[sure + 1] ?? 0) - (steps[sure] ?? 0)).toBeLessThan(history.steps / 8);
  expect(await curve()).toEqual(points);
}, 300_000);

test('a fault that has not struck yet does not come', async () => {
  const kill = { kind: 'kill', at: { step: Math.floor(history.steps / 2) }, process: 'writer-2' } as const;
  const killed: Plan = { ...plan, preemptions: [], faults: [kill] };
  const went = await coordinator.run(counter, killed);
  const death = { invariant: 'no-deaths', message: '', step: null };
  const dying = {
    ...counter,
    invariants: [
      {
        ...counter.invariants[0],
        name: 'no-deaths',
        check: ({ strikes }: History) => (strikes.length > 0 ? [death] : []),
      } as (typeof counter.invariants)[number],
    ],
  };
  const points = await curve({ scenario: dying, plan: killed, history: went, violations: [death], pointsMost: 9 });
  const [strike] = went.strikes;
  expect(strike).toBeDefined();
  for (const { step, failed, runs } of points) expect(failed).toBe(step > (strike?.step ?? 0) ? runs : 0);
}, 300_000);

test('without time there is no curve', async () => {
  expect(await curve({ timeMs: 0 })).toEqual([]);
});
