// The time of a change belongs to a file, not to its name.
import { expect, test } from 'vitest';
import { emptyRecord, type RawRecord } from '../model/record.ts';
import { op, role } from '../model/operations.ts';
import { Tables } from '../observe/tables.ts';
import { Mtimes } from './mtimes.ts';

const p = { name: 'p', number: 0, process: { name: 'p', lanes: [] }, files: ['x.db', 'y.db'] };

function played(...steps: readonly (Partial<RawRecord> & { readonly nowMs: number })[]): Mtimes {
  const tables = new Tables();
  const mtimes = new Mtimes(tables.files);
  for (const [step, { nowMs, ...given }] of steps.entries()) {
    const record = { ...emptyRecord(), role: role.db, ...given };
    tables.see(step, record, p, nowMs);
    mtimes.see(record, p, nowMs);
  }
  return mtimes;
}

const open = (handle: number) => ({ op: op.open, handle, nowMs: 1 });
const write = (handle: number, nowMs: number) => ({ op: op.write, handle, nowMs });

test('two changes never share one', () => {
  const [first, second] = [played(open(1), write(1, 5)), played(open(1), write(1, 5), write(1, 5))];
  expect(first.of('x.db')).toBeGreaterThanOrEqual(5_000_000);
  expect(second.of('x.db')).toBeGreaterThan(first.of('x.db'));
});

test('what is written to a file that has lost its name does not change the one that has it now', () => {
  const mtimes = played(open(1), write(1, 5), { op: op.unlink, nowMs: 6 }, open(2), write(2, 7), write(1, 9));
  expect(mtimes.of('x.db')).toBe(7_000_001);
});

test('it goes along with a new name', () => {
  const mtimes = played(open(1), write(1, 5), { op: op.rename, text: 'y.db', nowMs: 6 });
  expect([mtimes.of('x.db'), mtimes.of('y.db')]).toEqual([0, 5_000_001]);
});

test('two names of one file have one', () => {
  const mtimes = played(open(1), { op: op.link, text: 'y.db', nowMs: 2 }, write(1, 5));
  expect(mtimes.of('y.db')).toBe(mtimes.of('./x.db'));
});
