// The wire between gate.c and the coordinator: how records, frames, grants and traps lie in bytes. The tables of gate.c
// once more; protocol.test.ts compares them name by name. What stays out: what a record means (model/record.ts).
import { descriptorKinds, op, type Operation, role, stepKinds } from '../model/operations.ts';
import { type RawRecord, recordFlag } from '../model/record.ts';

/**
 * `doomed`: the process is about to die of SIGBUS, on a mapping of a file that somebody made shorter. `step`: it has taken a step, and
 * waits for {@link stepSeen}, where the grant says so.
 */
export const frameKind = { flush: 0, park: 1, hello: 2, leave: 3, doomed: 4, step: 5 } as const;
export const grantAction = { go: 0, fail: 1, torn: 2, raw: 3 } as const;
export const grantFlag = { stopping: 1, watched: 2, unguarded: 4, collect: 8, stepwise: 16, sql: 32 } as const;

/** Where the fields of each struct lie, in bytes from its beginning, and its size. */
const at = {
  record: {
    op: 0,
    role: 1,
    flags: 2,
    pad: 3,
    lane: 4,
    file: 6,
    rc: 8,
    handle: 12,
    a: 16,
    extra: 20,
    b: 24,
    sum: 32,
    hostErrno: 36,
    size: 40,
  },
  frame: { bytes: 0, steps: 4, points: 8, kind: 12, descriptor: 14, size: 16 },
  grant: {
    action: 0,
    code: 4,
    budget: 8,
    softSteps: 12,
    hardSteps: 16,
    flags: 20,
    traps: 24,
    replyBytes: 28,
    newsBytes: 32,
    pad: 36,
    now: 40,
    size: 48,
  },
  trap: { ops: 0, opsFrom64: 8, roles: 16, left: 20, taking: 24, pad: 28, size: 32 },
} as const;

export const frameBytes = at.frame.size;
export const grantBytes = at.grant.size;
export const trapsMax = 64;
/** The answer to a frame of kind `step`. */
export const stepSeen = Uint8Array.of(1);
/** In a grant: no limit. */
export const unlimited = 0xffffffff;

function numbersOf(kinds: { readonly [kind: string]: Operation }): { readonly [kind: string]: number } {
  return Object.fromEntries(Object.entries(kinds).map(([kind, name]) => [kind, op[name]]));
}

/** All that gate.c has too: what lockstep_layout() of a matching one answers, as JSON. */
export const layout = {
  operations: op,
  stepKinds: numbersOf(stepKinds),
  descriptorKinds: numbersOf(descriptorKinds),
  roles: role,
  recordFlags: recordFlag,
  grantActions: grantAction,
  grantFlags: grantFlag,
  frameKinds: frameKind,
  limits: { trapsMax },
  ...at,
};

/**
 * Parks the lane before the `left`-th next step whose operation and role are in these sets: bit n is there for number n.
 *
 * @property taking of locks of a wal-index those that are taken only, none that is given back
 */
export interface Trap {
  readonly ops: bigint;
  readonly roles: number;
  readonly left: number;
  readonly taking?: boolean;
}

export const anyOp = 2n ** 128n - 1n;
export const anyRole = 0xffffffff;

/** @param numbers of operations */
export function opSet(numbers: readonly number[]): bigint {
  return numbers.reduce((set, number) => set | (1n << BigInt(number)), 0n);
}

/** @param numbers of roles */
export function roleSet(numbers: readonly number[]): number {
  return numbers.reduce((set, number) => set | (1 << number), 0);
}

/**
 * What a parked lane may do next.
 *
 * @property budget switch points it may pass, the pending one included
 * @property softSteps after this many steps it parks at the first switch point
 * @property hardSteps after this many steps it parks before the next step, whatever that is (but never before
 *   `randomness`, which SQLite asks for holding a mutex of the whole process); at least 1
 * @property code the SQLite code to fail with (`fail`; what gives back, as `close`, happens all the same), or the bytes
 *   to write before dying (`torn`; what is no write does not happen)
 * @property unguarded has somebody worked on a database past SQLite's locks? Then reads, writes and fetches are switch
 *   points too, as they are after the lane itself has. Undefined: they never are, and nobody asks
 * @property news what the lane has not been told: `database NAME`, `ledger TABLE.COLUMN`
 */
export interface Grant {
  readonly action: number;
  readonly code: number;
  readonly budget: number;
  readonly softSteps: number;
  readonly hardSteps: number;
  readonly stopping: boolean;
  readonly unguarded?: boolean | undefined;
  /** The lane is to run the collector of its process, where that has one. */
  readonly collect?: boolean | undefined;
  /** After each step it waits until the coordinator has seen the disk. */
  readonly stepwise?: boolean | undefined;
  /** The lane tells its statements, in records that are no steps. */
  readonly sql?: boolean | undefined;
  readonly nowMs: number;
  readonly traps: readonly Trap[];
  readonly reply: string;
  readonly news?: readonly string[] | undefined;
}

function flagsOf({ stopping, unguarded, collect, stepwise, sql }: Grant): number {
  return (
    (stopping ? grantFlag.stopping : 0) |
    (unguarded === undefined ? 0 : grantFlag.watched) |
    (unguarded === true ? grantFlag.unguarded : 0) |
    (collect === true ? grantFlag.collect : 0) |
    (stepwise === true ? grantFlag.stepwise : 0) |
    (sql === true ? grantFlag.sql : 0)
  );
}

let scratch = Buffer.alloc(4096);

/** The bytes of a grant. The result is valid until the next call. */
export function encodeGrant(grant: Grant): Uint8Array {
  const replyBytes = Buffer.byteLength(grant.reply);
  const news = (grant.news ?? []).map((one) => `${one}\0`).join('');
  const newsBytes = Buffer.byteLength(news);
  const total = at.grant.size + grant.traps.length * at.trap.size + replyBytes + newsBytes;
  if (scratch.length < total) scratch = Buffer.alloc(total * 2);
  const b = scratch;
  b.writeUInt32LE(grant.action, at.grant.action);
  b.writeInt32LE(grant.code, at.grant.code);
  b.writeUInt32LE(grant.budget, at.grant.budget);
  b.writeUInt32LE(grant.softSteps, at.grant.softSteps);
  b.writeUInt32LE(grant.hardSteps, at.grant.hardSteps);
  b.writeUInt32LE(flagsOf(grant), at.grant.flags);
  b.writeUInt32LE(grant.traps.length, at.grant.traps);
  b.writeUInt32LE(replyBytes, at.grant.replyBytes);
  b.writeUInt32LE(newsBytes, at.grant.newsBytes);
  b.writeUInt32LE(0, at.grant.pad);
  b.writeBigInt64LE(BigInt(grant.nowMs), at.grant.now);
  let end: number = at.grant.size;
  for (const trap of grant.traps) {
    b.writeBigUInt64LE(BigInt.asUintN(64, trap.ops), end + at.trap.ops);
    b.writeBigUInt64LE(trap.ops >> 64n, end + at.trap.opsFrom64);
    b.writeUInt32LE(trap.roles, end + at.trap.roles);
    b.writeUInt32LE(trap.left, end + at.trap.left);
    b.writeUInt32LE(trap.taking === true ? 1 : 0, end + at.trap.taking);
    b.writeUInt32LE(0, end + at.trap.pad);
    end += at.trap.size;
  }
  b.write(grant.reply, end);
  b.write(news, end + replyBytes);
  return b.subarray(0, total);
}

/** The bytes of a record that the coordinator itself adds to a trace: a fault that struck, a death. */
export function encodeRecord(record: Readonly<RawRecord>): Buffer {
  const text = Buffer.from(record.text);
  const b = Buffer.alloc(at.record.size + text.length);
  b[at.record.op] = record.op;
  b[at.record.role] = record.role;
  b[at.record.flags] = record.flags;
  b.writeUInt16LE(record.lane, at.record.lane);
  b.writeUInt16LE(record.file, at.record.file);
  b.writeInt32LE(record.rc, at.record.rc);
  b.writeUInt32LE(record.handle, at.record.handle);
  b.writeUInt32LE(record.a, at.record.a);
  b.writeUInt32LE(text.length, at.record.extra);
  b.writeBigInt64LE(BigInt(record.b), at.record.b);
  b.writeUInt32LE(record.sum, at.record.sum);
  b.writeUInt32LE(record.errno, at.record.hostErrno);
  text.copy(b, at.record.size);
  return b;
}

/**
 * Decodes the record at byte `from` into `into`, which is reused: two thousand records a run would be two thousand objects.
 *
 * @returns where the next record begins
 */
export function decodeRecord(body: Buffer, from: number, into: RawRecord): number {
  const extra = body.readUInt32LE(from + at.record.extra);
  const text = from + at.record.size;
  const end = text + extra;
  into.op = body[from + at.record.op] ?? 0;
  into.role = body[from + at.record.role] ?? 0;
  into.flags = body[from + at.record.flags] ?? 0;
  into.lane = body.readUInt16LE(from + at.record.lane);
  into.file = body.readUInt16LE(from + at.record.file);
  into.rc = body.readInt32LE(from + at.record.rc);
  into.handle = body.readUInt32LE(from + at.record.handle);
  into.a = body.readUInt32LE(from + at.record.a);
  into.b = body.readInt32LE(from + at.record.b + 4) * 2 ** 32 + body.readUInt32LE(from + at.record.b);
  into.sum = body.readUInt32LE(from + at.record.sum);
  into.errno = body.readUInt32LE(from + at.record.hostErrno);
  into.text = extra === 0 ? '' : body.toString('utf8', text, end);
  return end;
}

/** Bytes of a frame's records, which follow its head. `head` may hold more than the head. */
export function frameBodyBytes(head: Buffer): number {
  return head.readUInt32LE(at.frame.bytes);
}

/**
 * One frame from a lane: of which kind, how many steps and switch points it has passed since the last, and its records.
 *
 * @property descriptor of a lane that stands before a step `fdStat`: that of which it asks
 */
export interface Frame {
  readonly kind: number;
  readonly descriptor: number;
  readonly steps: number;
  readonly points: number;
  readonly body: Buffer;
}

/** The frame by which a zygote answers. @param points errno, where `steps`, the number of the new process, is 0 */
export function encodeHello(steps: number, points: number): Uint8Array {
  const bytes = Buffer.alloc(at.frame.size);
  bytes.writeUInt32LE(steps, at.frame.steps);
  bytes.writeUInt32LE(points, at.frame.points);
  bytes.writeUInt16LE(frameKind.hello, at.frame.kind);
  return bytes;
}

/** @param end of the frame within `bytes`, where it begins at 0; the body is a view of them */
export function decodeFrame(bytes: Buffer, end: number): Frame {
  return {
    kind: bytes.readUInt16LE(at.frame.kind),
    descriptor: bytes.readUInt16LE(at.frame.descriptor),
    steps: bytes.readUInt32LE(at.frame.steps),
    points: bytes.readUInt32LE(at.frame.points),
    body: bytes.subarray(at.frame.size, end),
  };
}
