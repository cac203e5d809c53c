// leaked-connection: one connection stays open, with its files and locks, and the program thinks that it is closed.
import { expect, test } from 'vitest';
import { observed, process } from '../../testing/lab.test-support.ts';
import type { Fault } from '../../model/fault.ts';
import { faultLab, type Seen } from './fault-lab.test-support.ts';

const run = faultLab();
const closing = process('p', 'closing', 3);

/**
 * Connections that `p` has open at its look, by their -wal: SQLite keeps the database's own descriptor of a closed
 * connection too while another of the process holds a lock (os_unix.c, setPendingFd).
 */
function held({ history }: Seen): number {
  return (
    history.looks[0]?.openFiles.filter(({ process: name, file }) => name === 'p' && file === 'lab.db-wal').length ?? -1
  );
}

test('without it, all is closed', async () => {
  expect(held(await run([closing], []))).toBe(0);
});

test.each<[string, Fault]>([
  ['at a close', { kind: 'leaked-connection', at: { lane: 'p', op: 'disconnect', nth: 2 } }],
  ['at an earlier operation', { kind: 'leaked-connection', at: { lane: 'p', op: 'open', role: 'db', nth: 2 } }],
  ['at a step', { kind: 'leaked-connection', at: { step: 0 }, lane: 'p' }],
])('%s: one is left', async (_how, fault) => {
  const seen = await run([closing], [fault]);
  expect(held(seen)).toBe(1);
  expect(observed(seen.history, 'open').filter((open) => open === true)).toHaveLength(1);
  expect(seen.steps.filter(({ op, rc }) => op === 'disconnect' && rc !== 0)).toHaveLength(1);
  expect(seen.history.strikes).toMatchObject([{ kind: 'leaked-connection', nowMs: 0, liftedMs: 0 }]);
  expect(seen.violations).toEqual([]);
});

test('at a time, of a lane named: its next close', async () => {
  const using = process('q', 'using', { sql: ['SELECT count(*) FROM t'], times: 4, everyMs: 1000 });
  const fault: Fault = { kind: 'leaked-connection', at: { timeMs: 1500 }, lane: 'q' };
  const { history, steps } = await run([using], [fault]);
  expect(steps.filter(({ op }) => op === 'disconnect').map(({ rc }) => rc === 0)).toEqual([true, true, false, true]);
  expect(history.strikes).toMatchObject([{ nowMs: 1500, liftedMs: 2000 }]);
});

test('each takes one', async () => {
  const at = (nth: number): Fault => ({ kind: 'leaked-connection', at: { lane: 'p', op: 'disconnect', nth } });
  expect(held(await run([closing], [at(1), at(3)]))).toBe(2);
});
