// A person at a shell: what each step does to gateways and board. On real processes.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { each, ProcessLab } from '../../../harness/testing/process-lab.test-support.ts';
import { boardOf, gatewayOf, message, rolesSystem, start } from '../../testing/roles-system.test-support.ts';
import { type OperatorStep, type ReplaceWay, replaceWays } from './steps.ts';

let lab: ProcessLab;
beforeAll(async () => {
  lab = await ProcessLab.open(rolesSystem);
});
afterAll(() => lab.close());

/** A bare gateway `a` with a task, and a person. */
function run(steps: readonly OperatorStep[], horizonMs = 60_000) {
  const gateway = gatewayOf({ messages: [message()] });
  return lab.run({
    horizonMs,
    processes: [
      start('a', 'gateway', gateway),
      start('o', 'operator', { file: 'kanban.db', gateways: { a: gateway }, steps }),
    ],
  });
}

test('does its steps in their order, each at its time or as soon as it can', async () => {
  const { all, history } = await run([
    { atMs: 20_000, act: 'look', label: 'first' },
    { atMs: 10_000, act: 'look', label: 'late' },
  ]);
  expect(history.looks.map(({ label }) => label)).toEqual(['first', 'late', 'end']);
  expect(all('operator')).toMatchObject([
    { act: 'look', label: 'first', nowMs: 20_000 },
    { act: 'look', label: 'late', nowMs: 20_000 },
  ]);
});

test('read: a fresh process looks at the board', async () => {
  const { all } = await run([{ atMs: 20_000, act: 'read' }]);
  expect(all('fresh-read')).toMatchObject([{ ok: true, integrity: 'ok', quick: 'ok', tasks: 1 }]);
});

test('restart: SIGTERM, and a gateway of the same profile, which gets no messages again', async () => {
  const { all } = await run([{ atMs: 20_000, act: 'restart', gateway: 'a' }]);
  expect(all('restarted')).toMatchObject([{ gateway: 'a', next: 'a.restart-1' }]);
  expect(each(all('gateway-up'), 'gateway')).toEqual(['a', 'a.restart-1']);
  expect(all('gateway-down')[0]).toMatchObject({ gateway: 'a', why: 'stop', nowMs: 20_000 });
  expect(all('spawned')).toHaveLength(1);
});

test('kill: SIGKILL unless told otherwise', async () => {
  const killed = await run([{ atMs: 20_000, act: 'kill', process: 'a' }]);
  expect(killed.history.deaths).toMatchObject([{ process: 'a', nowMs: 20_000 }]);
  const stopped = await run([{ atMs: 20_000, act: 'kill', process: 'a', signal: 'SIGTERM' }]);
  expect(stopped.history.deaths).toEqual([]);
  expect(stopped.all('gateway-down')).toMatchObject([{ gateway: 'a', nowMs: 20_000 }]);
});

test('gateway-restart in the gateway’s own home stops it first', async () => {
  const { all } = await run([{ atMs: 20_000, act: 'gateway-restart', gateway: 'a', home: 'p' }]);
  expect(all('gateway-up').map(({ gateway, detached }) => [gateway, detached])).toEqual([
    ['a', false],
    ['a.shell-1', true],
  ]);
  expect(all('gateway-down')[0]).toMatchObject({ gateway: 'a', why: 'stop', nowMs: 20_000 });
  expect(all('takeover')).toEqual([]);
});

test('what a shell leaves behind is an orphan: its parent is init, and it is in no control group', async () => {
  const gateway = gatewayOf({ home: 'unit', board: boardOf({ guard: 'adopt-kill' }) });
  const { all } = await lab.run({
    horizonMs: 60_000,
    processes: [
      start('a', 'gateway', gateway),
      start('o', 'operator', {
        file: 'kanban.db',
        gateways: { a: gateway },
        steps: [{ atMs: 20_000, act: 'gateway-run', gateway: 'a', name: 'orphan', replace: false }],
      }),
    ],
  });
  // Neither is a unit's main process, so the later one adopts the earlier.
  expect(all('gateway-down')[0]).toMatchObject({ gateway: 'a', nowMs: 20_000 });
  expect(all('gateway-up')[1]).toMatchObject({ gateway: 'orphan', detached: true, unit: null });
});

describe('replace', () => {
  const ways = Object.keys(replaceWays) as readonly ReplaceWay[];

  test.each(ways)('%s: the board is the old one, or a new one where none was left', async (way) => {
    const makesOne = ['rm', 'rm-all', 'mv-aside', 'mv-all'].includes(way);
    const { all } = await run([
      { atMs: 20_500, act: 'replace', way, pauseMs: 1000 },
      { atMs: 50_000, act: 'read' },
    ]);
    expect(all('replaced')).toMatchObject([{ way, database: 'kanban.db' }]);
    expect(all('init-ended')).toHaveLength(makesOne ? 1 : 0);
    expect(all('fresh-read')).toMatchObject([{ ok: true, tasks: makesOne ? 0 : 1 }]);
  });
});

test('reindex: a shell of SQLite’s on the live database', async () => {
  const { all } = await run([{ atMs: 20_000, act: 'reindex' }]);
  expect(all('sql-done')).toMatchObject([{ statements: ['REINDEX'], nowMs: 20_000 }]);
});
