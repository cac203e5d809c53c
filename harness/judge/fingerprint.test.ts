// Which runs count as the same one: those that did the same, whatever bytes and words came with it.
import { expect, test } from 'vitest';
import { emptyRecord, type RawRecord } from '../model/record.ts';
import { op } from '../model/operations.ts';
import { Fingerprint } from './fingerprint.ts';

function of(...records: readonly Partial<RawRecord>[]): string {
  const fingerprint = new Fingerprint();
  records.forEach((record, step) => fingerprint.see(step, { ...emptyRecord(), ...record }));
  return fingerprint.text;
}

const write = { op: op.write, lane: 1, file: 2, a: 512, b: 4096 };
const sync = { op: op.sync, lane: 2 };

test('bytes and words make no other run', () => {
  expect(of({ ...write, sum: 1, text: 'a' }, sync)).toBe(of({ ...write, sum: 2, text: 'b' }, sync));
});

test('order, lane, file, arguments and result do', () => {
  const others = [
    of(sync, write),
    of(write),
    of(write, sync, sync),
    ...(['op', 'role', 'lane', 'file', 'rc', 'a', 'b'] as const).map((field) =>
      of({ ...write, [field]: (write[field as keyof typeof write] ?? 0) + 1 }, sync),
    ),
    of({ ...write, b: 4096 + 2 ** 32 }, sync),
  ];
  expect(new Set([of(write, sync), ...others]).size).toBe(others.length + 1);
});

test('a hundred thousand runs that differ in one place are told apart', () => {
  const texts = Array.from({ length: 100_000 }, (_, i) => of({ ...write, b: i * 512 }, sync));
  expect(new Set(texts).size).toBe(100_000);
});
