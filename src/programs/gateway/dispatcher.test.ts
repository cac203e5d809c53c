// The dispatcher: who may dispatch, and what becomes of workers that crash, say nothing, are turned away, or take too
// long. On real processes.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { each, type LabRun, ProcessLab, texts } from '../../../harness/testing/process-lab.test-support.ts';
import type { Fault } from '../../../harness/model/fault.ts';
import type { Policies } from '../../policies/catalogue.ts';
import { boardOf, gatewayOf, message, rolesSystem, start } from '../../testing/roles-system.test-support.ts';
import type { GatewaySettings } from './settings.ts';
import { long } from '../../../harness/testing/long.test-support.ts';

let lab: ProcessLab;
beforeAll(async () => {
  lab = await ProcessLab.open(rolesSystem);
});
afterAll(() => lab.close());

interface Options {
  readonly policies?: Partial<Policies>;
  readonly horizonMs?: number;
  readonly faults?: readonly Fault[];
  readonly quiet?: 'skip';
}

/** Gateways by name. */
function run(
  gateways: { readonly [name: string]: Partial<GatewaySettings> },
  { policies = {}, horizonMs = 300_000, faults = [], quiet }: Options = {},
): Promise<LabRun> {
  const processes = Object.entries(gateways).map(([name, more]) =>
    start(name, 'gateway', gatewayOf({ profile: name, board: boardOf(policies), ...more })),
  );
  return lab.run({ processes, horizonMs, faults, ...(quiet !== undefined && { parameters: { quiet } }) });
}

function dispatchersOf({ all }: LabRun, fromMs = 0): ReadonlySet<string> {
  return new Set(
    texts(
      all('dispatch-begin').filter(({ nowMs }) => nowMs >= fromMs),
      'by',
    ),
  );
}

/** The lanes that ticked in a gateway, and what they said of their ticks. */
function ticksOf({ all }: LabRun, gateway: string): { readonly [lane: string]: readonly string[] } {
  const own = all('tick').filter((tick) => tick['gateway'] === gateway && tick['lane'] !== 'board');
  const lanes = [...new Set(texts(own, 'lane'))];
  return Object.fromEntries(
    lanes.map((lane) => {
      const ticks = own.filter((tick) => tick['lane'] === lane).map((tick) => ({ skipped: 'done', ...tick }));
      return [lane, [...new Set(texts(ticks, 'skipped'))]];
    }),
  );
}

/** Every end of an attempt, and the processes that started its workers. */
function attemptsOf({ all }: LabRun): readonly unknown[] {
  return each(all('run-ended'), 'outcome');
}

function kill(process: string, timeMs: number): Fault {
  return { kind: 'kill', at: { timeMs }, process };
}

const done = { dispatcher: ['done'], budget: ['done'], notifier: ['done'] };

test('ticks first after 5 s, then every dispatch_interval, which is a second at least', async () => {
  const { all } = await run({ a: {}, b: { dispatchIntervalMs: 10 } }, { horizonMs: 70_000 });
  const times = (gateway: string) => all('dispatch-begin').filter(({ by }) => by === gateway);
  expect(times('a').map(({ nowMs }) => nowMs)).toEqual([5000, 65_000]);
  expect(times('b')).toHaveLength(66);
});

describe('dispatch', () => {
  const two = { a: { messages: [message()] }, b: { messages: [message({ atMs: 61_000 })] } };

  test('every-gateway: all do, and each task is claimed and started once', async () => {
    const found = await run(two);
    expect(dispatchersOf(found)).toEqual(new Set(['a', 'b']));
    expect(found.all('claimed')).toHaveLength(2);
    expect(new Set(each(found.all('spawned'), 'task')).size).toBe(2);
    expect(attemptsOf(found)).toEqual(['completed', 'completed']);
  });

  test('leader: one does, the other says that it is not the leader', async () => {
    const found = await run(two, { policies: { dispatch: 'leader' } });
    expect(dispatchersOf(found)).toEqual(new Set(['a']));
    expect(ticksOf(found, 'b')).toEqual({ ...done, chat: ['done'], dispatcher: ['not-leader'] });
    expect(attemptsOf(found)).toEqual(['completed', 'completed']);
  });

  test('leader: its death hands over at the next tick of another', async () => {
    const found = await run(two, { policies: { dispatch: 'leader' }, faults: [kill('a', 100_000)] });
    expect(dispatchersOf(found, 100_000)).toEqual(new Set(['b']));
    expect(found.all('dispatch-begin').find(({ by }) => by === 'b')?.nowMs).toBe(125_000);
  });

  test('leader: a stop hands over too', async () => {
    const processes = ['a', 'b'].map((name) =>
      start(name, 'gateway', gatewayOf({ profile: name, board: boardOf({ dispatch: 'leader' }) })),
    );
    const operator = {
      file: 'kanban.db',
      gateways: {},
      steps: [{ atMs: 100_000, act: 'kill', process: 'a', signal: 'SIGTERM' }],
    };
    const found = await lab.run({ processes: [...processes, start('o', 'operator', operator)], horizonMs: 200_000 });
    expect(dispatchersOf(found, 100_000)).toEqual(new Set(['b']));
  });

  test.each([
    ['closed', ['b'], ['not-leader']],
    ['open', ['a', 'b'], ['done']],
  ] as const)('leader, its lock file cannot be opened, fails %s', async (leaderFailure, dispatchers, said) => {
    const unopenable: Fault = {
      kind: 'io-error',
      at: { lane: 'a/dispatcher', op: 'flock', nth: 1 },
      lane: 'a/dispatcher',
      op: 'flock',
      code: 'SQLITE_CANTOPEN',
      until: { timeMs: 1_000_000 },
    };
    const found = await run(
      { a: {}, b: {} },
      { policies: { dispatch: 'leader', leaderFailure }, faults: [unopenable] },
    );
    expect(dispatchersOf(found)).toEqual(new Set(dispatchers));
    expect(ticksOf(found, 'a')['dispatcher']).toEqual(said);
  });

  test.each([
    ['board', ['a', 'b']],
    ['root', ['a']],
  ] as const)('leader of a %s: two boards have %j', async (leaderScope, dispatchers) => {
    const board = boardOf({ dispatch: 'leader', leaderScope });
    const found = await run({ a: { board }, b: { board: { ...board, file: 'other.db' } } });
    expect(dispatchersOf(found)).toEqual(new Set(dispatchers));
  });

  test('proxy: all send their work to the server, which alone has the board open', async () => {
    const board = { ...boardOf({ dispatch: 'proxy' }), server: 'server' };
    const found = await lab.run({
      horizonMs: 100_000,
      processes: [
        start('server', 'board-server', board),
        start('a', 'gateway', gatewayOf({ board, messages: [message()] })),
      ],
    });
    expect(attemptsOf(found)).toEqual(['completed']);
    const opened = found.steps.filter(({ op, role }) => op === 'open' && role === 'db');
    expect(new Set(opened.map(({ lane }) => lane))).toEqual(new Set(['server']));
  });
});

test('connections shared: one lane of the gateway has the board open, for all', async () => {
  const found = await run({ a: { messages: [message()] } }, { policies: { connections: 'shared' } });
  const opened = found.steps.filter(({ op, role }) => op === 'open' && role === 'db');
  expect(new Set(opened.map(({ lane }) => lane))).toEqual(new Set(['a/board', 'a.verifier-1']));
  expect(attemptsOf(found)).toEqual(['completed']);
});

test('connections sentinel: the main lane holds one connection until it stops', async () => {
  const found = await run({ a: {} }, { policies: { connections: 'sentinel' } });
  const held = (policy: LabRun) => policy.history.looks[0]?.openFiles.map(({ process, file }) => [process, file]);
  expect(held(found)).toContainEqual(['a', 'kanban.db']);
  expect(held(await run({ a: {} }))).not.toContainEqual(['a', 'kanban.db']);
});

describe('participation', () => {
  const notDispatching = { dispatches: false, messages: [message()] };

  test('all: a gateway that does not dispatch opens the board for its notifier and its chats', async () => {
    const found = await run({ a: notDispatching });
    expect(ticksOf(found, 'a')).toEqual({ chat: ['done'], notifier: ['done'] });
    expect(dispatchersOf(found)).toEqual(new Set());
  });

  test('dispatchers: it keeps away from the board', async () => {
    const found = await run({ a: notDispatching, b: {} }, { policies: { participation: 'dispatchers' } });
    expect(ticksOf(found, 'a')).toEqual({ chat: ['kanban-disabled'] });
    expect(ticksOf(found, 'b')).toEqual(done);
    expect(found.steps.filter(({ op, lane }) => op === 'open' && lane.startsWith('a'))).toEqual([]);
  });

  test('kanban.enabled false keeps any gateway away from the board', async () => {
    const found = await run({ a: { kanbanEnabled: false, messages: [message()] } });
    expect(ticksOf(found, 'a')).toEqual({ chat: ['kanban-disabled'] });
    expect(found.steps.filter(({ op }) => op === 'open')).toEqual([]);
  });
});

describe('a worker', () => {
  test('that exits with 0 and says nothing violates the protocol: its task is blocked at once', async () => {
    const found = await run({ a: { messages: [message({ verdict: 'exit' })] } });
    expect(attemptsOf(found)).toEqual(['crashed']);
    expect(each(found.all('notified'), 'kind')).toContain('gave_up');
    expect(found.all('spawned')).toHaveLength(1);
  });

  test('that crashes is followed by one more; then its task is blocked', async () => {
    const found = await run({ a: { messages: [message({ verdict: 'crash' })] } }, { horizonMs: 600_000 });
    expect(attemptsOf(found)).toEqual(['crashed', 'crashed']);
    expect(each(found.all('notified'), 'kind')).toContain('gave_up');
  });

  test('is not judged within 30 s of its start', async () => {
    const crashing = { messages: [message({ verdict: 'crash' })], dispatchIntervalMs: 1000 };
    const found = await run({ a: crashing }, { horizonMs: 40_000 });
    expect(found.all('run-ended').map(({ nowMs }) => nowMs)).toEqual([35_000]);
  });

  test('that its provider turns away is tried again and again', async () => {
    const found = await run({ a: { messages: [message({ verdict: 'rate-limit' })] } }, { horizonMs: 400_000 });
    expect(attemptsOf(found).length).toBeGreaterThan(3);
    expect(new Set(attemptsOf(found))).toEqual(new Set(['rate_limited']));
    expect(found.all('notified')).toEqual([]);
  });

  test('of another dispatcher leaves an exit that is unknown: a crash, not a protocol violation', async () => {
    const silent = message({ verdict: 'exit', thinkMs: 100_000 });
    const found = await run({ a: { messages: [silent] }, b: {} }, { faults: [kill('a', 50_000)], horizonMs: 600_000 });
    expect(each(found.all('spawned'), 'by')).toEqual(['a', 'b']);
    expect(attemptsOf(found)).toEqual(['crashed', 'crashed']);
  });

  test('that takes too long is asked to end, and its task tried once more', async () => {
    const slow = message({ thinkMs: 1_000_000, maxRuntimeSeconds: 100 });
    const found = await run({ a: { messages: [slow] } }, { horizonMs: 400_000 });
    expect(attemptsOf(found)).toEqual(['timed_out', 'timed_out']);
    expect(found.all('run-ended')[0]?.nowMs).toBe(125_500);
    expect(found.history.deaths).toEqual([]);
  });

  test('that does not end when it is asked to is killed after 5 s', async () => {
    const slow = message({ thinkMs: 1_000_000, maxRuntimeSeconds: 100 });
    const deaf: Fault = { kind: 'pause', at: { timeMs: 50_000 }, lane: 'a.verifier-1', ms: 1_000_000 };
    const found = await run({ a: { messages: [slow] } }, { horizonMs: 150_000, faults: [deaf] });
    expect(found.history.deaths).toMatchObject([{ process: 'a.verifier-1', nowMs: 130_000 }]);
  });

  test('that lives keeps its claim beyond the TTL, until it is silent for an hour', async () => {
    const silent = message({ thinkMs: 6_000_000 });
    const found = await run({ a: { messages: [silent] } }, { horizonMs: 5_000_000, quiet: 'skip' });
    expect(attemptsOf(found)).toEqual(['reclaimed']);
    const reclaimedMs = found.all('run-ended')[0]?.nowMs ?? 0;
    expect(reclaimedMs).toBeGreaterThan(3_600_000);
    expect(reclaimedMs).toBeLessThan(4_600_000);
    expect(each(found.all('spawned'), 'worker')).toEqual(['a.verifier-1', 'a.verifier-2']);
  });

  test('that cannot be started gives its task back, and the second time it is blocked', async () => {
    const failing = (failingSpawns: readonly number[]) => run({ a: { messages: [message()], failingSpawns } });
    expect(attemptsOf(await failing([1]))).toEqual(['spawn_failed', 'completed']);
    expect(attemptsOf(await failing([1, 2]))).toEqual(['spawn_failed', 'gave_up']);
  });
});

test('the dispatcher says that it is stuck after six ticks that started nothing, and every five minutes', async () => {
  const messages = Array.from({ length: 14 }, (_, i) => message({ atMs: 1000 + 60_000 * i }));
  const failingSpawns = Array.from({ length: 100 }, (_, i) => i + 1);
  const found = await run({ a: { messages, failingSpawns } }, { horizonMs: 800_000 });
  expect(found.all('dispatcher-stuck').map(({ nowMs, ticks }) => [nowMs, ticks])).toEqual([
    [305_000, 6],
    [605_000, 11],
  ]);
});

describe('quiet hours', () => {
  /** What is seen of a run, without its ticks. */
  const deeds = ({ history }: LabRun) =>
    history.observations
      .filter(({ kind }) => !/^(tick|dispatch-|quiet)/.test(kind))
      .map(({ nowMs, lane, kind, data }) => ({ nowMs, lane, kind, data }));

  test('change nothing that is done', long, async () => {
    const messages = [
      message(),
      message({ atMs: 700_500, verdict: 'exit' }),
      message({ atMs: 3_610_000, thinkMs: 2_000_000, maxRuntimeSeconds: 100 }),
    ];
    const claim = [
      { atMs: 1_200_000, act: 'kanban', command: { verb: 'create', order: message().order }, as: 'claimed' },
      { atMs: 1_200_000, act: 'kanban', command: { verb: 'claim', task: 'claimed' } },
    ];
    const processes = [
      start('a', 'gateway', gatewayOf({ messages })),
      start('b', 'gateway', gatewayOf({ profile: 'q' })),
      start('o', 'operator', { file: 'kanban.db', board: boardOf(), gateways: {}, steps: claim }),
    ];
    const stepped = await lab.run({ processes, horizonMs: 3_900_000 });
    const skipped = await lab.run({ processes, horizonMs: 3_900_000, parameters: { quiet: 'skip' } });
    expect(attemptsOf(stepped)).toEqual(['completed', 'crashed', 'reclaimed', 'completed', 'timed_out', 'timed_out']);
    expect(deeds(skipped)).toEqual(deeds(stepped));
    expect(skipped.history.steps).toBeLessThan(stepped.history.steps / 2);
    const ticks = ({ all }: LabRun) => all('dispatch-begin').length;
    expect(ticks(skipped)).toBeLessThan(ticks(stepped) * 0.75);
  });
});
