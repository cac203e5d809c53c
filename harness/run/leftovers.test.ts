// A coordinator goes on after a run that failed: what that run made is gone by then, and not only when all is closed.
import { afterEach, expect, test, vi } from 'vitest';
import { Examiner } from '../observe/autopsy.ts';
import { planOf, process, scenarioOf } from '../testing/lab.test-support.ts';
import { useRunFolders } from '../testing/run-folders.test-support.ts';

const scenario = scenarioOf([process('p', 'nothing')]);
const runs = useRunFolders();
afterEach(() => void vi.restoreAllMocks());

function refuseAnswer(): void {
  vi.spyOn(Examiner.prototype, 'answer').mockImplementationOnce(() => {
    throw new Error('no answer');
  });
}

test('the copy on which queries are checked', async () => {
  refuseAnswer();
  await expect(runs().coordinator.run(scenario, planOf())).rejects.toThrow('no answer');
  expect(runs().left).toBe(1); // what setup has made
});

test('what a setup that failed has made', async () => {
  const failing = { ...scenario, setup: () => process('setup', 'throwing') };
  await expect(runs().coordinator.run(failing, planOf())).rejects.toMatchObject({ code: 'SETUP_FAILED' });
  expect(runs().left).toBe(0);
});

test('the files of a run that was begun, when its history will not be taken', async () => {
  const { coordinator } = runs();
  await coordinator.run(scenario, planOf());
  const first = await coordinator.begin(scenario, planOf());
  await coordinator.begin(scenario, planOf());
  expect(runs().left).toBe(3);
  expect(first().hash).toHaveLength(64);
  expect(runs().left).toBe(2);
  coordinator.forgetBegun();
  expect(runs().left).toBe(1);
  expect((await coordinator.run(scenario, planOf())).hash).toHaveLength(64);
});
