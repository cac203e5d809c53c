// Who begins the next run before the last one is judged, and fails at that, leaves the files of neither.
import { dir, type DirectoryResult } from 'tmp-promise';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Coordinator } from '../run/coordinator.ts';
import { coordinatorOf, machineOf } from '../testing/lab.test-support.ts';
import { runFolders } from '../testing/run-folders.test-support.ts';
import { counter, counterPlan } from './counter-lab.test-support.ts';
import { crashSweep } from './crash-sweep.ts';
import { exhaust } from './exhaustive/exhaust.ts';
import { search } from './search.ts';

const scenarioModule = new URL('./counter-lab.test-support.ts', import.meta.url).href;
const plan = counterPlan({ workload: { writers: [{ rounds: [{ act: 'add' }] }], readers: [{ times: 1 }] } });
let runs: DirectoryResult;
let coordinator: Coordinator;

beforeEach(async () => {
  runs = await dir({ unsafeCleanup: true });
  vi.stubEnv('LOCKSTEP_RUNS', runs.path);
  coordinator = await coordinatorOf();
});
afterEach(async () => {
  coordinator.close();
  vi.unstubAllEnvs();
  await runs.cleanup();
});

/** When the second run is judged, there is always a third. */
function failing(): () => void {
  let calls = 0;
  return () => {
    if (++calls === 2) throw new Error('on purpose');
  };
}
const { engine, parameters } = counter;
const drawn = {
  strategy: 'bare',
  engine,
  parameters,
  seed: 2,
  chooser: 'preemptions',
  runs: 5,
  only: ['no-lost-updates'],
  base: plan,
} as const;

test.each<[string, () => Promise<unknown>]>([
  [
    'a search',
    async () =>
      search({
        scenario: counter,
        scenarioModule,
        machine: await machineOf(),
        coordinator,
        ...drawn,
        onRun: failing(),
      }),
  ],
  ['a crash sweep', () => crashSweep({ coordinator, scenario: counter, plan, onKill: failing() })],
  ['all schedules', () => exhaust({ coordinator, scenario: counter, plan, preemptions: 1, onRun: failing() })],
])('%s', async (_what, go) => {
  await coordinator.run(counter, plan);
  const before = runFolders(runs.path);
  await expect(go()).rejects.toThrow('on purpose');
  expect(runFolders(runs.path)).toBe(before);
});
