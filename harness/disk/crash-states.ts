// The states in which a power loss can leave the disk at one moment, by number: nothing lost, everything, each prefix, each operation by
// itself, each pair, the last write to each file torn, names old or new whatever becomes of the data; and what a file system's model adds
// or forbids. What stays out: moments (crash-points.ts), and the bytes (image.ts).
import type { CrashState } from '../model/crash.ts';
import { largeSectorBytes } from '../model/file-systems.ts';
import { type DiskOperation, isOnData } from '../model/disk.ts';
import { type DurableDisk, isMetadata } from './durable-disk.ts';

type Rest = Pick<CrashState, 'torn' | 'spoilt'> & { readonly hollow?: readonly number[] };
/** What gets lost, by numbers of operations. */
export interface LossByNumber extends Rest {
  readonly lost: readonly number[];
}

/** So many states, each by its number. */
interface Family {
  readonly count: number;
  at(index: number): LossByNumber;
}

/**
 * @property first states that are tried in any case: nothing and everything lost
 * @property count how many there are; two of them may be alike
 * @property at one of them, from 0 on
 */
export interface StatesAt {
  readonly first: number;
  readonly count: number;
  at(index: number): CrashState;
}

/** Neighbours become ranges. */
function rangesOf(numbers: readonly number[]): [number, number][] {
  const ranges: [number, number][] = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === number - 1) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges;
}

/** The pair of this number: (0,1), (0,2), (1,2), (0,3) … */
function pairAt(index: number): readonly [number, number] {
  const second = Math.floor((1 + Math.sqrt(1 + 8 * index)) / 2);
  return [index - (second * (second - 1)) / 2, second];
}

/** How many bytes of a write can be there when it is torn. */
export function tearsOf(
  operation: Extract<DiskOperation, { readonly kind: 'write' }>,
  atomicBytes: number,
): readonly number[] {
  const first = atomicBytes - (operation.offset % atomicBytes);
  const tears: number[] = [];
  for (let bytes = first; bytes < operation.bytes.length; bytes += atomicBytes) tears.push(bytes);
  return tears;
}

/** Does it write only a part of a sector? */
export function isPartOfSectors({ offset, bytes }: Extract<DiskOperation, { readonly kind: 'write' }>): boolean {
  return offset % largeSectorBytes !== 0 || bytes.length % largeSectorBytes !== 0;
}

/**
 * Where names and sizes keep their order, none is there without those before it. A write that makes its file longer counts as one, also
 * where it is torn.
 */
function inOrder(disk: DurableDisk, loss: LossByNumber): LossByNumber {
  if (disk.model.order === 'none') return loss;
  const lost = new Set(loss.lost);
  let broken = false;
  for (const number of disk.pending) {
    if (!disk.isOrdered(number)) continue;
    if (broken) lost.add(number);
    broken ||= lost.has(number) || loss.torn?.operation === number;
  }
  return { ...loss, lost: [...lost] };
}

/** The states at the moment at which `disk` stands, which is before operation `before`. */
export function statesAt(disk: DurableDisk, before: number): StatesAt {
  const pending = [...disk.pending];
  const data = pending.filter((number) => isOnData(disk.operation(number)));
  const names = pending.filter((number) => !isOnData(disk.operation(number)));
  const families = [...familiesOf(disk, pending, data, names)].filter(({ count }) => count > 0);
  const count = families.reduce((all, family) => all + family.count, 0);
  const at = (index: number): CrashState => {
    let left = index;
    for (const family of families) {
      if (left < family.count) return stateWith(disk, before, family.at(left));
      left -= family.count;
    }
    throw new Error(`There are ${count} states, and none of number ${index}.`);
  };
  return { first: pending.length === 0 ? 1 : 2, count, at };
}

function* familiesOf(
  disk: DurableDisk,
  pending: readonly number[],
  data: readonly number[],
  names: readonly number[],
): Iterable<Family> {
  yield { count: 1, at: () => ({ lost: [] }) };
  if (pending.length === 0) return;
  yield { count: 1, at: () => ({ lost: pending }) };
  yield { count: pending.length - 1, at: (i) => ({ lost: pending.slice(i + 1) }) };
  yield { count: pending.length, at: (i) => ({ lost: pending.slice(i, i + 1) }) };
  yield* torn(disk, data, names);
  yield* ofModel(disk, data, names);
  if (data.length > 0 && names.length > 0) {
    // Names are written at another time than data.
    yield { count: data.length + 1, at: (i) => ({ lost: [...names, ...data.slice(i)] }) };
    yield { count: data.length, at: (i) => ({ lost: data.slice(i) }) };
    yield { count: data.length, at: (i) => ({ lost: [...names, ...data.slice(i, i + 1)] }) };
    yield { count: names.length, at: (i) => ({ lost: names.slice(i) }) };
    yield { count: names.length, at: (i) => ({ lost: [...data, ...names.slice(i, i + 1)] }) };
  }
  yield {
    count: (pending.length * (pending.length - 1)) / 2,
    at: (i) => ({ lost: pairAt(i).map((one) => pending[one] ?? 0) }),
  };
}

/** The last write to each file gets there in part; names are new, or old. */
function* torn(disk: DurableDisk, data: readonly number[], names: readonly number[]): Iterable<Family> {
  const { atomicBytes } = disk.model;
  const last = new Map<number, { readonly number: number; readonly tears: readonly number[] }>();
  for (const number of data) {
    const operation = disk.operation(number);
    if (operation.kind === 'write') last.set(operation.file, { number, tears: tearsOf(operation, atomicBytes) });
  }
  for (const { number, tears } of last.values())
    for (const lost of names.length === 0 ? [[]] : [[], names])
      yield { count: tears.length, at: (i) => ({ lost, torn: { operation: number, bytes: tears[i] ?? 0 } }) };
}

function* ofModel(disk: DurableDisk, data: readonly number[], names: readonly number[]): Iterable<Family> {
  const { spoils, order } = disk.model;
  const writes = data.filter((number) => disk.operation(number).kind === 'write');
  if (spoils) {
    const parts = writes.filter((number) => {
      const operation = disk.operation(number);
      return operation.kind === 'write' && isPartOfSectors(operation);
    });
    const after = (number: number) => [...data, ...names].filter((one) => one > number);
    yield { count: parts.length, at: (i) => ({ lost: [], spoilt: parts[i] ?? 0 }) };
    yield { count: parts.length, at: (i) => ({ lost: after(parts[i] ?? 0), spoilt: parts[i] ?? 0 }) };
  }
  if (order === 'writeback') {
    const longer = writes.filter((number) => isMetadata(disk.operation(number)));
    yield { count: longer.length, at: (i) => ({ lost: [], hollow: longer.slice(i, i + 1) }) };
    yield { count: longer.length, at: (i) => ({ lost: [], hollow: longer.slice(i) }) };
  }
}

/** The state at the moment at which `disk` stands in which so much gets lost, and what cannot be there without it. */
export function stateWith(disk: DurableDisk, before: number, loss: LossByNumber): CrashState {
  const { lost, hollow, torn: tear, spoilt } = inOrder(disk, loss);
  const sorted = lost.toSorted((a, b) => a - b);
  const isPending = new Set(disk.pending);
  // A range may span what is on the disk anyway: then there are fewer.
  const joined: [number, number][] = [];
  for (const [from, to] of rangesOf(sorted)) {
    const last = joined.at(-1);
    const between = last === undefined ? [] : Array.from({ length: from - last[1] - 1 }, (_, i) => last[1] + 1 + i);
    if (last !== undefined && between.every((number) => !isPending.has(number))) last[1] = to;
    else joined.push([from, to]);
  }
  return {
    before,
    lost: joined,
    ...(hollow === undefined || hollow.length === 0 ? {} : { hollow: rangesOf(hollow) }),
    ...(tear === undefined ? {} : { torn: tear }),
    ...(spoilt === undefined ? {} : { spoilt }),
  };
}
