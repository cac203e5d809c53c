// Smaller versions of a JSON value: lists without some entries, objects without a key, smaller numbers (by fast-check).
// Every candidate is checked against a schema by who asks. What stays out: which candidates still fail.
import fc from 'fast-check';
import type { Json } from '../../model/values.ts';

/** Keys and indexes that lead from the root to a part. */
export type Path = readonly (string | number)[];

type JsonObject = { readonly [key: string]: Json };

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An entry or a key, and not what every list or object has, such as `length`. */
function isPart(value: object, key: string | number): boolean {
  return Object.prototype.propertyIsEnumerable.call(value, key);
}

/** The part at a path; undefined where there is none. */
export function partAt(root: Json, path: Path): Json | undefined {
  let part: Json | undefined = root;
  for (const key of path) {
    if (part === undefined || part === null || typeof part !== 'object' || !isPart(part, key)) return undefined;
    part = (part as { readonly [key: string | number]: Json })[key];
  }
  return part;
}

/** A copy with another part at a path, or with none there; the path must lead somewhere. */
export function withPart(root: Json, path: Path, part: Json | undefined): Json {
  const [key, ...rest] = path;
  if (key === undefined) return part ?? null;
  if (isList(root)) {
    const inner = rest.length === 0 ? part : withPart(root[Number(key)] ?? null, rest, part);
    return inner === undefined ? root.toSpliced(Number(key), 1) : root.with(Number(key), inner);
  }
  const object = root as JsonObject;
  const inner = rest.length === 0 ? part : withPart(object[key] ?? null, rest, part);
  if (inner !== undefined) return { ...object, [key]: inner };
  return Object.fromEntries(Object.entries(object).filter(([name]) => name !== key));
}

/** Every part of a value with its path, the value itself included, outer ones first. */
export function* parts(value: Json, path: Path = []): Generator<{ readonly path: Path; readonly value: Json }> {
  yield { path, value };
  if (isList(value)) for (const [i, entry] of value.entries()) yield* parts(entry, [...path, i]);
  else if (isObject(value)) for (const [key, entry] of Object.entries(value)) yield* parts(entry, [...path, key]);
}

/** Paths of all lists that have entries, those with the most in them first. */
export function lists(value: Json): readonly Path[] {
  return [...parts(value)]
    .flatMap(({ path, value: part }) =>
      isList(part) && part.length > 0 ? [{ path, weight: JSON.stringify(part).length }] : [],
    )
    .toSorted((a, b) => b.weight - a.weight)
    .map(({ path }) => path);
}

/** Paths of the keys of all objects: a schema says which of them can go. */
export function keys(value: Json): readonly Path[] {
  return [...parts(value)].flatMap(({ path, value: part }) =>
    isObject(part) ? Object.keys(part).map((key) => [...path, key]) : [],
  );
}

/** Paths of all whole numbers above 0 and of all `true`. */
export function leaves(value: Json): readonly Path[] {
  return [...parts(value)].flatMap(({ path, value: part }) =>
    part === true || (typeof part === 'number' && Number.isInteger(part) && part > 0) ? [path] : [],
  );
}

/** Simpler values of a leaf, the simplest first: as fast-check shrinks them. */
export function* simpler(leaf: Json): Generator<Json> {
  if (leaf === true) yield false;
  if (typeof leaf !== 'number') return;
  for (const { value } of fc.integer({ min: 0, max: leaf }).shrink(leaf, undefined)) yield value;
  if (leaf > 2) yield 1;
}

/**
 * Names that count entries of a list (`gateway-3` for the third of `gateways`) after one of the entries is gone: those of
 * later ones move up, everywhere in a value.
 *
 * @param list key of the list; its entries are named after it, without the plural
 * @param gone index of the entry that was taken away
 */
export function renumbered(value: Json, list: string, gone: number): Json {
  const stem = `${list.replace(/s$/, '')}-`;
  const earlier = (number: string) => (Number(number) > gone + 1 ? String(Number(number) - 1) : number);
  const move = (name: string) =>
    name.startsWith(stem) ? stem + name.slice(stem.length).replace(/^\d+(?=$|\/)/, earlier) : name;
  const walk = (part: Json): Json => {
    if (typeof part === 'string') return move(part);
    if (isList(part)) return part.map(walk);
    if (isObject(part)) return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, walk(inner)]));
    return part;
  };
  return walk(value);
}
