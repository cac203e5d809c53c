// What the search draws for each scenario: plans that format and scenario take, the same for the same seed and run, with
// and without every feature, and processes that can be told from one another.
import { describe, expect, test } from 'vitest';
import { type Plan, planSchema } from '../harness/model/plan.ts';
import { planOfRun } from '../harness/search/runner.ts';
import type { Scenario } from '../harness/model/scenario.ts';
import { operationsOf } from '../harness/search/size.ts';
import type { Json } from '../harness/model/values.ts';
import { scenarios } from './catalogue.ts';

const runs = 150;

function plansOf(scenario: Scenario, more: object = {}): readonly Plan[] {
  const { strategies, engine, parameters } = scenario;
  const given = { strategy: strategies[0]?.name ?? '', engine, parameters, seed: 21, chooser: 'replay' } as const;
  return Array.from({ length: runs }, (_, run) => planOfRun(scenario, { ...given, ...more }, run));
}

describe.each(scenarios.map((scenario) => [scenario.name, scenario] as const))('%s', (_name, scenario) => {
  const drawn = plansOf(scenario);

  test('every plan is one of the format and of the scenario', () => {
    for (const plan of drawn) {
      expect(planSchema.parse(plan)).toEqual(plan);
      expect(scenario.workload.parse(plan.workload)).toEqual(plan.workload);
    }
  });

  test('every plan starts processes with names of their own, on programs that there are', () => {
    for (const plan of drawn) {
      const started = scenario.start(plan);
      expect(new Set(started.map(({ name }) => name)).size).toBe(started.length);
      for (const { program } of started) expect(scenario.programs[program], program).toBeDefined();
    }
  });

  test('the same seed and run give the same plan, others give others', () => {
    expect(plansOf(scenario)).toEqual(drawn);
    expect(new Set(drawn.map((plan) => JSON.stringify(plan))).size).toBe(runs);
  });

  test('as many gateways as asked for, when a number was asked for', () => {
    const parameters = { ...scenario.parameters, gateways: 5 };
    for (const plan of plansOf(scenario, { parameters, gatewaysFixed: true })) expect(plan.parameters.gateways).toBe(5);
  });

  test('faults are drawn where the scenario has any, or loses its power, and no kind of them in every run', () => {
    const kinds = new Set(drawn.flatMap(({ faults }) => faults.map(({ kind }) => kind)));
    expect(kinds.size > 0).toBe(scenario.faults !== undefined || scenario.powerLoss !== undefined);
    const without = (kind: string) => drawn.filter(({ faults }) => faults.every((fault) => fault.kind !== kind)).length;
    expect([...kinds].filter((kind) => without(kind) === 0)).toEqual([]);
  });

  const { features = [] } = scenario;
  test.runIf(features.length > 0)('each feature can be taken away, leaves a plan of the scenario, and is gone', () => {
    const whole = plansOf({ ...scenario, features: [] });
    for (const feature of features) {
      const { name } = feature;
      const without = (workload: Json) => feature.without(workload);
      for (const { workload } of whole) {
        const less = without(workload);
        expect(scenario.workload.parse(less)).toEqual(less);
        expect(without(less), name).toEqual(less);
        expect(operationsOf(scenario, less), name).toBeLessThanOrEqual(operationsOf(scenario, workload));
      }
    }
  });

  test('plans ask for operations, and shrinking has something to count', () => {
    for (const plan of drawn) expect(operationsOf(scenario, plan.workload)).toBeGreaterThan(0);
  });
});

test('each feature of the kanban system is in some plan of some scenario', () => {
  const features = new Map(scenarios.flatMap((scenario) => (scenario.features ?? []).map((one) => [one.name, one])));
  for (const [name, feature] of features) {
    const has = scenarios.some((scenario) =>
      plansOf({ ...scenario, features: [] }).some(
        ({ workload }) => JSON.stringify(feature.without(workload)) !== JSON.stringify(workload),
      ),
    );
    expect(has, name).toBe(true);
  }
});
