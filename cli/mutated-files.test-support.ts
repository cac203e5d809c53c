// Files as strangers, disks and editors leave them: real ones with bits turned, cut, spliced, in other encodings, and with
// other values in some place of their JSON. What stays out: who reads them (strangers-files.test.ts).
import fc from 'fast-check';

/** Stands in a value for text that no value can be written as. */
const rawMark = '\uE000raw\uE000';

const climbing = 'a\n/../../../../OUT/file';
const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

/** Values of other kinds, sizes and characters. */
const values: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  2 ** 53,
  1e308,
  '',
  '..',
  '/etc/passwd',
  climbing,
  'a\r/../b',
  'a\u2028/../b',
  '\u001b[2J\u001b]0;title\u0007',
  '\u202Eevil\u009b31m\u0085',
  '\0\ud800',
  'x'.repeat(100_000),
  [],
  {},
  [[[[null]]]],
  Array.from({ length: 3000 }, () => ({ kind: 'orphan', at: { step: 1 }, process: 'gateway-1' })),
  Array.from({ length: 3000 }, () => ({ kind: 'flood', '\u001b[31m': 1 })),
  Array.from({ length: 5000 }, (_, i) => i),
  Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`\u001bkey ${i}`, i])),
  { constructor: { prototype: 1 }, toString: null },
];

/** JSON that JSON.stringify does not write. */
const raws = [
  deep(20_000),
  `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`,
  '1e999',
  '-0',
  '123456789012345678901234567890',
  '{"__proto__": {"polluted": true}}',
  '{"at": 1, "at": 2, "kind": "kill", "kind": "pause"}',
  '{"format": 1, "format": 2}',
  "'single'",
  'NaN',
  '"\u0001"',
  '"\\u00"',
  '[1,]',
] as const;

type Path = readonly (string | number)[];

/** A way down into a value, the same for the same number; it ends at a leaf, or before. */
function pathIn(json: unknown, place: number): Path {
  const path: (string | number)[] = [];
  let value = json;
  let turn = place;
  while (typeof value === 'object' && value !== null && path.length < 12) {
    turn = (Math.imul(turn, 1_103_515_245) + 12_345) >>> 0;
    const parts = Object.entries(value);
    const [key, part] = parts[(turn >>> 8) % Math.max(1, parts.length)] ?? [];
    if (key === undefined || (path.length > 0 && (turn >>> 4) % 5 === 0)) break;
    path.push(Array.isArray(value) ? Number(key) : key);
    value = part;
  }
  return path;
}

function valueAt(json: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, key) => (value as Container)[key], json);
}

type Container = Record<string | number, unknown>;

/** The value with another one in one place, or with one more field there. */
function changed(json: unknown, path: Path, value: unknown, field: string | undefined): unknown {
  const copy = { root: structuredClone(json) };
  let place: Container = copy;
  let last: string | number = 'root';
  for (const key of path) {
    place = place[last] as Container;
    last = key;
  }
  if (field === undefined) place[last] = value;
  else if (typeof place[last] === 'object' && place[last] !== null) (place[last] as Container)[field] = value;
  return copy.root;
}

/** A change of a file, as numbers that mean a place and a kind in whichever file it is. */
interface Change {
  readonly kind: number;
  readonly place: number;
  readonly other: number;
  readonly bytes: Uint8Array;
}

const at = <T>(list: readonly T[], place: number): T => list[place % list.length] as T;

const fields = ['__proto__', 'constructor', '\u001b[31mred', 'extra', 'kind', '\n::error::'] as const;

function jsonChange(file: Buffer, change: Change): Buffer {
  try {
    return changedJson(file, change);
  } catch (error) {
    // An earlier change has made it no JSON, or so deep that nothing walks it.
    if (error instanceof SyntaxError || error instanceof RangeError) return file;
    throw error;
  }
}

function changedJson(file: Buffer, { kind, place, other }: Change): Buffer {
  const json = JSON.parse(file.toString()) as unknown;
  const raw = kind % 3 === 0 ? at(raws, other) : undefined;
  const value = raw !== undefined ? rawMark : kind % 2 === 0 ? at(values, other) : valueAt(json, pathIn(json, other));
  const field = kind % 5 === 0 ? at(fields, other) : undefined;
  const text = JSON.stringify(changed(json, pathIn(json, place), value, field));
  return Buffer.from(raw === undefined ? text : text.replace(`"${rawMark}"`, () => raw));
}

const byteChanges: readonly ((file: Buffer, change: Change, another: Buffer) => Buffer)[] = [
  (file, { place, other }) => {
    const turned = Buffer.from(file);
    const index = place % Math.max(1, turned.length);
    turned.fill((turned[index] ?? 0) ^ (1 << (other % 8)), index, index + 1);
    return turned;
  },
  (file, { place }) => file.subarray(0, place % (file.length + 1)),
  (file, { place, other }, another) => {
    const from = other % (another.length + 1);
    const to = place % (file.length + 1);
    return Buffer.concat([file.subarray(0, to), another.subarray(from, from + (place % 5000)), file.subarray(to)]);
  },
  (file, { place, bytes }) => {
    const to = place % (file.length + 1);
    return Buffer.concat([file.subarray(0, to), bytes, file.subarray(to)]);
  },
  (file, { place, other }) => {
    const [from, to] = [place, other].map((end) => end % (file.length + 1)).toSorted((a, b) => a - b);
    return Buffer.concat([file.subarray(0, from), file.subarray(to)]);
  },
  (file) => Buffer.concat([Buffer.from('\uFEFF'), file]),
  (file) => Buffer.from(`\uFEFF${file.toString()}`, 'utf16le'),
  (file) => Buffer.from(file.toString(), 'utf16le').swap16(),
  (file) => Buffer.concat([file, file]),
  (file, { place }) => Buffer.concat([file, Buffer.alloc(place % 4096)]),
];

function mutated(file: Buffer, another: Buffer, changes: readonly Change[]): Buffer {
  return changes.reduce((before, change) => {
    const bytes = change.kind % 4 === 0;
    return bytes ? at(byteChanges, change.other)(before, change, another) : jsonChange(before, change);
  }, file);
}

const number = fc.nat({ max: 0x7fffffff });
const change: fc.Arbitrary<Change> = fc.record({
  kind: number,
  place: number,
  other: number,
  bytes: fc.uint8Array({ maxLength: 20 }),
});

/** A real file of a list, changed in one to three places. */
export function mutatedFiles(files: readonly Buffer[]): fc.Arbitrary<Buffer> {
  return fc
    .tuple(number, number, fc.array(change, { minLength: 1, maxLength: 3 }))
    .map(([one, two, changes]) => mutated(at(files, one), at(files, two), changes));
}
