// A worker: what it does on the board, how often, and how it ends. On real processes.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ProcessLab } from '../../../harness/testing/process-lab.test-support.ts';
import { gatewayOf, message, rolesSystem, start } from '../../testing/roles-system.test-support.ts';

let lab: ProcessLab;
beforeAll(async () => {
  lab = await ProcessLab.open(rolesSystem);
});
afterAll(() => lab.close());

/** A worker of a gateway, started 5 s after the gateway. */
async function run(order: Parameters<typeof message>[0], faults: Parameters<typeof lab.run>[0]['faults'] = []) {
  const gateway = gatewayOf({ messages: [message(order)], workerStartMs: 2000 });
  const found = await lab.run({ processes: [start('a', 'gateway', gateway)], horizonMs: 400_000, faults });
  const own = found.steps.filter(({ lane }) => lane === 'a.verifier-1');
  return {
    ...found,
    uses: own.filter(({ op }) => op === 'disconnect').map(({ nowMs }) => nowMs),
    ending: found.history.endings.find(({ lane }) => lane === 'a.verifier-1')?.ending,
    wrote: found
      .all('committed')
      .filter(({ from }) => from === 'a.verifier-1')
      .map(({ by }) => by),
  };
}

test('shows, heartbeats, comments and completes, a connection each; the first use has a guard’s besides', async () => {
  const { uses, wrote, all, ending } = await run({ heartbeats: 1, thinkMs: 1000 });
  expect(uses).toEqual([7000, 7000, 7000, 8000, 8000]);
  expect(wrote).toEqual(['heartbeat_worker', 'add_comment', 'complete_task']);
  expect(all('verified')).toMatchObject([{ worker: 'a.verifier-1', verdict: 'complete' }]);
  expect(ending).toEqual({ how: 'returned' });
});

test('blocks where its order says so', async () => {
  const { all, wrote } = await run({ verdict: 'block' });
  expect(wrote.at(-1)).toBe('block_task');
  expect(all('run-ended')).toMatchObject([{ outcome: 'blocked' }]);
});

test('reports life at most once a minute, however many tool calls it makes', async () => {
  const { all } = await run({ heartbeats: 10, thinkMs: 20_000 });
  const beats = all('committed').filter(({ by }) => by === 'heartbeat_worker');
  expect(beats.map(({ nowMs }) => nowMs)).toEqual([7000, 67_000, 127_000, 187_000]);
});

describe('an end that the board does not hear of', () => {
  test.each([
    ['exit', { how: 'returned' }],
    ['crash', { how: 'exited', code: 1 }],
    ['rate-limit', { how: 'exited', code: 75 }],
  ] as const)('%s', async (verdict, expected) => {
    const { ending, wrote } = await run({ verdict });
    expect(ending).toEqual(expected);
    expect(wrote).toEqual(verdict === 'crash' ? [] : ['heartbeat_worker']);
  });
});

test('a call that fails is told to the model, which goes on', async () => {
  const at = { lane: 'a.verifier-1', op: 'disconnect', nth: 2 } as const;
  const { all } = await run({}, [
    { kind: 'io-error', at, lane: 'a.verifier-1', op: 'open', code: 'SQLITE_CANTOPEN', until: { timeMs: 7500 } },
  ]);
  expect(all('call-failed')).toMatchObject([{ worker: 'a.verifier-1', call: 'heartbeat', code: 'SQLITE_CANTOPEN' }]);
  expect(all('verified')).toHaveLength(1);
});
