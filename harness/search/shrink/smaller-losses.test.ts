// A power loss becomes one that is easier to understand, and never a larger one.
import { fc, test as property } from '@fast-check/vitest';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { faultSchema, type FaultOf } from '../../model/fault.ts';
import { modelNames } from '../../model/file-systems.ts';
import { stream } from '../../model/random.ts';
import type { Coordinator } from '../../run/coordinator.ts';
import { coordinatorOf, planOf, process, scenarioOf } from '../../testing/lab.test-support.ts';
import { drawPowerLoss } from '../draw-power-loss.ts';
import { shrink } from './shrink.ts';
import { simplerLosses } from './smaller-losses.ts';

vi.setConfig({ testTimeout: 120_000 });

const parameters = { gateways: 1, horizonMs: 60, stepsMax: 200_000 };
const drawn = (seed: number) => drawPowerLoss(stream('powerLoss', seed, 0), modelNames, parameters);

test('what is drawn is valid, in half of the runs, in every way', () => {
  const all = Array.from({ length: 2000 }, (_, seed) => drawn(seed)).flat();
  expect(all.length).toBeGreaterThan(900);
  expect(all.length).toBeLessThan(1100);
  for (const fault of all) expect(faultSchema.parse(fault)).toEqual(fault);
  const kinds = new Set(all.map(({ lost }) => (typeof lost === 'string' ? lost : Object.keys(lost).join('+'))));
  expect(kinds).toEqual(new Set(['nothing', 'everything', 'writes', 'names', 'writes+names']));
  expect(new Set(all.map(({ model }) => model))).toEqual(new Set(modelNames));
  for (const field of ['torn', 'hollow', 'spoilt'] as const)
    expect(all.some((fault) => fault[field] !== undefined)).toBe(true);
  expect(drawPowerLoss(stream('powerLoss', 1, 0), [], parameters)).toEqual([]);
});

property.prop([fc.nat()])('simpler losses are valid, and come to an end', (seed) => {
  let faults: readonly FaultOf<'power-loss'>[] = drawn(seed);
  let rounds = 0;
  for (; faults.length > 0; rounds++) {
    for (const fault of faults) expect(faultSchema.parse(fault)).toEqual(fault);
    faults = faults.slice(-1).flatMap((fault) => simplerLosses(fault));
  }
  expect(rounds).toBeLessThan(12);
});

describe('in a run', () => {
  let coordinator: Coordinator;
  beforeAll(async () => {
    coordinator = await coordinatorOf();
  });
  afterAll(() => coordinator.close());

  test('the one lost name that a DELETE journal cannot bear is all that is left', async () => {
    const module = new URL('../../run/faults/power-programs.test-support.ts', import.meta.url).href;
    const args = { pragmas: 'PRAGMA synchronous=FULL' };
    const scenario = {
      ...scenarioOf([process('a', 'counting', args)]),
      programs: Object.fromEntries(['setup', 'counting'].map((name) => [name, { module, export: name }])),
      setup: () => ({ name: 'setup', program: 'setup', args: 'DELETE' }),
    };
    const at = { lane: 'a', op: 'sleep', nth: 4 } as const;
    const fault: FaultOf<'power-loss'> = { kind: 'power-loss', at, lost: 'everything', torn: { write: 3, sectors: 2 } };
    const plan = planOf({ faults: [fault, { kind: 'pause', at: { timeMs: 2 }, lane: 'a', ms: 1 }], parameters });
    const found = await shrink({ coordinator, scenario, plan, byChanceRuns: 5 });
    expect(found?.plan.faults).toMatchObject([{ kind: 'power-loss', lost: { names: [[0, 0]] } }]);
    expect(found?.plan.faults[0]).not.toHaveProperty('torn');
    expect(found?.minimal).toBe(true);
  });
});
