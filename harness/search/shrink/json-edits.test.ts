// Edits of a JSON value: each changes what its path names, nothing else, and what it offers is smaller.
import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../model/values.ts';
import { keys, leaves, lists, partAt, parts, type Path, renumbered, simpler, withPart } from './json-edits.ts';

const json = fc.jsonValue({ maxDepth: 4 }).map((value) => value as Json);
const copy = (value: Json): Json => structuredClone(value);
const isContainer = (value: Json | undefined) => typeof value === 'object' && value !== null;

/** A value and the path of one of its parts. */
const pathIn = json.chain((value) => {
  const paths = [...parts(value)].map(({ path }) => path);
  return fc.constantFrom(...paths).map((path) => ({ value, path }));
});

describe('parts', () => {
  property.prop([json])('stand where their paths say, the outer before the inner, each once', (value) => {
    const all = [...parts(value)];
    const seen = new Set<string>();
    for (const { path, value: part } of all) {
      expect(partAt(value, path)).toBe(part);
      const key = JSON.stringify(path);
      expect(seen.has(key)).toBe(false);
      seen.add(key);
      if (path.length > 0) expect(seen.has(JSON.stringify(path.slice(0, -1)))).toBe(true);
    }
    const inner = all
      .filter(({ value: part }) => isContainer(part))
      .map(({ value: part }) => Object.keys(part as object));
    expect(all).toHaveLength(1 + inner.flat().length);
  });

  const names = fc.constantFrom('length', 'constructor', 'toString', '__proto__', 'a');
  property.prop([json, fc.array(fc.oneof(fc.string(), names, fc.nat(5)), { maxLength: 4 })])(
    'are nowhere else',
    (value, path) => {
      const there = [...parts(value)].some((part) => part.path.map(String).join('\0') === path.map(String).join('\0'));
      if (partAt(value, path) !== undefined) expect(there).toBe(true);
    },
  );
});

describe('another part', () => {
  property.prop([pathIn, json])('is there, and all else is as it was', ({ value, path }, part) => {
    const before = copy(value);
    const changed = withPart(value, path, part);
    expect(value).toEqual(before);
    expect(partAt(changed, path)).toEqual(part);
    for (const other of parts(value)) {
      const apart = !isPrefix(other.path, path) && !isPrefix(path, other.path);
      if (apart) expect(partAt(changed, other.path)).toEqual(other.value);
    }
  });

  property.prop([pathIn])('the same part changes nothing', ({ value, path }) => {
    expect(withPart(value, path, partAt(value, path))).toEqual(value);
  });

  property.prop([pathIn])('none: there is one part less where it was, and the rest moves up', ({ value, path }) => {
    const without = withPart(value, path, undefined);
    const key = path.at(-1);
    const parent = path.slice(0, -1);
    const [before, after] = [partAt(value, parent), partAt(without, parent)];
    const expected = Array.isArray(before)
      ? (before as readonly Json[]).filter((_, i) => i !== key)
      : Object.fromEntries(Object.entries((before ?? {}) as object).filter(([name]) => name !== key));
    expect(after).toEqual(key === undefined ? null : expected);
  });
});

function isPrefix(one: Path, other: Path): boolean {
  return one.every((key, i) => key === other[i]);
}

property.prop([json])('lists: just those with entries, the heaviest first', (value) => {
  const found = lists(value).map((path) => partAt(value, path));
  const all = [...parts(value)].filter(({ value: part }) => Array.isArray(part) && part.length > 0);
  expect(found).toHaveLength(all.length);
  const weights = found.map((list) => {
    expect(Array.isArray(list)).toBe(true);
    return JSON.stringify(list).length;
  });
  expect(weights).toEqual(weights.toSorted((a, b) => b - a));
});

property.prop([json])('keys: those of all objects', (value) => {
  const objects = [...parts(value)].filter(({ value: part }) => isContainer(part) && !Array.isArray(part));
  expect(keys(value)).toHaveLength(objects.flatMap(({ value: part }) => Object.keys(part as object)).length);
  for (const path of keys(value)) expect(partAt(value, path)).not.toBeUndefined();
});

property.prop([json])('leaves: whole numbers above 0, and true', (value) => {
  const found = leaves(value).map((path) => partAt(value, path));
  for (const leaf of found) expect(leaf === true || (Number.isInteger(leaf) && Number(leaf) > 0)).toBe(true);
  const all = [...parts(value)].filter(
    ({ value: part }) => part === true || (Number.isInteger(part) && Number(part) > 0),
  );
  expect(found).toHaveLength(all.length);
});

describe('simpler', () => {
  property.prop([fc.integer({ min: 1, max: 2 ** 40 })])('numbers are smaller, begin at 0 and come close', (leaf) => {
    const values = [...simpler(leaf)].map(Number);
    expect(values[0]).toBe(0);
    expect(values).toContain(leaf - 1);
    if (leaf > 1) expect(values).toContain(1);
    for (const value of values) expect(value >= 0 && value < leaf && Number.isInteger(value)).toBe(true);
    expect(values.length).toBeLessThan(60);
  });

  test('of true there is false, of all else nothing', () => {
    expect([...simpler(true)]).toEqual([false]);
    for (const leaf of [false, null, 'x', 0] as const) expect([...simpler(leaf)]).toEqual([]);
  });
});

describe('renumbered', () => {
  test('the names of later entries move up, everywhere, and no other text', () => {
    const value = {
      operator: [{ gateway: 'gateway-3' }, { process: 'gateway-4/notifier' }, { gateway: 'gateway-1' }],
      names: ['gateway-2', 'gateway-12', 'gateway-3x', 'my-gateway-3', 'gateway-', 'writer-3', 3, null, true],
    };
    expect(renumbered(value, 'gateways', 1)).toEqual({
      operator: [{ gateway: 'gateway-2' }, { process: 'gateway-3/notifier' }, { gateway: 'gateway-1' }],
      names: ['gateway-2', 'gateway-11', 'gateway-3x', 'my-gateway-3', 'gateway-', 'writer-3', 3, null, true],
    });
  });

  property.prop([fc.integer({ min: 2, max: 40 }), fc.nat(100), fc.stringMatching(/^[a-zA-Z.()[*+?-]{1,8}$/)])(
    'those that are left have the names of their places',
    (count, which, list) => {
      const gone = which % count;
      const stem = list.replace(/s$/, '');
      const names = Array.from({ length: count }, (_, i) => `${stem}-${i + 1}`);
      expect(renumbered(names.toSpliced(gone, 1), list, gone)).toEqual(names.slice(0, -1));
    },
  );

  property.prop([json, fc.nat(5)])('without such names nothing changes', (value, gone) => {
    expect(renumbered(value, 'gateways', gone)).toEqual(value);
  });
});
