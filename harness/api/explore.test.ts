// Exploring from code, and a scenario as a test.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readPlan } from '../search/plan-file.ts';
import { coordinatorOf } from '../testing/lab.test-support.ts';
import { adders, addersScenario, atomicScenario } from './adders.test-support.ts';
import { defineScenario } from './define-scenario.ts';
import { explore, type Result } from './explore.ts';
import { explored } from './vitest.ts';

/** Small enough is enough. */
const quick = { runs: 100, shrinkMs: 1000 } as const;

let failing: Result;
let folder: string;
beforeAll(async () => {
  failing = await explore(addersScenario, quick);
  folder = mkdtempSync(join(tmpdir(), 'lockstep-explored-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const testing = () => ({ task: { file: { filepath: join(folder, 'adders.test.ts') } } });

test('a failure comes with the smallest plan, how it came about, and the hash of its every replay', async () => {
  expect(failing).toMatchObject({
    verdict: 'fail',
    scenario: 'adders',
    strategy: 'as-is',
    missing: 0,
    upperBound: null,
  });
  expect(failing.violations.map(({ invariant }) => invariant)).toEqual(['no-lost-update']);
  expect(failing.failedRun).toBeGreaterThan(0);
  expect(failing.plan?.preemptions.length).toBeGreaterThan(0);
  expect(failing.explanation.length).toBeGreaterThan(0);
  if (failing.plan === null) throw new Error('no plan');
  const coordinator = await coordinatorOf();
  try {
    expect((await coordinator.run(addersScenario, failing.plan)).hash).toBe(failing.hash);
  } finally {
    coordinator.close();
  }
});

test('the same seed finds the same', async () => {
  const { failedRun, found, runs } = await explore(addersScenario, { ...quick, shrinkMs: 1 });
  expect({ failedRun, found, runs }).toEqual({
    failedRun: failing.failedRun,
    found: failing.found,
    runs: failing.runs,
  });
});

test('a pass is a number', async () => {
  const result = await explore(atomicScenario, { runs: 100 });
  expect(result).toMatchObject({ verdict: 'pass', runs: 100, failedRun: null, plan: null, violations: [] });
  expect(result.reached).toBeGreaterThanOrEqual(59);
  expect(result.upperBound).toBeLessThanOrEqual(0.05);
});

test.each([
  [{ strategy: 'none' }, 'UNKNOWN_STRATEGY', /has no strategy "none"/],
  [{ only: ['none'] }, 'UNKNOWN_INVARIANT', /has no invariant "none"/],
  [{ engine: '1.2.3' }, 'UNKNOWN_ENGINE', /1\.2\.3/],
])('%j is refused', async (options, code, message) => {
  await expect(explore(addersScenario, options)).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message) as string,
  });
});

test('a test that fails says how, and writes the plan beside itself', async () => {
  const error: unknown = await explored(addersScenario, quick)(testing()).catch((thrown: unknown) => thrown);
  if (!(error instanceof Error)) throw new Error('it did not fail');
  const [head, violated] = error.message.split('\n');
  expect(head).toBe(`adders, strategy as-is, SQLite 3.54.1: run ${failing.failedRun} violates`);
  expect(violated).toMatch(/^ {2}no-lost-update: \d were added, and the counter says \d/);
  expect(error.message).toContain('How it came about:\n  - ');
  const again = /^See it again: npx lockstep replay (\S+) --scenarios (\S+)$/m.exec(error.message);
  const [, file = '', declared] = again ?? [];
  expect(declared).toBe('harness/search/counter-lab.test-support.ts');
  expect(readPlan(file)).toMatchObject({ scenario: 'adders', seed: failing.found?.seed });
  expect(existsSync(join(folder, 'lockstep-plans', 'adders-as-is-3.54.1.json'))).toBe(true);
});

test('of a scenario that stands in the test itself, a failure says where it must stand to be replayed', async () => {
  const { filepath } = testing().task.file;
  const { programs: _, ...rest } = adders;
  const inTest = defineScenario({ ...rest, from: pathToFileURL(filepath).href, programs: addersScenario.programs });
  await expect(explored(inTest, quick)(testing())).rejects.toThrow(
    /let the scenario stand in a file of its own, such as adders\.scenario\.ts: npx lockstep replay \S+ --scenarios adders\.scenario\.ts$/,
  );
});

test('a test that passes says nothing; one that shows nothing fails, unless that is enough', async () => {
  await expect(explored(atomicScenario, { runs: 100 })(testing())).resolves.toBeUndefined();
  const alone = defineScenario({ ...adders, start: [{ program: 'writer', args: { atomic: true, rounds: [] } }] });
  await expect(explored(alone, { runs: 5 })(testing())).rejects.toThrow(
    /no run failed, but that is no pass\.\n {2}0 of 5 runs did something new and reached `lanes-met`; a pass takes 59, 59 are missing/,
  );
  await expect(explored(alone, { runs: 5, inconclusive: 'pass' })(testing())).resolves.toBeUndefined();
});
