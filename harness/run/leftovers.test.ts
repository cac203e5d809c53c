// A coordinator goes on after a run that failed: what that run made is gone by then, and not only when all is closed.
import { dir, type DirectoryResult } from 'tmp-promise';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Examiner } from '../observe/autopsy.ts';
import { coordinatorOf, planOf, process, scenarioOf } from '../testing/lab.test-support.ts';
import { runFolders } from '../testing/run-folders.test-support.ts';
import type { Coordinator } from './coordinator.ts';

const scenario = scenarioOf([process('p', 'nothing')]);
let runs: DirectoryResult;
let coordinator: Coordinator;

beforeEach(async () => {
  runs = await dir({ unsafeCleanup: true });
  vi.stubEnv('LOCKSTEP_RUNS', runs.path);
  coordinator = await coordinatorOf();
});
afterEach(async () => {
  vi.restoreAllMocks();
  coordinator.close();
  vi.unstubAllEnvs();
  await runs.cleanup();
});

function refuseAnswer(): void {
  vi.spyOn(Examiner.prototype, 'answer').mockImplementationOnce(() => {
    throw new Error('no answer');
  });
}

test('the copy on which queries are checked', async () => {
  refuseAnswer();
  await expect(coordinator.run(scenario, planOf())).rejects.toThrow('no answer');
  expect(runFolders(runs.path)).toBe(1); // what setup has made
});

test('what a setup that failed has made', async () => {
  const failing = { ...scenario, setup: () => process('setup', 'throwing') };
  await expect(coordinator.run(failing, planOf())).rejects.toMatchObject({ code: 'SETUP_FAILED' });
  expect(runFolders(runs.path)).toBe(0);
});

test('the files of a run that was begun, when its history will not be taken', async () => {
  await coordinator.run(scenario, planOf());
  const first = await coordinator.begin(scenario, planOf());
  await coordinator.begin(scenario, planOf());
  expect(runFolders(runs.path)).toBe(3);
  expect(first().hash).toHaveLength(64);
  expect(runFolders(runs.path)).toBe(2);
  coordinator.forgetBegun();
  expect(runFolders(runs.path)).toBe(1);
  expect((await coordinator.run(scenario, planOf())).hash).toHaveLength(64);
});
