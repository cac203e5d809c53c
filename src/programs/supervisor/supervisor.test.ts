// The supervisor as its units meet it: restarts, the start limit, kill modes, systemctl. On real processes.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { each, ProcessLab, texts } from '../../../harness/testing/process-lab.test-support.ts';
import type { Fault } from '../../../harness/model/fault.ts';
import { boardOf, gatewayOf, message, rolesSystem, start } from '../../testing/roles-system.test-support.ts';
import type { UnitSettings } from './settings.ts';
import type { Verb } from './systemctl.ts';

let lab: ProcessLab;
beforeAll(async () => {
  lab = await ProcessLab.open(rolesSystem);
});
afterAll(() => lab.close());

interface Asked {
  readonly atMs: number;
  readonly verb: Verb;
  readonly unit?: string;
}

/** One unit `u` of the test service, and somebody who types systemctl. */
function run(
  unit: Partial<UnitSettings> & { readonly service?: object },
  {
    horizonMs = 60_000,
    asks = [],
    faults = [],
  }: { readonly horizonMs?: number; readonly asks?: readonly Asked[]; readonly faults?: readonly Fault[] } = {},
) {
  const { service = {}, ...more } = unit;
  const units = [{ name: 'u', program: 'service', args: service, ...more }];
  const asker = { asks: asks.map((ask) => ({ unit: 'u', ...ask })) };
  return lab.run({
    processes: [start('supervisor', 'supervisor', { units }), start('asker', 'asker', asker)],
    horizonMs,
    faults,
  });
}

/** A SIGKILL, as the kernel's out-of-memory killer sends it. */
function kill(process: string, timeMs: number): Fault {
  return { kind: 'kill', at: { timeMs }, process };
}

describe('Restart=', () => {
  test('always: RestartSec after every end, under the next name', async () => {
    const { all } = await run({ restart: 'always', service: { lifeMs: 10_000 } }, { horizonMs: 44_000 });
    expect(all('unit-started').map(({ nowMs, process, restart }) => [nowMs, process, restart])).toEqual([
      [0, 'u', 0],
      [15_000, 'u.2', 1],
      [30_000, 'u.3', 2],
    ]);
  });

  test('always, also where the disk refuses what it says of its units', async () => {
    const until = { timeMs: 25_000 };
    const refused: Fault = {
      kind: 'io-error',
      at: { step: 0 },
      lane: 'supervisor',
      op: 'fileWrite',
      code: 'SQLITE_IOERR_WRITE',
      until,
    };
    const { all } = await run(
      { restart: 'always', service: { lifeMs: 10_000 } },
      { horizonMs: 44_000, faults: [refused] },
    );
    expect(all('unit-started').map(({ nowMs, process }) => [nowMs, process])).toEqual([
      [0, 'u'],
      [15_000, 'u.2'],
      [30_000, 'u.3'],
    ]);
  });

  test('on-failure: not after an end without error', async () => {
    const { all } = await run({ restart: 'on-failure', service: { lifeMs: 10_000 } });
    expect(each(all('unit-started'), 'process')).toEqual(['u']);
    expect(all('unit-stopped')).toMatchObject([{ unit: 'u', nowMs: 10_000 }]);
  });

  test.each([
    ['exits with an error', { lifeMs: 10_000, code: 1 }, []],
    ['is killed', {}, [kill('u', 10_000)]],
  ])('on-failure: after it %s', async (_, service, faults) => {
    const { all } = await run({ restart: 'on-failure', service }, { faults, horizonMs: 20_000 });
    expect(all('unit-started').map(({ nowMs }) => nowMs)).toEqual([0, 15_000]);
  });

  test('no: the unit has failed, unless the service exits with 75', async () => {
    const failing = await run({ restart: 'no', service: { lifeMs: 10_000, code: 1 } });
    expect(failing.all('unit-failed')).toMatchObject([{ unit: 'u', reason: 'exited', nowMs: 10_000 }]);
    expect(failing.all('unit-started')).toHaveLength(1);
    const forced = await run({ restart: 'no', service: { lifeMs: 10_000, code: 75 } }, { horizonMs: 20_000 });
    expect(forced.all('unit-started')).toHaveLength(2);
    expect(forced.all('unit-failed')).toEqual([]);
  });
});

describe('the start limit', () => {
  const limited = { startLimitIntervalMs: 60_000, startLimitBurst: 3, restartMs: 1000, service: { lifeMs: 1000 } };

  test('ends a loop of restarts', async () => {
    const { all } = await run(limited, { horizonMs: 600_000 });
    expect(all('unit-started').map(({ nowMs }) => nowMs)).toEqual([0, 2000, 4000]);
    expect(all('unit-failed')).toMatchObject([{ unit: 'u', reason: 'start-limit-hit', nowMs: 6000 }]);
  });

  test('refuses systemctl start within the interval, and not afterwards', async () => {
    const { all } = await run(limited, {
      horizonMs: 100_000,
      asks: [
        { atMs: 30_000, verb: 'start' },
        { atMs: 90_000, verb: 'start' },
      ],
    });
    expect(each(all('answer'), 'state')).toEqual(['failed', 'active']);
    expect(all('unit-started').map(({ nowMs }) => nowMs)).toEqual([0, 2000, 4000, 90_000, 92_000, 94_000]);
  });

  test('is none by default: the storm of restarts goes on', async () => {
    const { all } = await run({ service: { lifeMs: 0 } }, { horizonMs: 59_000 });
    expect(all('unit-started')).toHaveLength(12);
    expect(all('unit-failed')).toEqual([]);
  });
});

describe('KillMode= upon systemctl restart', () => {
  const child = { worker: 'child' };
  const asks = [{ atMs: 10_000, verb: 'restart' }] as const;

  test.each([
    ['control-group', { how: 'returned' }, true],
    ['mixed', { how: 'killed', signal: 'SIGKILL' }, false],
  ] as const)('%s: the children of the service end too: %j', async (killMode, ending, hears) => {
    const { history, all } = await run({ killMode, service: child }, { asks });
    expect(history.endings.find(({ lane }) => lane === 'u.child')?.ending).toEqual(ending);
    const last = all('worker-down').find(({ process }) => process === 'u.child');
    expect(last?.nowMs).toEqual(hears ? 10_000 : undefined);
    expect(each(all('unit-started'), 'process')).toEqual(['u', 'u.2']);
  });

  test('process: they live on', async () => {
    const { all } = await run({ killMode: 'process', service: child }, { asks });
    expect(all('worker-down').map(({ nowMs }) => nowMs)).toEqual([60_000, 60_000]);
    expect(new Set(texts(all('worker-down'), 'process'))).toEqual(new Set(['u.child', 'u.2.child']));
  });

  test.each(['control-group', 'mixed', 'process'] as const)('%s: SIGKILL after TimeoutStopSec', async (killMode) => {
    const { history, all } = await run({ killMode, timeoutStopMs: 20_000, service: { deaf: true } }, { asks });
    expect(history.deaths).toMatchObject([
      { process: 'u', nowMs: 30_000, ending: { how: 'killed', signal: 'SIGKILL' } },
    ]);
    expect(all('unit-started').map(({ nowMs }) => nowMs)).toEqual([0, 30_000]);
  });
});

test('the death of the main process takes its children along, and is followed by Restart=', async () => {
  const { history, all } = await run({ service: { worker: 'child' } }, { faults: [kill('u', 10_000)] });
  expect(history.deaths.map(({ process }) => process)).toEqual(['u', 'u.child']);
  expect(all('unit-started').map(({ nowMs }) => nowMs)).toEqual([0, 15_000]);
});

describe('a gateway in a unit', () => {
  const settings = gatewayOf({ home: 'unit', messages: [message(), message({ atMs: 20_000 })] });
  const units = [{ name: 'u', program: 'gateway', args: settings }];

  test('hears each message once, though it was restarted between', async () => {
    const { all } = await lab.run({
      processes: [start('supervisor', 'supervisor', { units })],
      horizonMs: 60_000,
      faults: [kill('u', 10_000)],
    });
    const created = all('committed').filter(({ by }) => by === 'create_task');
    expect(created.map(({ from, nowMs }) => [from, nowMs])).toEqual([
      ['u/chat-1', 1000],
      ['u.2/chat-2', 20_000],
    ]);
  });

  test('that was started outside its unit’s control group is an orphan, in a home of its own', async () => {
    const { all } = await lab.run({
      processes: [start('supervisor', 'supervisor', { units })],
      horizonMs: 60_000,
      faults: [{ kind: 'orphan', at: { timeMs: 10_000 }, process: 'u', as: 'orphan' }],
    });
    expect(all('gateway-up').map(({ gateway, unit, detached }) => [gateway, unit, detached])).toEqual([
      ['u', 'u', false],
      ['orphan', null, true],
    ]);
    expect(all('gateway-down').map(({ nowMs }) => nowMs)).toEqual([60_000, 60_000]);
    expect(all('committed').filter(({ by }) => by === 'create_task')).toHaveLength(2);
  });
});

describe('systemctl', () => {
  test('stop, status, start, restart', async () => {
    const { all } = await run(
      {},
      {
        asks: [
          { atMs: 10_000, verb: 'status' },
          { atMs: 11_000, verb: 'stop' },
          { atMs: 20_000, verb: 'status' },
          { atMs: 30_000, verb: 'start' },
          { atMs: 31_000, verb: 'start' },
          { atMs: 40_000, verb: 'restart' },
          { atMs: 50_000, verb: 'status', unit: 'no-such-unit' },
        ],
      },
    );
    expect(all('answer').map(({ state, mainPid }) => [state, mainPid])).toEqual([
      ['active', 'u'],
      ['inactive', null],
      ['inactive', null],
      ['active', 'u.2'],
      ['active', 'u.2'],
      ['active', 'u.3'],
      [undefined, undefined],
    ]);
    expect(all('unit-stopped')).toMatchObject([{ unit: 'u', nowMs: 11_000 }]);
    expect(all('unit-started').map(({ nowMs }) => nowMs)).toEqual([0, 30_000, 40_000]);
  });

  test('stop ends the wait for RestartSec, restart cuts it short', async () => {
    const dying = { service: { lifeMs: 10_000 }, restartMs: 20_000 };
    const stopped = await run(dying, { asks: [{ atMs: 15_000, verb: 'stop' }] });
    expect(stopped.all('unit-started')).toHaveLength(1);
    const restarted = await run(dying, { asks: [{ atMs: 15_000, verb: 'restart' }], horizonMs: 30_000 });
    expect(restarted.all('unit-started').map(({ nowMs }) => nowMs)).toEqual([0, 15_000]);
  });

  test('restart spares an orphan: it is in no control group', async () => {
    const settings = gatewayOf({ home: 'unit' });
    const { all } = await lab.run({
      horizonMs: 200_000,
      processes: [
        start('supervisor', 'supervisor', { units: [{ name: 'u', program: 'gateway', args: settings }] }),
        start('operator', 'operator', {
          file: 'kanban.db',
          gateways: { u: settings },
          steps: [
            { atMs: 10_000, act: 'gateway-run', gateway: 'u', name: 'orphan' },
            { atMs: 100_000, act: 'systemctl', verb: 'restart', unit: 'u' },
          ],
        }),
      ],
    });
    expect(all('detached-start')).toMatchObject([{ process: 'orphan', by: 'operator' }]);
    expect(all('gateway-up').map(({ gateway, unit, detached }) => [gateway, unit, detached])).toEqual([
      ['u', 'u', false],
      ['orphan', null, true],
      ['u.2', 'u', false],
    ]);
    expect(all('gateway-down').map(({ gateway, nowMs }) => [gateway, nowMs])).toEqual([
      ['u', 100_000],
      ['orphan', 200_000],
      ['u.2', 200_000],
    ]);
    const dispatchers = new Set(
      all('dispatch-begin')
        .filter(({ nowMs }) => nowMs > 100_000)
        .map(({ by }) => by),
    );
    expect(dispatchers).toEqual(new Set(['orphan', 'u.2']));
  });
});

test('a board server that was killed is found again under the name of its next process', async () => {
  const board = { ...boardOf({ dispatch: 'proxy' }), server: 'board-server' };
  const units = [
    { name: 'board-server', program: 'board-server', args: board },
    { name: 'gateway', program: 'gateway', args: gatewayOf({ board }) },
  ];
  const { all } = await lab.run({
    processes: [start('supervisor', 'supervisor', { units })],
    horizonMs: 200_000,
    faults: [kill('board-server', 62_000)],
  });
  const dispatches = [...all('tick'), ...all('tick-failed')].filter(({ lane }) => lane === 'dispatcher');
  expect(all('unit-started').map(({ process }) => process)).toContain('board-server.2');
  expect(all('tick-failed').map(({ code }) => code)).toContain('PROXY_GONE');
  expect(dispatches.filter(({ nowMs }) => nowMs > 70_000).map(({ ok }) => ok)).toEqual([true, true]);
});
