// How processes live together: control groups, real orphans, what ps and stat say, memory that ends with a run.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as breathe } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Coordinator } from './coordinator.ts';
import { hosts } from './hosts.ts';
import type { Scenario } from '../model/scenario.ts';
import {
  coordinatorOf,
  machineOf,
  observed,
  planOf,
  process as start,
  scenarioOf,
} from '../testing/lab.test-support.ts';
import { livingPrograms } from '../testing/living.test-support.ts';
import { NativeStarter } from './native-starter.ts';
import { NodeStarter } from './node-starter.ts';
import { type LaneBinaries, Pool } from './pool.ts';
import { makeWorkplace } from './workplace.ts';

let coordinator: Coordinator;
beforeAll(async () => {
  coordinator = await coordinatorOf();
});
afterAll(() => coordinator.close());

const scenario = (...processes: Parameters<typeof start>[]): Scenario => {
  const base = scenarioOf(processes.map((one) => start(...one)));
  return { ...base, programs: { ...livingPrograms, setup: base.programs['setup'] ?? { module: '', export: '' } } };
};

test('a request that makes no sense is an error of the program that asks, in a sentence', async () => {
  const history = await coordinator.run(scenario(['senseless', 'senseless']), planOf());
  const cannot = (text: string) => `The coordinator cannot read the request "${text}".`;
  expect(observed(history, 'said')).toEqual([
    [
      cannot('send child undefined'),
      cannot('spawn other standing {"args":null,"group":1}'),
      'child is a program over World, and those know SIGKILL and SIGTERM only, not SIGINT.',
      '"child dear" is no name: it must be one word.',
      cannot('wait child NaN'),
      'done',
    ],
  ]);
  expect(observed(history, 'after')).toEqual([['senseless', 'child']]);
});

describe('a control group', () => {
  test('is inherited by children, dies together, and an orphan is in none', async () => {
    const history = await coordinator.run(scenario(['family', 'family']), planOf());
    const entry = (name: string, more: object) => ({
      name,
      program: 'standing',
      args: null,
      parent: 'family',
      group: null,
      ...more,
    });
    expect(observed(history, 'processes')[0]).toEqual([
      entry('family', { program: 'family', parent: 'init' }),
      entry('child', {}),
      entry('member', { group: 'unit' }),
      entry('second', { group: 'unit', args: { told: 1 } }),
      entry('orphan', { parent: 'init' }),
    ]);
    expect(observed(history, 'killed')).toEqual([2]);
    expect(observed(history, 'killed again')).toEqual([0]);
    expect(observed(history, 'after')).toEqual([['family', 'child', 'orphan']]);
    expect(history.deaths.map(({ process }) => process)).toEqual(['member', 'second']);
  });

  test('gives the same hash with reused and fresh orphans, and in the Node host', async () => {
    const fresh = await coordinatorOf({ fresh: true });
    const node = await coordinatorOf({ host: 'node' });
    try {
      const runs = [coordinator, coordinator, fresh, node, node].map((one) =>
        one.run(scenario(['family', 'family']), planOf()),
      );
      const hashes = [];
      for (const run of runs) hashes.push((await run).hash);
      expect(new Set(hashes).size).toBe(1);
    } finally {
      fresh.close();
      node.close();
    }
  });
});

/** What starts the processes of each host; the folder gets what they need. */
const starters = {
  node: ({ binding, gate }: LaneBinaries) => new NodeStarter(binding, gate),
  native: ({ native }: LaneBinaries, folder: string) => {
    const script = join(folder, 'programs.js');
    writeFileSync(script, 'host.serveBy(() => { for (;;) host.gate.job(); });');
    return new NativeStarter(native?.program ?? '', script, folder);
  },
} as const;

describe.runIf(process.platform === 'linux').each(hosts)('a detached process of the host %s', (host) => {
  test('has lost the launcher that started it, and is collected when it dies', async () => {
    const workplace = makeWorkplace();
    const starter = starters[host](await machineOf(undefined, host), workplace.folder);
    const pool = new Pool(starter, { pool: workplace.folder, worlds: workplace.folder }, 0);
    try {
      const [orphan, child] = [pool.take('orphan', true), pool.take('child')];
      const statusOf = (pid: number, field: string) =>
        new RegExp(`^${field}:\\s*(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
      const sessionOf = (pid: number) =>
        execFileSync('ps', ['-o', 'sid=', '-p', String(pid)], { encoding: 'utf8' }).trim();
      // The coordinator is the nearest subreaper: an orphan of somebody else's would have another parent.
      expect(statusOf(orphan.pid, 'PPid')).toBe(String(process.pid));
      expect(sessionOf(orphan.pid)).not.toBe(String(orphan.pid));
      expect(sessionOf(child.pid)).toBe(String(child.pid));
      const launcher = Number(sessionOf(orphan.pid));
      await breathe(50); // Node collects the launcher
      expect(() => process.kill(launcher, 0)).toThrow('ESRCH');
      expect(orphan.kill()).toBeUndefined(); // it lived until then
      expect(orphan.alive).toBe(false);
      expect(() => readFileSync(`/proc/${orphan.pid}/status`)).toThrow('ENOENT');
    } finally {
      pool.close();
      workplace.remove();
    }
  });
});

test('a mtime is virtual, of the last change, and moves with the file', async () => {
  const [said] = observed(await coordinator.run(scenario(['p', 'stating']), planOf()), 'said');
  expect(said).toEqual([
    false,
    null,
    true,
    7_000_001,
    true,
    7_000_002,
    true,
    8_000_001,
    true,
    7_000_002,
    false,
    null,
    true,
    0,
  ]);
});

test('nothing of an earlier run is left in the memory that threads share', async () => {
  for (let i = 0; i < 3; i++) {
    const history = await coordinator.run(scenario(['p', 'waitingTwice']), planOf());
    expect(observed(history, 'left')).toEqual([null]);
  }
});
