// Whose connection it is, and how long it lives: the axis `connections`, and the proxy of the axis `dispatch`, on real
// files. What stays out: what the operations do.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Coordinator } from '../../../harness/run/coordinator.ts';
import type { Fault } from '../../../harness/model/fault.ts';
import type { Json } from '../../../harness/model/values.ts';
import {
  coordinatorOf,
  observed,
  planOf,
  process as start,
  scenarioOf,
  StepKeeper,
} from '../../../harness/testing/lab.test-support.ts';
import type { StartProcess } from '../../../harness/model/process.ts';
import { file, onFreshBoard, settingsFor } from '../../testing/board-scenario.test-support.ts';
import type { BoardSettings } from './settings.ts';

const module = new URL('../../testing/session-programs.test-support.ts', import.meta.url).href;

let coordinator: Coordinator;
beforeAll(async () => {
  coordinator = await coordinatorOf();
});
afterAll(() => coordinator.close());

const json = (board: BoardSettings) => board as unknown as Json;

async function run(
  strategy: string,
  processes: readonly StartProcess[],
  { faults = [], horizonMs = 120_000 }: { readonly faults?: readonly Fault[]; readonly horizonMs?: number } = {},
) {
  const keeper = new StepKeeper();
  const scenario = onFreshBoard(scenarioOf(processes), module, strategy);
  const parameters = { gateways: 1, horizonMs, stepsMax: 400_000 };
  const history = await coordinator.run(scenario, planOf({ parameters, faults }), undefined, [keeper]);
  expect(history.end).not.toBe('cut off');
  const opens = keeper.steps.filter((step) => step.op === 'open' && step.file === file).map(({ lane }) => lane);
  /** Connections open in a process when a look was taken: its handles on the database. */
  const openAt = (label: string) =>
    history.looks.find((look) => look.label === label)?.openFiles.filter((one) => one.file === file).length;
  return { history, opens, openAt, steps: keeper.steps };
}

const alone = (strategy: string, faults: readonly Fault[] = []) =>
  run(strategy, [start('p', 'alone', json(settingsFor(strategy)))], { faults });
const gateway = (strategy: string) =>
  run(strategy, [start('g', 'gateway', json(settingsFor(strategy)))], { horizonMs: 2000 });

describe('in a process of one lane', () => {
  test.each([
    // The first is the guard's.
    ['wal', 4, 0],
    ['sentinel', 4, 0],
    ['shared', 2, 1],
    ['reopen', 2, 1],
  ])(
    '%s opens the database %i times, and has %i connections open between two uses',
    async (strategy, count, between) => {
      const { history, opens, openAt } = await alone(strategy);
      expect(opens).toEqual(Array.from({ length: count }, () => 'p'));
      expect([openAt('between'), openAt('ended')]).toEqual([between, 0]);
      const kinds = ['first', 'second', 'none'].map((kind) => observed(history, kind)[0]);
      expect(kinds).toEqual(['ok', 'ok', { code: 'NO_SUCH_TASK', statement: 'kanban_show' }]);
      expect(history.endings).toEqual([{ lane: 'p', ending: { how: 'returned' } }]);
    },
  );
});

describe('in a gateway', () => {
  test('per-call: each thread opens its own', async () => {
    const { opens, openAt, history } = await gateway('wal');
    expect(new Set(opens)).toEqual(new Set(['g/user-1', 'g/user-2']));
    expect(openAt('begun')).toBe(0);
    expect(new Set(observed(history, 'used'))).toEqual(new Set(['ok']));
  });

  test('shared: one lane opens one, the threads send it what they want; none is turned away at the end', async () => {
    const { opens, history } = await gateway('shared');
    expect(opens).toEqual(['g/board', 'g/board']);
    expect(observed(history, 'used').length).toBeGreaterThan(30);
    expect(new Set(observed(history, 'used'))).toEqual(new Set(['ok']));
    const claimers = observed(history, 'claimed').map((data) => (data as { readonly by: string }).by);
    expect(new Set(claimers)).toEqual(new Set(['g']));
    expect(history.endings.map(({ ending }) => ending.how)).toEqual(['returned', 'returned', 'returned', 'returned']);
  });

  test.each(['shared', 'sentinel'])('%s: what the main lane began ends with it', async (strategy) => {
    const { history } = await run(strategy, [start('g', 'shortGateway', json(settingsFor(strategy)))]);
    expect(observed(history, 'used')).toEqual(['ok']);
    expect(history.end).toBe('done');
    for (const { ending } of history.endings) expect(ending).toEqual({ how: 'returned' });
  });

  test('sentinel: the main lane pins one, the threads open their own beside it', async () => {
    const { opens, openAt, history, steps } = await gateway('sentinel');
    expect(openAt('begun')).toBe(1);
    expect(opens.slice(0, 2)).toEqual(['g', 'g']);
    expect(new Set(opens)).toEqual(new Set(['g', 'g/user-1', 'g/user-2']));
    // The first is the guard's: it is alone then. While the pinned one is open, nobody is the last to close.
    const unlinks = steps.filter(({ op, file: name }) => op === 'delete' && name === `${file}-wal`);
    expect(unlinks.map(({ lane }) => lane)).toEqual(['g', 'g']);
    expect(history.endings.map(({ ending }) => ending.how)).toEqual(['returned', 'returned', 'returned']);
  });

  test('reopen: each thread keeps one', async () => {
    const { opens, history } = await gateway('reopen');
    expect(opens.toSorted()).toEqual(['g/user-1', 'g/user-1', 'g/user-2']);
    expect(history.endings.map(({ ending }) => ending.how)).toEqual(['returned', 'returned', 'returned']);
  });
});

describe('reopen', () => {
  /** Fails a write to the WAL in the second use; for good, if wanted. */
  async function struck(strategy: string, code: string, more: object = {}) {
    const { steps } = await alone(strategy);
    const between = steps.findIndex(({ op, text }) => op === 'ask' && text === 'look between');
    const writes = steps.filter(({ op, role }, i) => i < between && op === 'write' && role === 'wal').length;
    expect(writes).toBeGreaterThan(0);
    const at = { lane: 'p', op: 'write', role: 'wal', nth: writes + 2 } as const;
    const { history, opens, openAt } = await alone(strategy, [{ kind: 'io-error', at, code, ...more }]);
    expect(observed(history, 'first')).toEqual(['ok']);
    return { second: observed(history, 'second')[0], opens: opens.length, ended: openAt('ended') };
  }

  test('closes, opens anew and tries once more upon an I/O error', async () => {
    expect(await struck('reopen', 'SQLITE_IOERR_WRITE')).toEqual({ second: 'ok', opens: 3, ended: 0 });
  });

  test('once only', async () => {
    const lasting = { op: 'write', role: 'wal', until: { timeMs: 100_000 } };
    const second = { code: 'SQLITE_IOERR_WRITE', statement: 'create_task' };
    expect(await struck('reopen', 'SQLITE_IOERR_WRITE', lasting)).toEqual({ second, opens: 3, ended: 0 });
  });

  test('upon no other error', async () => {
    const second = { code: 'SQLITE_FULL', statement: 'create_task' };
    expect(await struck('reopen', 'SQLITE_FULL')).toEqual({ second, opens: 2, ended: 0 });
  });

  test('shared keeps its connection and lets the error go up', async () => {
    const second = { code: 'SQLITE_IOERR_WRITE', statement: 'create_task' };
    expect(await struck('shared', 'SQLITE_IOERR_WRITE')).toEqual({ second, opens: 2, ended: 0 });
  });
});

describe('a use that is forgotten', () => {
  test('leaves its connection open', async () => {
    const { history, openAt } = await run('wal', [start('p', 'forgetful', json(settingsFor('wal')))]);
    // The use after it is closed, and its handle is still there: to close it would drop the locks of the forgotten one, so
    // SQLite keeps it for the next open (unixClose, setPendingFd).
    expect([openAt('forgotten'), openAt('after')]).toEqual([1, 2]);
    expect(observed(history, 'after')).toEqual(['ok']);
  });

  test('and gives its lock back', async () => {
    const { history } = await run('flock-session', [start('p', 'forgetful', json(settingsFor('flock-session')))]);
    expect(observed(history, 'after')).toEqual(['ok']);
  });

  test('counts as open for who tracks', async () => {
    const { steps } = await run('safe-read', [start('p', 'forgetful', json(settingsFor('safe-read')))]);
    expect(steps.filter(({ lane, op }) => lane === 'p' && op === 'fileRead').length).toBe(1);
  });
});

describe('proxy', () => {
  const board = settingsFor('proxy', { server: 's' });
  const server = start('s', 'board-server', json(board));
  const clients = ['c-1', 'c-2'].map((name) => start(name, 'client', json(board)));
  const proxied = (faults: readonly Fault[] = [], horizonMs = 300_000) =>
    run('proxy', [server, ...clients], { faults, horizonMs });

  test('only the server opens the database, once; each client gets its own answers, and its own claims', async () => {
    const { history, opens } = await proxied();
    expect(opens).toEqual(['s', 's']);
    expect(observed(history, 'asked')).toEqual(Array.from({ length: 120 }, () => 'ok'));
    expect(new Set(observed(history, 'same'))).toEqual(new Set([true]));
    const claimers = observed(history, 'claimed').map((data) => (data as { readonly by: string }).by);
    expect(claimers.toSorted()).toEqual(['c-1', 'c-2']);
    expect(history.endings.map(({ ending }) => ending.how)).toEqual(['returned', 'returned', 'returned']);
  });

  test('an error of the server is the caller’s error', async () => {
    const { history } = await proxied();
    const none = { code: 'NO_SUCH_TASK', statement: 'kanban_show' };
    expect(observed(history, 'none')).toEqual([none, none]);
  });

  test('a server that is gone fails the use', async () => {
    const { history } = await proxied([{ kind: 'kill', at: { timeMs: 30_500 }, process: 's' }]);
    const gone = { code: 'PROXY_GONE', statement: 'create_task' };
    expect(observed(history, 'asked').filter((one) => one === 'ok').length).toBeGreaterThan(50);
    expect(observed(history, 'asked').slice(-50)).toEqual(Array.from({ length: 50 }, () => gone));
  });

  test('so does one that goes in the middle of an operation, within a second', async () => {
    const { history } = await proxied([{ kind: 'kill', at: { lane: 's', op: 'write', role: 'wal', nth: 200 } }]);
    const waited = observed(history, 'waited').map((data) => (data as { readonly waitedS: number }).waitedS);
    expect(waited.length).toBeGreaterThan(0);
    expect(Math.max(...waited)).toBe(1);
    expect(observed(history, 'asked').at(-1)).toEqual({ code: 'PROXY_GONE', statement: 'create_task' });
  });

  test('at the plan’s end the server goes on while others have work to finish', async () => {
    const { history } = await proxied([], 20_000);
    expect(observed(history, 'asked')).toEqual(Array.from({ length: 120 }, () => 'ok'));
    expect(history.endings.map(({ ending }) => ending.how)).toEqual(['returned', 'returned', 'returned']);
  });

  test('a server that is silent fails the use after 30 s; its late answer is nobody’s', async () => {
    const { history } = await proxied([{ kind: 'pause', at: { timeMs: 10_500 }, lane: 's', ms: 45_000 }]);
    const failed = observed(history, 'asked').filter((one) => one !== 'ok');
    expect(failed).toEqual(Array.from({ length: 2 }, () => ({ code: 'PROXY_GONE', statement: 'create_task' })));
    const waited = observed(history, 'waited').map((data) => (data as { readonly waitedS: number }).waitedS);
    expect(waited).toEqual([30, 30, 14, 14]);
    expect(observed(history, 'asked').at(-1)).toBe('ok');
    expect(new Set(observed(history, 'same'))).toEqual(new Set([true]));
  });

  test('without a server the lane opens the database itself: who makes the board before there is one', async () => {
    const { opens } = await alone('proxy');
    expect(opens.length).toBe(4);
  });

  test('refuses what is no operation', async () => {
    const { history } = await run('proxy', [server, start('x', 'stranger', 's')]);
    expect(history.endings.find(({ lane }) => lane === 's')?.ending).toMatchObject({ how: 'threw' });
  });
});
