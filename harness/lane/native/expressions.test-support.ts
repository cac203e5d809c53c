// What the language answers, for both hosts to be asked the same: each operation takes JSON, and gives what JSON can hold.
/* oxlint-disable no-deprecated, no-array-reverse, no-array-sort, no-misused-spread, no-new-array, no-unnecessary-template-expression, no-unsafe-return, number-arg-out-of-range, require-array-sort-compare, restrict-template-expressions -- what programs may write is asked here, not what they should */
import type { Json, World } from '../world.ts';
import { characters, expression, letters, lettersOf } from './texts.test-support.ts';

const bits = new DataView(new ArrayBuffer(8));

/** A double as text that loses nothing: its 64 bits in hexadecimal. */
export function bitsOf(value: number): string {
  bits.setFloat64(0, value);
  return bits.getBigUint64(0).toString(16).padStart(16, '0');
}

export function doubleOf(text: string): number {
  bits.setBigUint64(0, BigInt(`0x${text}`));
  return bits.getFloat64(0);
}

/** Tells apart what JSON does not: -0, NaN, undefined, holes, BigInt. */
function plain(value: unknown): Json {
  if (Number.isNaN(value)) return 'NaN'; // whose bits are nobody's
  if (typeof value === 'number') return Number.isSafeInteger(value) && !Object.is(value, -0) ? value : bitsOf(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
  if (Array.isArray(value))
    return Array.from({ length: value.length }, (_, i) => (i in value ? plain(value[i]) : 'hole'));
  if (ArrayBuffer.isView(value)) return [...(value as unknown as Iterable<number>)].map(plain);
  if (typeof value === 'object') return Object.entries(value).map(([name, one]) => [name, plain(one)]);
  return typeof value;
}

function numberTexts(text: string, figures: number, radix: number): unknown {
  const value = doubleOf(text);
  const inRadix = Math.abs(value) < 2 ** 53 ? value.toString(radix) : '';
  const fixed = [
    value.toFixed(figures),
    value.toPrecision(figures + 1),
    value.toExponential(figures),
    value.toExponential(),
  ];
  return [String(value), JSON.stringify([value]), inRadix, ...fixed, `${-value}`, +`${value}`, [value].join()];
}

function arithmetic(one: string, two: string): unknown {
  const [a, b] = [doubleOf(one), doubleOf(two)];
  const { abs, ceil, clz32, floor, fround, imul, max, min, round, sign, sqrt, trunc } = Math;
  const whole = [a | 0, a >>> 0, a << 3, a >> 1, ~a, imul(a, b), clz32(a)];
  const exact = [abs(a), ceil(a), floor(a), fround(a), max(a, b), min(a, b), round(a), sign(a), sqrt(a), trunc(a)];
  return [a + b, a - b, a * b, a / b, a % b, a ** Math.round(b % 50), ...whole, ...exact, a < b, Object.is(a, b)];
}

function big(a: string, b: string): unknown {
  const [one, two] = [BigInt(a), BigInt(b)];
  const divided = two === 0n ? [] : [one / two, one % two];
  const shifted = [one << (two & 63n), one >> (two & 63n), BigInt.asIntN(64, one), BigInt.asUintN(64, one)];
  return [
    one + two,
    one * two,
    ...divided,
    ...shifted,
    one & two,
    one | two,
    one ^ two,
    ~one,
    one < two,
    Number(one),
    one.toString(36),
  ];
}

function jsonOf(text: string): unknown {
  return [
    JSON.parse(text),
    JSON.stringify(JSON.parse(text), null, 2),
    JSON.parse(text, (key, one: unknown) => (key === 'a' ? 1 : one)),
  ];
}

function numbersIn(text: string): unknown {
  return [Number(text), parseFloat(text), parseInt(text), Number.isNaN(+text), isFinite(text as unknown as number)];
}

function strings(a: string, b: string, n: number): unknown {
  const cut = [
    a.slice(n),
    a.substring(n, 2),
    a.at(-n),
    a.charAt(n),
    a.codePointAt(n),
    a.padStart(n + 9, b),
    a.repeat(n & 3),
  ];
  const found = [a.indexOf(b), a.lastIndexOf(b, n), a.includes(b), a.startsWith(b, n), a.endsWith(b), a.search(/\s/u)];
  const made = [
    a.split(b, 9),
    a.replace(b, '[$&|$`]'),
    a.replaceAll(b, () => '-'),
    a.trim(),
    a.concat(b),
    [...a].reverse(),
  ];
  const formed = [
    a.isWellFormed(),
    a.toWellFormed(),
    a < b,
    a === b,
    JSON.stringify(a),
    encodeURI(a.toWellFormed()),
    escape(a),
  ];
  return [cut, found, made, formed, new TextDecoder().decode(new TextEncoder().encode(a)), a.normalize('NFD').length];
}

/** What a comparator sees is part of the answer, also of one that contradicts itself. */
function sorting(values: readonly number[], how: number): unknown {
  const seen: number[] = [];
  const order = (a: number, b: number): number => {
    seen.push(a, b);
    return how === 0 ? a - b : how === 1 ? b - a : how === 2 ? ((a * 7919 + b * 104_729) % 3) - 1 : (a & 7) - (b & 7);
  };
  const sorted = [...values].sort(order);
  const typed = Float64Array.from(values).sort(order);
  const byText = [...values].toSorted();
  return [sorted, typed, byText, values.toSorted(order), Int16Array.from(values).toSorted(), seen];
}

/** The language as Node 24 has it, of which the library of types knows less. */
interface NewerSet extends Set<number> {
  union(other: Set<number>): NewerSet;
  intersection(other: Set<number>): NewerSet;
  difference(other: Set<number>): NewerSet;
}
interface NewerIterator extends Iterable<number> {
  filter(keeps: (value: number) => boolean): NewerIterator;
  map(made: (value: number) => number): NewerIterator;
  take(most: number): NewerIterator;
  toArray(): number[];
}

function lists(values: readonly number[], n: number): unknown {
  const grouped = Object.groupBy(values, (value) => (value % 2 === 0 ? 'even' : 'odd'));
  const set = new Set(values) as NewerSet;
  const sets = [set.union(new Set([n, 1])), set.intersection(new Set(values.slice(n))), set.difference(new Set([n]))];
  const steps = (values.values() as unknown as NewerIterator)
    .filter((value) => value > n)
    .map((value) => value * 2)
    .take(5);
  return [
    values.with(0, n),
    values.toSpliced(n, 1, 7, 8),
    values.flatMap((value) => [value, [n]]),
    values.findLast((value) => value > n),
    [...values].copyWithin(0, n, n + 3),
    values.join(';'),
    grouped,
    sets.map((one) => [...one]),
    steps.toArray(),
    Object.keys({ b: 1, 2: 1, a: 1, 1: 1, [n]: 1 }),
    Array.from(new Map(values.map((value, i) => [value, i]))),
  ];
}

function bytes(values: readonly number[], n: number): unknown {
  const view = new DataView(new ArrayBuffer(16));
  view.setFloat32(0, values[0] ?? 0);
  view.setInt16(4, n * 1000, true);
  view.setUint32(8, (values[1] ?? 0) * 1e6);
  const all = new Uint8Array(view.buffer);
  return [
    all,
    Float32Array.from(values),
    Int8Array.from(values),
    Uint8ClampedArray.from(values, (value) => value / 3),
    all.subarray(n & 7, 9).indexOf(0),
    BigInt64Array.from([BigInt(n)], (one) => one * -3n),
    all.buffer.slice(4, 6).byteLength,
    all.toReversed(),
    Int16Array.from(values).with(0, 70_000),
  ];
}

function dates(ms: number, months: number): unknown {
  const date = new Date(ms);
  const later = new Date(ms);
  later.setUTCMonth(later.getUTCMonth() + months);
  const parts = [
    date.getUTCDay(),
    date.getFullYear(),
    date.getHours(),
    date.getTimezoneOffset(),
    date.getUTCMilliseconds(),
  ];
  const texts = [
    date.toISOString(),
    JSON.stringify(date),
    date.toUTCString(),
    `${date}`,
    date.toTimeString(),
    date.toDateString(),
    `${new Date(NaN)}`,
  ];
  return [
    parts,
    texts,
    later.getTime(),
    Date.UTC(2026, months, 31, 25),
    Date.parse(texts[0]?.slice(0, 8).concat('07') ?? ''),
  ];
}

/** Which error there is, and what a program can know of it without its words. */
function failures(n: number): unknown {
  const nothing = JSON.parse('null') as { deep: { deeper: () => void } };
  const acts: readonly (() => unknown)[] = [
    () => nothing.deep,
    () => (nothing as unknown as () => void)(),
    () => (({}) as { a: { b: number } }).a.b,
    () => new Array(-1),
    () => 'a'.repeat(-1),
    () => (1).toFixed(101),
    () => BigInt('x'),
    () => BigInt(1.5),
    () => 1n + (1 as unknown as bigint),
    () => JSON.parse('{'),
    () => Object.defineProperty(Object.freeze({}), 'a', { value: 1 }),
    () => Object.assign(Object.freeze({ a: 1 }), { a: 2 }),
    () => `${Symbol('a') as unknown as string}`,
    () => [...(1 as unknown as number[])],
    () => decodeURIComponent('%'),
    () => new (Symbol as unknown as new () => void)(),
    () => Reflect.construct(1 as unknown as () => void, []),
    () => [].reduce((a) => a),
    () => new Uint8Array(new ArrayBuffer(2), 3),
    () => new DataView(new ArrayBuffer(1)).getInt16(0),
    () => 'a'.normalize('x'),
    () => new Date(NaN).toISOString(),
    () => structuredName(n),
  ];
  return acts.map((act) => {
    try {
      return plain(act());
    } catch (error) {
      const { name } = error as Error;
      return [
        name,
        error instanceof Error,
        Object.prototype.toString.call(error),
        Object.hasOwn(error as Error, 'message'),
      ];
    }
  });
}

class Refused extends Error {
  override name = 'Refused';
}

function structuredName(n: number): never {
  throw new Refused('no', { cause: n });
}

function errorsMade(text: string): unknown {
  const inner = new RangeError(text);
  const outer = new Refused(text, { cause: inner });
  const many = new AggregateError([inner, 1], text);
  const names = (error: Error): unknown => [
    Object.getOwnPropertyNames(error),
    Object.keys(error),
    String(error),
    error.name,
  ];
  return [
    names(inner),
    names(outer),
    names(many),
    (outer.cause as Error).message,
    many.errors.length,
    (Error as unknown as { isError(error: unknown): boolean }).isError(inner),
  ];
}

export const operations = {
  numberTexts,
  arithmetic,
  big,
  jsonOf,
  numbersIn,
  strings,
  letters,
  expression,
  characters,
  lettersOf,
  sorting,
  lists,
  bytes,
  dates,
  failures,
  errorsMade,
} as const;

export type Question = readonly [keyof typeof operations, ...Json[]];

export function answer([name, ...given]: Question): Json {
  try {
    return plain((operations[name] as unknown as (...given: readonly Json[]) => unknown)(...given));
  } catch (error) {
    return ['threw', (error as Error).name];
  }
}

/** Answers each question in an observation of its own. */
export function answering(world: World, args: Json): void {
  for (const question of args as unknown as readonly Question[]) world.observe('answer', answer(question));
}
