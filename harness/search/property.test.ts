// The property of all scenarios, on one with a planted bug: found, shrunk, written down, and given again by seed and path.
import { readdirSync } from 'node:fs';
import { dir, type DirectoryResult } from 'tmp-promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { coordinatorOf } from '../testing/lab.test-support.ts';
import { type Coordinator } from '../run/coordinator.ts';
import { busyWorkload, counter, counterPlan, losing, violatedBy } from './counter-lab.test-support.ts';
import { readPlan } from './plan-file.ts';
import { checkPlans, type PropertyOptions, type PropertyOutcome } from './property.ts';
import { sizeOf } from './size.ts';

let coordinator: Coordinator;
let folder: DirectoryResult;
beforeAll(async () => {
  coordinator = await coordinatorOf();
  folder = await dir({ unsafeCleanup: true });
});
afterAll(async () => {
  coordinator.close();
  await folder.cleanup();
});

function check(more: Partial<PropertyOptions> = {}): Promise<PropertyOutcome> {
  const { engine } = counter;
  const only = ['no-lost-updates'];
  return checkPlans({
    coordinator,
    scenario: counter,
    strategy: 'bare',
    engine,
    runs: 100,
    only,
    seed: 4,
    folder: folder.path,
    ...more,
  });
}

describe('a bug', () => {
  let found: PropertyOutcome;
  beforeAll(async () => {
    found = await check();
  });

  test('is found and shrunk', async () => {
    expect(found.failed).toBe(true);
    if (found.plan === undefined) throw new Error('no plan');
    expect(await violatedBy(coordinator, found.plan)).toContain('no-lost-updates');
    const { preemptions, faults, operations } = sizeOf(counter, found.plan);
    expect(preemptions + faults).toBeLessThanOrEqual(3);
    expect(operations).toBeLessThanOrEqual(10);
    expect(found.reached).toBeGreaterThan(0);
  });

  test('is written down: the report names seed, path and file, and the file holds the plan', () => {
    const { seed, path, file = '', report, plan } = found;
    expect(seed).toBe(4);
    expect(report).toContain(JSON.stringify({ seed, path }));
    expect(report).toContain(`npx lockstep replay ${file}`);
    expect(report).toContain(counter.name);
    expect(readPlan(file)).toEqual(plan);
  });

  test('seed and path give it again, in one run', async () => {
    const { seed, path } = found;
    if (path === null) throw new Error('no path');
    const again = await check({ seed, path, shrinkRuns: 0 });
    expect(again).toMatchObject({ failed: true, seed });
    expect(again.plan).toEqual(found.plan);
    expect(again.runs).toBeLessThanOrEqual(2);
  });

  test('the same seed finds the same', async () => {
    expect(await check()).toEqual(found);
  });

  test('shrinking it takes no more runs than it may', async () => {
    const hasty = await check({ shrinkRuns: 5 });
    expect(hasty).toMatchObject({ failed: true, seed: 4 });
    expect(hasty.runs).toBeLessThan(found.runs);
    const first = Number(hasty.path?.split(':')[0]) + 1;
    expect(hasty.runs).toBeLessThanOrEqual(first + 6);
  });
});

test('an example that fails is found first, and shrunk', async () => {
  const plan = await losing(coordinator, counterPlan());
  const found = await check({ examples: [plan], runs: 1, shrinkRuns: 60 });
  expect(found.failed).toBe(true);
  expect(found.path?.split(':')[0]).toBe('0');
  if (found.plan === undefined) throw new Error('no plan');
  expect(found.plan.preemptions.length).toBeLessThan(plan.preemptions.length);
  expect(JSON.stringify(found.plan.workload).length).toBeLessThanOrEqual(JSON.stringify(busyWorkload).length);
});

test('where nothing is wrong nothing is reported or written', async () => {
  const before = readdirSync(folder.path);
  const passed = await check({ strategy: 'atomic', runs: 30 });
  expect(passed).toMatchObject({ failed: false, runs: 30, plan: undefined, file: undefined, report: '', path: null });
  expect(passed.reached).toBeGreaterThan(0);
  expect(readdirSync(folder.path)).toEqual(before);
});

test('a harness that fails is neither a violation nor a pass', async () => {
  const setup = () => ({ name: 'setup', program: 'setup', args: { broken: true } });
  const shape = { lanes: ['writer-1'], steps: 100 };
  await expect(check({ scenario: { ...counter, name: 'broken', setup }, shape })).rejects.toMatchObject({
    code: 'SETUP_FAILED',
  });
});
