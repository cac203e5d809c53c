// file-damage: what is left of files beside the database, and that the database is never meant.
import { describe, expect, test } from 'vitest';
import type { FaultOf } from '../../model/fault.ts';
import { observed, process } from '../../testing/lab.test-support.ts';
import { faultLab } from './fault-lab.test-support.ts';

const run = faultLab();
type Damage = FaultOf<'file-damage'>;
const damage = (how: Damage['how'], more: Partial<Damage> = {}): Damage => {
  return { kind: 'file-damage', at: { timeMs: 500 }, how, folder: 'beside', ...more };
};
/** Writes `beside/part.9` and `beside/part.10`, ten bytes each, and a second later says what is there. */
const keeper = process('k', 'keepingBeside', { laterMs: 1000 });
const left = async (...faults: readonly Damage[]) => {
  const { history, notes } = await run([keeper], faults);
  return { notes, left: observed(history, 'beside')[0] };
};
const whole = 'abcdefghij';

test.each<readonly [Damage, unknown]>([
  [damage('truncate', { nth: 1, byte: 3 }), { 'part.9': whole, 'part.10': 'abc' }],
  [damage('truncate', { nth: 2, byte: 0 }), { 'part.9': '', 'part.10': whole }],
  [damage('remove', { nth: 1 }), { 'part.9': whole }],
  [damage('remove', { begins: 'part.9' }), { 'part.10': whole }],
  [damage('remove-all', { begins: 'part.' }), {}],
  [damage('remove-all'), null],
])('%j', async (fault, expected) => {
  expect((await left(fault)).left).toEqual(expected);
});

test('flip: one byte is another, the same one each time', async () => {
  const found = await left(damage('flip', { nth: 1 }));
  const { 'part.10': flipped = '', 'part.9': other } = found.left as Record<string, string>;
  expect(other).toBe(whole);
  expect([...whole].filter((letter, i) => flipped[i] !== letter)).toHaveLength(1);
  expect(found.notes).toEqual([expect.stringMatching(/^beside\/part\.10: byte \d of 10 is \d+ instead of \d+$/)]);
});

describe('nothing to strike', () => {
  test.each<readonly [Damage, string]>([
    [damage('remove', { folder: 'elsewhere' }), '0 files in elsewhere could be meant, so nothing was done'],
    [damage('flip', { nth: 3 }), '2 files in beside could be meant, so nothing was done'],
    [damage('flip', { nth: 1, byte: 10 }), 'beside/part.10 has 10 bytes and none of number 10, so it was left alone'],
  ])('%j', async (fault, note) => {
    expect(await left(fault)).toEqual({ notes: [note], left: { 'part.9': whole, 'part.10': whole } });
  });
});

test('the database and its sidecars are left alone', async () => {
  const { history } = await run([keeper], [damage('remove-all', { folder: '.', begins: 'lab.db' })]);
  expect(history.autopsy.files.map(({ name }) => name)).toContain('lab.db');
  expect(history.strikes[0]?.changed).toBeUndefined();
});

test('a name that was taken away means another file afterwards', async () => {
  const rewriter = process('k', 'keepingBeside', { laterMs: 1000, again: true });
  const { history } = await run([rewriter], [damage('remove', { nth: 1 })]);
  expect(observed(history, 'beside')[0]).toEqual({ 'part.9': whole, 'part.10': 'again' });
});
