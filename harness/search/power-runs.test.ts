// Power losses of recorded runs, as figures: what may be lost is counted, what may not fails with a plan, and what a run does wrong by itself
// is no power loss's doing.
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Durability, ModelName } from '../model/file-systems.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Json } from '../model/values.ts';
import type { Coordinator } from '../run/coordinator.ts';
import { coordinatorOf, process as start, scenarioOf } from '../testing/lab.test-support.ts';
import { isBroken, powerRuns } from './power-runs.ts';

vi.setConfig({ testTimeout: 120_000 });

const module = new URL('../crash/crash-programs.test-support.ts', import.meta.url).href;

let coordinator: Coordinator;
beforeAll(async () => {
  coordinator = await coordinatorOf();
});
afterAll(() => coordinator.close());

function lab(program: string, args: Json, durability: Durability): Scenario {
  const programs = Object.fromEntries(['setup', program].map((name) => [name, { module, export: name }]));
  return { ...scenarioOf([start('a', program, args)], 'wal'), programs, durability: () => durability };
}

async function figuresOf(scenario: Scenario, models: readonly ModelName[] = ['powersafe', 'ordered']) {
  const { figures, failures } = await powerRuns({
    coordinator,
    scenario,
    strategy: 'plain',
    engine: scenario.engine,
    parameters: scenario.parameters,
    seed: 1,
    models,
    first: 0,
    runs: 2,
    statesMax: 200,
    timeMs: 100_000,
    stop: () => false,
  });
  const broken = failures.filter(isBroken).map(({ model, invariant }) => `${model} ${invariant}`);
  return { figures, failures: failures.map(({ model, invariant }) => `${model} ${invariant}`), broken };
}

const inserting = (synchronous: string) => ({ count: 3, pragmas: `PRAGMA synchronous=${synchronous}` });

test('a loss that is allowed is a figure', async () => {
  const { figures, failures } = await figuresOf(lab('inserting', inserting('NORMAL'), 'order'));
  expect(failures).toEqual([]);
  expect(figures.map(({ model }) => model)).toEqual(['powersafe', 'ordered']);
  for (const one of figures)
    expect(one).toMatchObject({ promise: 'order', runs: 2, losing: 2, rowsMost: 6, failing: 0 });
});

test('where none is allowed it fails; where none is lost nothing is', async () => {
  expect((await figuresOf(lab('inserting', inserting('NORMAL'), 'acknowledged'))).failures).toEqual([
    'powersafe acknowledged-commits',
    'ordered acknowledged-commits',
  ]);
  const { figures, failures } = await figuresOf(lab('inserting', inserting('FULL'), 'acknowledged'));
  expect(failures).toEqual([]);
  for (const one of figures) expect(one).toMatchObject({ runs: 2, losing: 0, rowsMost: 0, failing: 0 });
});

test('rows that a run loses by itself are not the power loss’s', async () => {
  const { figures, failures } = await figuresOf(lab('forgetful', null, 'acknowledged'));
  expect(failures).toEqual([]);
  for (const one of figures) expect(one).toMatchObject({ runs: 2, losing: 0, failing: 0 });
});

test('where syncs lie nobody has promised anything: what is lost is a figure, with a plan, and breaks nothing', async () => {
  const { figures, failures, broken } = await figuresOf(lab('inserting', inserting('FULL'), 'acknowledged'), [
    'powersafe',
    'lying-sync',
  ]);
  expect(figures.map(({ failing }) => failing > 0)).toEqual([false, true]);
  expect(failures).toContain('lying-sync acknowledged-commits');
  expect(broken).toEqual([]);
});
