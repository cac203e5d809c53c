// One World, two bottoms: what a lane program can see of the native host is what it sees of the Node host, byte for byte; and
// a program that cannot run there is told so.
import { readdirSync, readFileSync } from 'node:fs';
import koffi from 'koffi';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Coordinator } from '../../run/coordinator.ts';
import { type Host, hosts } from '../../run/hosts.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { StepSink } from '../../model/step.ts';
import { failingPrograms } from '../../testing/failing.test-support.ts';
import { coordinatorOf, observed, planOf, process as start, scenarioOf } from '../../testing/lab.test-support.ts';
import { awaitDeath } from '../../host/native.ts';
import { nativeHostPossible } from './build.ts';

const module = new URL('./hosts.test-support.ts', import.meta.url).href;
const names = ['setupTour', 'tour', 'child', 'hoarding'] as const;

const scenario: Scenario = {
  ...scenarioOf([start('guide', 'tour')]),
  programs: Object.fromEntries(names.map((name) => [name, { module, export: name }])),
  setup: () => start('setup', 'setupTour'),
};

const coordinators = new Map<Host, Coordinator>();
beforeAll(async () => {
  for (const host of hosts) {
    if (host === 'node' || nativeHostPossible) coordinators.set(host, await coordinatorOf({ host }));
  }
});
afterAll(() => {
  for (const coordinator of coordinators.values()) coordinator.close();
});

test
  .runIf(nativeHostPossible)
  .each(['sql', 'files', 'descriptors', 'found', 'flocks', 'processes', 'chance', 'language'])(
  'in both hosts a program sees the same of %s',
  async (kind) => {
    const seen = [];
    for (const coordinator of coordinators.values())
      seen.push(observed(await coordinator.run(scenario, planOf()), kind));
    const [native, node] = seen;
    expect(node).toHaveLength(1);
    expect(native).toEqual(node);
  },
);

test.runIf(nativeHostPossible)('and leaves the same trace', async () => {
  const hashes = [];
  for (const coordinator of coordinators.values()) hashes.push((await coordinator.run(scenario, planOf())).hash);
  expect(new Set(hashes).size).toBe(1);
});

/** Lane processes of this process: the zygote and those that it has forked. */
function laneProcesses(): readonly number[] {
  const children = readdirSync('/proc/self/task').flatMap(
    (thread) => readFileSync(`/proc/self/task/${thread}/children`, 'utf8').match(/\d+/g) ?? [],
  );
  return children.filter((pid) => /^lockstep-lane$/m.test(readFileSync(`/proc/${pid}/comm`, 'utf8'))).map(Number);
}

test.runIf(nativeHostPossible)('a zygote that was killed is started again', async () => {
  const coordinator = await coordinatorOf({ host: 'native' });
  const others = laneProcesses();
  try {
    const { hash } = await coordinator.run(scenario, planOf());
    const zygote = Math.min(...laneProcesses().filter((pid) => !others.includes(pid))); // it was there before its children
    process.kill(zygote, 'SIGKILL');
    awaitDeath(zygote);
    coordinator.renew();
    expect((await coordinator.run(scenario, planOf())).hash).toBe(hash);
  } finally {
    coordinator.close();
  }
});

/** Leaves each lane process of this one so much address space, in bytes. */
function limitMemory(bytes: number): void {
  const addressSpace = 9; // RLIMIT_AS of <sys/resource.h>, on Linux
  const limit = koffi.load(null).func('int prlimit(int pid, int resource, const uint64_t *limits, void *before)') as (
    ...given: unknown[]
  ) => number;
  const lanes = laneProcesses();
  expect(lanes.length).toBeGreaterThan(1);
  const limits = BigUint64Array.of(BigInt(bytes), BigInt(bytes));
  for (const pid of lanes) expect(limit(pid, addressSpace, limits, null)).toBe(0);
}

test.runIf(nativeHostPossible)('a lane for which QuickJS gets no memory is an error of the harness', async () => {
  const hoarders = { ...scenario, start: () => [start('p', 'hoarding')] };
  const coordinator = await coordinatorOf({ host: 'native' });
  let limited = false;
  const sink: StepSink = {
    see: () => {
      if (!limited) limitMemory(200_000_000);
      limited = true;
    },
  };
  try {
    await expect(coordinator.run(hoarders, planOf(), undefined, [sink])).rejects.toMatchObject({
      code: 'HOST_ERROR',
      message: expect.stringMatching(/simulated process p needs \(ENOMEM/) as string,
    });
  } finally {
    coordinator.close();
  }
});

test.runIf(nativeHostPossible)(
  'a program that needs Node is refused, with what it needs, where native is asked for',
  async () => {
    const setup = scenario.programs['setupTour'] ?? { module: '', export: '' };
    const needy = {
      ...scenario,
      programs: { ...failingPrograms, setupTour: setup },
      start: () => [start('p', 'tellingPid')],
    };
    await expect(coordinators.get('native')?.run(needy, planOf())).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringMatching(/failing\.test-support\.ts (imports|uses) \S+, which only Node has/) as string,
      remedy: expect.stringContaining('--host node') as string,
    });
  },
);
