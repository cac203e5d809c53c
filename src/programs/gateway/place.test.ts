// How a gateway comes up, refuses to, and gives way: pid file, lock, takeover marker, and the guards. On real processes.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { each, type LabRun, ProcessLab, texts } from '../../../harness/testing/process-lab.test-support.ts';
import type { Fault } from '../../../harness/model/fault.ts';
import type { Policies } from '../../policies/catalogue.ts';
import { boardOf, gatewayOf, rolesSystem, start } from '../../testing/roles-system.test-support.ts';
import type { GatewaySettings } from './settings.ts';

let lab: ProcessLab;
beforeAll(async () => {
  lab = await ProcessLab.open(rolesSystem);
});
afterAll(() => lab.close());

const withoutBoard = { kanbanEnabled: false };

/** A gateway `first`, and ten seconds later a second one of the same profile from a shell. */
async function second(
  more: Partial<GatewaySettings> & { readonly replace?: boolean; readonly home?: string },
  first: Partial<GatewaySettings> = {},
  faults: readonly Fault[] = [],
): Promise<LabRun> {
  const settings = gatewayOf({ ...withoutBoard, ...first });
  const { home = 'p', replace = false } = more;
  return lab.run({
    horizonMs: 60_000,
    faults,
    processes: [
      start('first', 'gateway', settings),
      start('operator', 'operator', {
        file: 'kanban.db',
        gateways: { first: { ...settings, ...more } },
        steps: [{ atMs: 10_000, act: 'gateway-run', gateway: 'first', name: 'second', home, replace }],
      }),
    ],
  });
}

function ups({ all }: LabRun): readonly unknown[] {
  return each(all('gateway-up'), 'gateway');
}

function downs({ all }: LabRun): readonly (readonly unknown[])[] {
  return all('gateway-down').map(({ gateway, nowMs, why }) => [gateway, nowMs, why]);
}

describe('one home', () => {
  test('has one gateway: a second is refused, with exit code 1', async () => {
    const run = await second({});
    expect(run.all('start-refused')).toMatchObject([{ process: 'second', nowMs: 10_000 }]);
    expect(texts(run.all('start-refused'), 'reason')[0]).toContain('--replace');
    expect(run.history.deaths).toMatchObject([{ process: 'second', ending: { how: 'exited', code: 1 } }]);
    expect(ups(run)).toEqual(['first']);
    expect(downs(run)).toEqual([
      ['second', 10_000, 'refused'],
      ['first', 60_000, 'stop'],
    ]);
  });

  test('is not that of another profile or shell: both run', async () => {
    const { all } = await second({ home: 'elsewhere' });
    expect(new Set(texts(all('gateway-down'), 'gateway'))).toEqual(new Set(['first', 'second']));
    expect(all('gateway-down').map(({ nowMs, why }) => [nowMs, why])).toEqual([
      [60_000, 'stop'],
      [60_000, 'stop'],
    ]);
  });

  test('holds the lock for life and leaves no pid file behind', async () => {
    const run = await second({ home: 'elsewhere' });
    const [end] = run.history.looks;
    expect(end?.locks.filter(({ kind }) => kind === 'flock').map(({ process, file }) => [process, file])).toEqual([
      ['first', 'p.gateway.lock'],
      ['second', 'elsewhere.gateway.lock'],
    ]);
    const left = run.history.autopsy.files.map(({ name }) => name).filter((name) => name.includes('gateway'));
    expect(left).toEqual(['elsewhere.gateway.lock', 'p.gateway.lock']);
  });

  test('is free again when its gateway was killed, whatever the pid file says', async () => {
    const killed = await second({}, {}, [{ kind: 'kill', at: { timeMs: 5000 }, process: 'first' }]);
    expect(ups(killed)).toEqual(['first', 'second']);
    expect(killed.all('takeover')).toEqual([]);
  });
});

test('a gateway that is asked to stop is up, and holds its lock, until its lanes have ended', async () => {
  const settings = gatewayOf();
  const writer = { database: 'kanban.db', statements: ['BEGIN IMMEDIATE'], holdMs: 15_000 };
  const { all } = await lab.run({
    horizonMs: 60_000,
    processes: [
      start('a', 'gateway', settings),
      // Its dispatcher's first tick waits for the lock of this writer; SIGTERM does not end that wait.
      start('writer', 'lockstep.sql', writer),
      start('operator', 'operator', {
        file: 'kanban.db',
        gateways: { a: settings },
        steps: [
          { atMs: 10_000, act: 'kill', process: 'a', signal: 'SIGTERM' },
          { atMs: 12_000, act: 'gateway-run', gateway: 'a', name: 'early', home: 'p', replace: false },
        ],
      }),
    ],
  });
  expect(all('start-refused')).toMatchObject([{ process: 'early' }]);
  const down = all('gateway-down').find(({ gateway }) => gateway === 'a');
  expect(down?.nowMs).toBeGreaterThanOrEqual(15_000);
  expect(down?.nowMs).toBeLessThan(60_000);
  const last = all('tick').findLast(({ gateway }) => gateway === 'a');
  expect(last?.nowMs).toBe(down?.nowMs);
});

test('a guard that cannot look who else runs lets nobody in, and says what to do', async () => {
  const faults: readonly Fault[] = [
    { kind: 'io-error', at: { lane: 'second', op: 'list', nth: 1 }, code: 'SQLITE_IOERR_READ' },
  ];
  const guarded = { board: boardOf({ guard: 'refuse' }) };
  expect(ups(await second({ home: 'other' }, guarded))).toEqual(['first', 'second']);
  const run = await second({ home: 'other' }, guarded, faults);
  expect(ups(run)).toEqual(['first']);
  expect(texts(run.all('start-refused'), 'reason')[0]).toMatch(/nobody can say who else runs .*EIO.*--force/);
});

describe('run --replace', () => {
  test('marks, stops and follows the one that runs, which ends well', async () => {
    const run = await second({ replace: true });
    expect(run.all('takeover')).toMatchObject([{ by: 'second', target: 'first' }]);
    expect(downs(run)).toEqual([
      ['first', 10_000, 'takeover'],
      ['second', 60_000, 'stop'],
    ]);
    expect(run.history.deaths).toEqual([]);
    const names = run.history.autopsy.files.map(({ name }) => name);
    expect(names).not.toContain('p.gateway-takeover.json');
  });

  test('kills one that does not end within 10 s', async () => {
    const paused = { kind: 'pause', at: { timeMs: 5000 }, lane: 'first', ms: 100_000 } as const;
    const run = await second({ replace: true }, {}, [paused]);
    expect(run.history.deaths).toMatchObject([{ process: 'first', nowMs: 20_000 }]);
    expect(run.all('gateway-up').map(({ gateway, nowMs }) => [gateway, nowMs])).toEqual([
      ['first', 0],
      ['second', 20_000],
    ]);
  });

  test('of a unit’s gateway is undone by its supervisor under Restart=always, not under on-failure', async () => {
    for (const [restart, expected] of [
      ['always', ['u', 'shell', 'u.2']],
      ['on-failure', ['u', 'shell']],
    ] as const) {
      const settings = gatewayOf({ ...withoutBoard, replace: true });
      const run = await lab.run({
        horizonMs: 60_000,
        processes: [
          start('supervisor', 'supervisor', { units: [{ name: 'u', program: 'gateway', args: settings, restart }] }),
          start('operator', 'operator', {
            file: 'kanban.db',
            gateways: { u: settings },
            steps: [{ atMs: 10_000, act: 'gateway-run', gateway: 'u', name: 'shell', home: 'p' }],
          }),
        ],
      });
      expect(ups(run)).toEqual(expected);
    }
  });
});

/**
 * A unit `u`, an orphan of its profile from second 10 on, and a restart of the unit at second 100.
 *
 * @param shell what was typed to leave the orphan
 */
async function beside(guard: Policies['guard'], shell: object = {}): Promise<LabRun> {
  const settings = gatewayOf({ ...withoutBoard, board: boardOf({ guard }), home: 'unit' });
  return lab.run({
    horizonMs: 200_000,
    processes: [
      start('supervisor', 'supervisor', { units: [{ name: 'u', program: 'gateway', args: settings }] }),
      start('operator', 'operator', {
        file: 'kanban.db',
        gateways: { u: settings },
        steps: [
          { atMs: 10_000, act: 'gateway-run', gateway: 'u', name: 'orphan', ...shell },
          { atMs: 100_000, act: 'systemctl', verb: 'restart', unit: 'u' },
        ],
      }),
    ],
  });
}

function endOf(run: LabRun, gateway: string): readonly unknown[] | undefined {
  return downs(run).find(([name]) => name === gateway);
}

describe('an orphan beside its unit', () => {
  test.each(['gateway-run', 'gateway-restart'])('none: comes up by %s, and outlives every restart', async (act) => {
    const run = await beside('none', { act });
    expect(ups(run)).toEqual(['u', 'orphan', 'u.2']);
    expect(endOf(run, 'orphan')).toEqual(['orphan', 200_000, 'stop']);
  });

  test('refuse: does not come up; the reason names the command that would be right', async () => {
    const run = await beside('refuse');
    expect(ups(run)).toEqual(['u', 'u.2']);
    expect(texts(run.all('start-refused'), 'reason')[0]).toContain('systemctl restart u');
  });

  test('refuse: comes up with --force', async () => {
    expect(ups(await beside('refuse', { force: true }))).toEqual(['u', 'orphan', 'u.2']);
  });

  test('adopt-kill: comes up, and the next start of the unit ends it', async () => {
    const run = await beside('adopt-kill');
    expect(ups(run)).toEqual(['u', 'orphan', 'u.2']);
    expect(endOf(run, 'orphan')).toEqual(['orphan', 100_000, 'stop']);
    expect(endOf(run, 'u.2')).toEqual(['u.2', 200_000, 'stop']);
  });

  test('adopt-refuse: does not come up', async () => {
    const run = await beside('adopt-refuse');
    expect(ups(run)).toEqual(['u', 'u.2']);
    expect(endOf(run, 'orphan')).toEqual(['orphan', 10_000, 'refused']);
  });

  test('watchdog: comes up, and ends itself within a minute', async () => {
    const run = await beside('watchdog');
    expect(ups(run)).toEqual(['u', 'orphan', 'u.2']);
    expect(endOf(run, 'orphan')).toEqual(['orphan', 70_000, 'watchdog']);
    expect(endOf(run, 'u.2')).toEqual(['u.2', 200_000, 'stop']);
  });

  test('none of the guards minds a gateway without a unit, or one of another profile', async () => {
    for (const guard of ['refuse', 'adopt-kill', 'adopt-refuse', 'watchdog'] as const) {
      const gateways = ['p', 'q'].map((profile) =>
        start(profile, 'gateway', gatewayOf({ ...withoutBoard, profile, board: boardOf({ guard }) })),
      );
      const run = await lab.run({ processes: gateways, horizonMs: 100_000 });
      expect(downs(run).map(([, nowMs]) => nowMs)).toEqual([100_000, 100_000]);
    }
  });
});

test('adopt-refuse keeps a unit down beside an orphan that was there before it', async () => {
  const settings = gatewayOf({ ...withoutBoard, board: boardOf({ guard: 'adopt-refuse' }) });
  const units = [{ name: 'u', program: 'gateway', args: settings, startLimitIntervalMs: 60_000, startLimitBurst: 3 }];
  const run = await lab.run({
    horizonMs: 60_000,
    processes: [
      start('orphan', 'gateway', { ...settings, home: 'shell' }),
      start('supervisor', 'supervisor', { units }),
    ],
  });
  expect(ups(run)).toEqual(['orphan']);
  expect(run.all('unit-failed')).toMatchObject([{ unit: 'u', reason: 'start-limit-hit' }]);
});
