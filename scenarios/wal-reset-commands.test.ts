// The canary in other languages: programs in ordinary C and Node, which know of no run, lose data where SQLite documents it, and
// never where it is mended.
import { beforeAll, describe, expect, test } from 'vitest';
import { violationsOf } from '../harness/judge/judge-history.ts';
import type { CommandHost } from '../harness/model/process.ts';
import type { Scenario } from '../harness/model/scenario.ts';
import { Coordinator } from '../harness/run/coordinator.ts';
import { machinesOf } from '../harness/run/machines.ts';
import type { LaneBinaries } from '../harness/run/pool.ts';
import { search } from '../harness/search/search.ts';
import { longUnless } from '../harness/testing/long.test-support.ts';
import { walReset } from './wal-reset.ts';
import { walResetC } from './wal-reset-c.ts';
import { walResetNode } from './wal-reset-node.ts';

let machines: ReadonlyMap<string, LaneBinaries>;
const canaries = new Map<CommandHost, Scenario>();
beforeAll(async () => {
  machines = await machinesOf(['3.51.2', '3.54.1']);
  canaries.set('preload', await walResetC());
  canaries.set('node', walResetNode);
}, 900_000);

function machineFor(engine: string): LaneBinaries {
  const machine = machines.get(engine);
  if (machine === undefined) throw new Error(engine);
  return machine;
}

function explore(scenario: Scenario, engine: string, seed: number, runs: number, only?: readonly string[]) {
  const { parameters } = walReset;
  const machine = machineFor(engine);
  return search({
    scenario,
    scenarioModule: '',
    machine,
    strategy: 'wal',
    engine,
    parameters,
    seed,
    chooser: 'preemptions',
    runs,
    ...(only !== undefined && { only }),
  });
}

describe.each([
  ['preload', 101],
  ['node', 101],
] as const)('under the host %s', (host, seed) => {
  const scenarioOf = () => canaries.get(host) ?? walReset;

  test('a blind search finds that SQLite 3.51.2 loses data, and one plan has one hash', {
    ...longUnless(host === 'preload'),
    timeout: 300_000,
  }, async () => {
    // Not the first run in which a program is told of it and fails: one after which the database is unsound.
    const found = await explore(scenarioOf(), '3.51.2', seed, 600, ['integrity']);
    expect(found.verdict).toBe('fail');
    expect(found.violations[0]?.invariant).toBe('integrity');
    expect(found.marks['wal-reset-in-checkpoint']).toBeGreaterThan(0);
    const { plan } = found;
    if (plan === undefined) throw new Error('nothing was found');
    for (const engine of ['3.51.2', '3.54.1']) {
      const coordinator = new Coordinator({ machine: machineFor(engine) });
      try {
        for (let i = 0; i < (engine === '3.51.2' ? 20 : 1); i++) {
          const again = await coordinator.run(scenarioOf(), plan);
          if (engine === '3.51.2') expect(again.hash).toBe(found.hash);
          else expect(violationsOf(walReset, again)).toEqual([]);
        }
      } finally {
        coordinator.close();
      }
    }
  });

  test('and 3.54.1 loses none, though the window is reached', { ...longUnless(false), timeout: 600_000 }, async () => {
    const found = await explore(scenarioOf(), '3.54.1', 404, 200);
    expect(found.violations).toEqual([]);
    expect(found.marks['wal-reset-in-checkpoint']).toBeGreaterThanOrEqual(12);
  });
});
