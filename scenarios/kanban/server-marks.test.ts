// The windows of incidents where the board is in a server: of each a run that comes to the moment, and runs that do not.
import { expect, test } from 'vitest';
import type { WatchedMark } from '../../harness/model/scenario.ts';
import { actedBesideCommit, killedInTransaction, leftBesideClient, replacedInVain } from './server-marks.ts';

/** A step by its lane, its operation and its text; `!` behind the operation: the coordinator's own. */
type Told = readonly [lane: string, op: string, text: object | string];

function reached(mark: WatchedMark, told: readonly Told[]): number {
  const watch = mark.watch();
  return told.filter(([lane, op, text], step) =>
    watch({
      step,
      lane,
      nowMs: 0,
      op: op.replace('!', ''),
      rc: 0,
      text: typeof text === 'string' ? text : JSON.stringify(text),
      ...(op.endsWith('!') ? { injected: true as const } : {}),
    }),
  ).length;
}

const connects = (lane: string, connection: number): Told => [lane, 'statement!', { connection, connected: true }];
const refused = (lane: string): Told => [lane, 'statement!', { sqlstate: '53300' }];
const leaves = (lane: string, connection: number): Told => [lane, 'ask', `disconnect ${connection}`];
const dies = (lane: string): Told => [lane, 'end!', { how: 'killed', signal: 'SIGKILL', open: 0 }];
const ends = (lane: string): Told => [lane, 'end', { how: 'returned' }];
const observes = (lane: string, kind: string, data: object = {}): Told => [lane, 'observe', { kind, data }];
const asks = (lane: string, connection: number, sql: string): readonly Told[] => [
  [lane, 'statement!', { connection, rows: 0, changes: 0, sum: '' }],
  [lane, 'ask', `statement ${connection}  ${JSON.stringify({ sql, bind: [] })}`],
];
const loses = (lane: string, connection: number, sql: string): readonly Told[] => [
  [lane, 'statement!', { connection, sqlstate: '08006' }],
  [lane, 'ask', `statement ${connection}  ${JSON.stringify({ sql, bind: [] })}`],
];
const serverDies = (more: object = {}): Told => ['a', 'fault!', { kind: 'server-kill', at: { step: 1 }, ...more }];

test('left-beside-client: a process gives its last connection back while another process has one', () => {
  const other = connects('a/dispatcher', 1);
  expect(reached(leftBesideClient, [other, connects('b', 2), leaves('b', 2)])).toBe(1);
  const vain: readonly (readonly Told[])[] = [
    [connects('b', 1), leaves('b', 1)],
    [other, leaves('a/dispatcher', 1), connects('b', 1), leaves('b', 1)],
    [other, connects('a/notifier', 2), leaves('a/notifier', 2)],
    [other, connects('b', 2), connects('b', 3), leaves('b', 2)],
    [other, refused('b'), leaves('b', 2)],
    [other, dies('a'), connects('b', 2), leaves('b', 2)],
    [other, ends('a'), connects('b', 2), leaves('b', 2)],
    [other, connects('b', 2), serverDies(), leaves('b', 2)],
    [other, connects('b', 2), ...loses('a/dispatcher', 1, 'SELECT 1'), leaves('b', 2)],
  ];
  expect(vain.map((told) => reached(leftBesideClient, told))).toEqual(vain.map(() => 0));
});

test('killed-in-transaction: a client dies between BEGIN and COMMIT, or the server while one is there', () => {
  const begun = [connects('a/chat-1', 1), ...asks('a/chat-1', 1, 'BEGIN')];
  for (const how of [dies('a'), serverDies(), serverDies({ inside: 1 })])
    expect(reached(killedInTransaction, [...begun, how])).toBe(1);
  const vain: readonly (readonly Told[])[] = [
    [connects('a/chat-1', 1), dies('a')],
    [...begun, ...asks('a/chat-1', 1, 'COMMIT'), dies('a')],
    [...begun, ...asks('a/chat-1', 1, 'ROLLBACK'), serverDies()],
    [...begun, dies('b')],
    [...begun, ...loses('a/chat-1', 1, 'SELECT 1'), dies('a')],
    [...begun, ['a', 'fault!', { kind: 'server-kill', note: 'it is off' }]],
  ];
  expect(vain.map((told) => reached(killedInTransaction, told))).toEqual(vain.map(() => 0));
});

test('replaced-in-vain: somebody finds no file to replace while a gateway is connected', () => {
  const tries = observes('operator', 'no-file', { act: 'replace' });
  expect(reached(replacedInVain, [connects('a/dispatcher', 1), tries])).toBe(1);
  const vain: readonly (readonly Told[])[] = [
    [tries],
    [connects('a/dispatcher', 1), leaves('a/dispatcher', 1), tries],
    [connects('a/dispatcher', 1), observes('operator', 'no-file', { act: 'reindex' })],
  ];
  expect(vain.map((told) => reached(replacedInVain, told))).toEqual(vain.map(() => 0));
});

test('acted-beside-commit: another process, or a checkpoint, between the last word of a transaction and what comes of its COMMIT', () => {
  const commits = observes('a/chat-1', 'committing', { keys: [] });
  expect(reached(actedBesideCommit, [commits, ...asks('b', 2, 'SELECT 1')])).toBe(1);
  expect(reached(actedBesideCommit, [commits, ['a', 'fault!', { kind: 'server-checkpoint', at: { step: 1 } }]])).toBe(
    1,
  );
  const vain: readonly (readonly Told[])[] = [
    [...asks('b', 2, 'SELECT 1'), commits],
    [commits, ...asks('a/notifier', 2, 'SELECT 1')],
    [commits, ...asks('a/chat-1', 1, 'COMMIT'), ...asks('b', 2, 'SELECT 1')],
    [commits, observes('a/chat-1', 'rolled-back'), ...asks('b', 2, 'SELECT 1')],
    [commits, dies('a'), ...asks('b', 2, 'SELECT 1')],
    [commits, serverDies()],
  ];
  expect(vain.map((told) => reached(actedBesideCommit, told))).toEqual(vain.map(() => 0));
});
