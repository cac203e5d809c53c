// Who begins the next run before the last one is judged, and fails at that, leaves the files of neither.
import { expect, test } from 'vitest';
import { machineOf } from '../testing/lab.test-support.ts';
import { useRunFolders } from '../testing/run-folders.test-support.ts';
import { counter, counterPlan } from './counter-lab.test-support.ts';
import { crashSearch } from '../crash/crash-search.ts';
import { crashSweep } from './crash-sweep.ts';
import { exhaust } from './exhaustive/exhaust.ts';
import { search } from './search.ts';

const scenarioModule = new URL('./counter-lab.test-support.ts', import.meta.url).href;
const plan = counterPlan({ workload: { writers: [{ rounds: [{ act: 'add' }] }], readers: [{ times: 1 }] } });
const runs = useRunFolders();

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
        coordinator: runs().coordinator,
        ...drawn,
        onRun: failing(),
      }),
  ],
  ['a crash sweep', () => crashSweep({ coordinator: runs().coordinator, scenario: counter, plan, onKill: failing() })],
  [
    'a power loss',
    () =>
      crashSearch({
        coordinator: runs().coordinator,
        scenario: counter,
        plan,
        system: { model: 'powersafe' },
        durability: 'acknowledged',
        statesMax: 50,
        recoveriesMax: 0,
        seed: 1,
        stop: () => false,
        onState: failing(),
      }),
  ],
  [
    'all schedules',
    () => exhaust({ coordinator: runs().coordinator, scenario: counter, plan, preemptions: 1, onRun: failing() }),
  ],
])('%s', async (_what, go) => {
  await runs().coordinator.run(counter, plan);
  const before = runs().left;
  await expect(go()).rejects.toThrow('on purpose');
  expect(runs().left).toBe(before);
});
