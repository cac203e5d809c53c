// What the search draws for each scenario: plans that format and scenario take, the same for the same seed and run, with
// and without every feature, and processes that can be told from one another.
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Plan, planSchema } from '../harness/model/plan.ts';
import { planOfRun } from '../harness/search/runner.ts';
import type { Scenario } from '../harness/model/scenario.ts';
import { kindsIn } from '../harness/model/operation-kinds.ts';
import { operationsOf } from '../harness/search/size.ts';
import type { Json } from '../harness/model/values.ts';
import { scenarios } from './catalogue.ts';
import { essential } from './kanban/features.ts';

const runs = 150;
const kanban = scenarios.filter((scenario) => scenario.essential === essential);

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

/** In how many plans a kind of operation was drawn, and from how many of those a swarm has taken it. */
interface Masked {
  readonly drawn: number;
  readonly gone: number;
}

function maskedIn(scenario: Scenario): ReadonlyMap<string, Masked> {
  const whole = plansOf({ ...scenario, features: [], essential: [], workload: z.json() });
  const left = plansOf({ ...scenario, features: [] });
  const masked = new Map<string, Masked>();
  for (const [i, { workload }] of whole.entries()) {
    const kinds = new Set(kindsIn(scenario.workload, left[i]?.workload ?? null));
    for (const kind of kindsIn(scenario.workload, workload)) {
      const { drawn, gone } = masked.get(kind) ?? { drawn: 0, gone: 0 };
      masked.set(kind, { drawn: drawn + 1, gone: gone + (kinds.has(kind) ? 0 : 1) });
    }
  }
  return masked;
}

test('each kind of operation of the kanban system is in some plans and gone from others, but for those without which there is no incident', () => {
  const found = kanban.flatMap((scenario) => [...maskedIn(scenario)]);
  const stays = (kind: string, part: string) => kind.split(/: |, /).includes(part);
  for (const [kind, { drawn, gone }] of found) {
    if (essential.some((part) => stays(kind, part))) {
      expect(gone, kind).toBe(0);
      continue;
    }
    expect(gone / drawn, kind).toBeGreaterThan(0.1);
    expect(gone / drawn, kind).toBeLessThan(0.5);
  }
  const kinds = new Set(found.map(([kind]) => kind));
  expect([...kinds].filter((kind) => !essential.some((part) => stays(kind, part)))).toEqual(
    expect.arrayContaining([
      'gateways.messages: order.verdict=block',
      'gateways.messages: order.verdict=exit',
      'operator: act=kanban, command.verb=claim',
      'operator: act=kanban, command.verb=list',
      'operator: act=kanban, command.verb=subscribe',
      'operator: act=read',
      'operator: act=reindex',
    ]),
  );
});

test.each(essential)('%s, which is to stay, is a kind of operation of the kanban workload', (part) => {
  const [path = '', value = ''] = part.split('=');
  const command = { verb: value, task: 't', order: { thinkMs: 0, heartbeats: 0, verdict: value } };
  const at = {
    atMs: 0,
    act: value,
    gateway: 'g',
    process: 'p',
    unit: 'u',
    verb: 'stop',
    label: 'l',
    way: 'rm',
    pauseMs: 0,
  };
  const message = { atMs: 0, order: command.order, afterPrevious: false, leaks: false };
  const operator = [path === 'act' ? at : { atMs: 0, act: 'kanban', command }];
  const workload = { gateways: [{ messages: path === 'order.verdict' ? [message] : [] }], operator };
  const [{ workload: schema }] = kanban as [Scenario];
  expect(kindsIn(schema, workload).some((kind) => kind.split(/: |, /).includes(part))).toBe(true);
});
