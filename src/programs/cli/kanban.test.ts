// `hermes kanban VERB`, as typed at a shell by a person. On real processes.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { each, ProcessLab } from '../../../harness/testing/process-lab.test-support.ts';
import { boardOf, gatewayOf, message, rolesSystem, start } from '../../testing/roles-system.test-support.ts';
import type { Verb } from './kanban.ts';

let lab: ProcessLab;
beforeAll(async () => {
  lab = await ProcessLab.open(rolesSystem);
});
afterAll(() => lab.close());

const { order } = message();

/** Commands one after the other, a second apart; `create` keeps its task under `as`. */
async function typed(
  commands: readonly (Verb & { readonly as?: string })[],
  horizonMs = 60_000,
  gateways: object = {},
) {
  const steps = commands.map(({ as, ...command }, i) => ({
    atMs: 1000 * (i + 1),
    act: 'kanban',
    command,
    ...(as !== undefined && { as }),
  }));
  const found = await lab.run({
    horizonMs,
    processes: [
      ...Object.entries(gateways).map(([name, settings]) => start(name, 'gateway', settings as object)),
      start('o', 'operator', { file: 'kanban.db', board: boardOf(), gateways: {}, steps }),
    ],
  });
  return { ...found, printed: found.all('cli').map(({ verb, ok }) => [verb, ok]) };
}

const create = { verb: 'create', order } as const;

test('every verb runs init first, on a connection of its own', async () => {
  const { steps } = await typed([{ verb: 'list' }, { verb: 'init' }]);
  const closes = (process: string) => steps.filter(({ lane, op }) => lane === process && op === 'disconnect').length;
  // init_db(): the guard's connection and its own. Then the verb's.
  expect(closes('kanban-1')).toBe(3);
  expect(closes('kanban-2')).toBe(2);
});

test('create, claim, complete: once each', async () => {
  const { printed, all } = await typed([
    { ...create, as: 'mine' },
    { verb: 'claim', task: 'mine' },
    { verb: 'claim', task: 'mine' },
    { verb: 'complete', task: 'mine' },
    { verb: 'complete', task: 'mine' },
  ]);
  expect(printed).toEqual([
    ['create', true],
    ['claim', true],
    ['claim', false],
    ['complete', true],
    ['complete', false],
  ]);
  expect(all('claimed')).toMatchObject([{ by: 'kanban-2' }]);
  expect(all('run-ended')).toMatchObject([{ outcome: 'completed', by: 'kanban-4' }]);
});

test('block, list by status', async () => {
  const { all } = await typed([
    { ...create, as: 'mine' },
    create,
    { verb: 'block', task: 'mine' },
    { verb: 'list' },
    { verb: 'list', status: 'blocked' },
  ]);
  expect(each(all('cli').slice(3), 'result')).toEqual([2, 1]);
});

test('link: a child waits for its parent, and no circle is made', async () => {
  const { printed, all } = await typed([
    { ...create, as: 'parent' },
    { ...create, as: 'child' },
    { verb: 'link', parent: 'parent', child: 'child' },
    { verb: 'link', parent: 'child', child: 'parent' },
    { verb: 'claim', task: 'child' },
    { verb: 'list', status: 'todo' },
  ]);
  expect(printed.slice(2)).toEqual([
    ['link', true],
    ['link', false],
    ['claim', false],
    ['list', true],
  ]);
  expect(all('cli').at(-1)?.['result']).toBe(1);
});

describe('beside a gateway', () => {
  const gateways = { a: gatewayOf() };

  test('subscribe: the chat of that profile hears of the end of the task', async () => {
    const { all } = await typed(
      [
        { ...create, as: 'mine' },
        { verb: 'subscribe', task: 'mine', chat: 'chat-7', profile: 'p' },
      ],
      60_000,
      gateways,
    );
    expect(all('notified')).toMatchObject([{ kind: 'completed', by: 'a' }]);
  });

  test('a claim that nobody works on is taken back after 15 minutes, and given to a worker', async () => {
    const { all } = await typed(
      [
        { ...create, as: 'mine' },
        { verb: 'claim', task: 'mine' },
      ],
      1_100_000,
      gateways,
    );
    expect(each(all('run-ended'), 'outcome')).toEqual(['reclaimed', 'completed']);
    expect(all('run-ended')[0]?.nowMs).toBe(905_000);
  });
});

test('an error of the board is printed, and nothing is done', async () => {
  const { all } = await typed([{ verb: 'claim', task: 'no-such-task' }, { verb: 'list' }]);
  expect(all('cli')[0]).toMatchObject({ verb: 'claim', ok: false });
  const { all: none } = await lab.run({
    horizonMs: 10_000,
    processes: [start('k', 'kanban', { board: boardOf(), verb: 'create', order })],
    faults: [{ kind: 'io-error', at: { lane: 'k', op: 'open', role: 'db', nth: 1 }, code: 'SQLITE_CANTOPEN' }],
  });
  expect(none('cli')).toMatchObject([{ verb: 'create', ok: false, code: 'SQLITE_CANTOPEN' }]);
  expect(none('committed')).toEqual([]);
});

test('recover compares the whole board with what lies beside it, and brings it back; elsewhere it says that nothing does', async () => {
  const board = boardOf({ journal: 'delete', recovery: 'journal', corruption: 'repair' });
  const recover = { act: 'kanban', command: { verb: 'recover' } };
  const typedCreate = { act: 'kanban', command: create };
  const steps = [
    { atMs: 0, ...typedCreate },
    { atMs: 1000, ...typedCreate },
    { atMs: 3000, ...recover },
    { atMs: 4000, ...recover },
  ];
  const { all } = await lab.run({
    horizonMs: 60_000,
    processes: [
      start('o', 'operator', { file: 'kanban.db', board, gateways: {}, steps }),
      start('bare', 'kanban', { board: boardOf(), verb: 'recover' }),
    ],
    faults: [{ kind: 'mixed-mode', at: { timeMs: 2000 }, statements: ['DELETE FROM task_events'] }],
  });
  expect(all('board-recovered')).toMatchObject([{ by: 'kanban-3', why: 'audit', lost: [] }]);
  const printed = all('cli').filter(({ verb }) => verb === 'recover');
  expect(printed.map(({ by, ok, code }) => [by, ok, code])).toEqual([
    ['bare', false, 'KANBAN_NO_RECOVERY'],
    ['kanban-3', true, undefined],
    ['kanban-4', true, undefined],
  ]);
});
