// The wire between gate.c and the coordinator: layouts of record, frame, grant and trap, and the names of operations.
// A mirror of the top of gate.c; protocol.test.ts holds the two together. What stays out: what a record means.

/** Operations in wire order. */
export const operations = [
  'name',
  'start',
  'end',
  'open',
  'close',
  'read',
  'write',
  'truncate',
  'sync',
  'fileSize',
  'lock',
  'unlock',
  'checkReserved',
  'fileControl',
  'shmMap',
  'shmLock',
  'shmBarrier',
  'shmUnmap',
  'fetch',
  'unfetch',
  'delete',
  'access',
  'busySleep',
  'randomness',
  'time',
  'raw',
  'mark',
  'step',
  'fileRead',
  'fileWrite',
  'stat',
  'rename',
  'unlink',
  'copy',
  'link',
  'list',
  'flock',
  'funlock',
  'observe',
  'sleep',
  'ask',
  'fault',
  'exists',
  'disconnect',
  'tell',
  'quiet',
  'refused',
  'mkdir',
  'symlink',
] as const;

export type Operation = (typeof operations)[number];

/** Wire number of each operation. */
export const op = Object.fromEntries(operations.map((name, i) => [name, i])) as { readonly [K in Operation]: number };

/** File roles in wire order. `none` is for steps that touch no file. */
export const roles = ['db', 'wal', 'shm', 'journal', 'other', 'none'] as const;
export type Role = (typeof roles)[number];
export const role = Object.fromEntries(roles.map((name, i) => [name, i])) as { readonly [K in Role]: number };

/**
 * `host`: it failed for want of something that the machine lacks; `errno` says of what. `unguarded`: it worked on a database
 * past SQLite's locks; only where the grant asks for it.
 */
export const recordFlag = { switchPoint: 1, injected: 2, torn: 4, host: 8, unguarded: 16 } as const;
/** `doomed`: the process is about to die of SIGBUS, on a mapping of a file that somebody made shorter. */
export const frameKind = { flush: 0, park: 1, hello: 2, leave: 3, doomed: 4 } as const;
export const grantAction = { go: 0, fail: 1, torn: 2, raw: 3 } as const;
export const grantFlag = { stopping: 1, watched: 2, unguarded: 4 } as const;

export const recordBytes = 40;
export const frameBytes = 16;
export const grantBytes = 40;
export const trapBytes = 8;
export const trapsMax = 64;
/** In a trap: any operation, any role. In a grant: no limit. */
export const any = 255;
export const unlimited = 0xffffffff;

/** What lockstep_layout() of a matching gate.c answers. */
export const layout = [recordBytes, frameBytes, grantBytes, trapBytes, operations.length - 1].join(',');

/** Parks the lane before the `left`-th next step that matches. */
export interface Trap {
  readonly op: number;
  readonly role: number;
  readonly left: number;
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
 */
export interface Grant {
  readonly action: number;
  readonly code: number;
  readonly budget: number;
  readonly softSteps: number;
  readonly hardSteps: number;
  readonly stopping: boolean;
  readonly unguarded?: boolean | undefined;
  readonly nowMs: number;
  readonly traps: readonly Trap[];
  readonly reply: string;
}

function flagsOf({ stopping, unguarded }: Grant): number {
  return (
    (stopping ? grantFlag.stopping : 0) |
    (unguarded === undefined ? 0 : grantFlag.watched) |
    (unguarded === true ? grantFlag.unguarded : 0)
  );
}

let scratch = Buffer.alloc(4096);

/** The bytes of a grant. The result is valid until the next call. */
export function encodeGrant(grant: Grant): Uint8Array {
  const replyBytes = Buffer.byteLength(grant.reply);
  const total = grantBytes + grant.traps.length * trapBytes + replyBytes;
  if (scratch.length < total) scratch = Buffer.alloc(total * 2);
  const b = scratch;
  b.writeUInt32LE(grant.action, 0);
  b.writeInt32LE(grant.code, 4);
  b.writeUInt32LE(grant.budget, 8);
  b.writeUInt32LE(grant.softSteps, 12);
  b.writeUInt32LE(grant.hardSteps, 16);
  b.writeUInt32LE(flagsOf(grant), 20);
  b.writeUInt32LE(grant.traps.length, 24);
  b.writeUInt32LE(replyBytes, 28);
  b.writeBigInt64LE(BigInt(grant.nowMs), 32);
  let at = grantBytes;
  for (const trap of grant.traps) {
    b[at] = trap.op;
    b[at + 1] = trap.role;
    b.writeUInt16LE(0, at + 2);
    b.writeUInt32LE(trap.left, at + 4);
    at += trapBytes;
  }
  b.write(grant.reply, at);
  return b.subarray(0, total);
}

/** One record, decoded. `file` is a number that a `name` record of the same lane announced. */
export interface RawRecord {
  op: number;
  role: number;
  flags: number;
  lane: number;
  file: number;
  rc: number;
  handle: number;
  a: number;
  b: number;
  /** Checksum of the bytes that were read or written. */
  sum: number;
  /** With the flag `host` only, else 0: a sound run has none. */
  errno: number;
  text: string;
}

export function emptyRecord(): RawRecord {
  return { op: 0, role: 0, flags: 0, lane: 0, file: 0, rc: 0, handle: 0, a: 0, b: 0, sum: 0, errno: 0, text: '' };
}

/** The bytes of a record that the coordinator itself adds to a trace: a fault that struck, a death. */
export function encodeRecord(record: Readonly<RawRecord>): Buffer {
  const text = Buffer.from(record.text);
  const b = Buffer.alloc(recordBytes + text.length);
  b[0] = record.op;
  b[1] = record.role;
  b[2] = record.flags;
  b.writeUInt16LE(record.lane, 4);
  b.writeUInt16LE(record.file, 6);
  b.writeInt32LE(record.rc, 8);
  b.writeUInt32LE(record.handle, 12);
  b.writeUInt32LE(record.a, 16);
  b.writeUInt32LE(text.length, 20);
  b.writeBigInt64LE(BigInt(record.b), 24);
  b.writeUInt32LE(record.sum, 32);
  b.writeUInt32LE(record.errno, 36);
  text.copy(b, recordBytes);
  return b;
}

/**
 * Decodes the record at byte `at` into `into`, which is reused: two thousand records a run would be two thousand objects.
 *
 * @returns where the next record begins
 */
export function decodeRecord(body: Buffer, at: number, into: RawRecord): number {
  const extra = body.readUInt32LE(at + 20);
  const end = at + recordBytes + extra;
  into.op = body[at] ?? 0;
  into.role = body[at + 1] ?? 0;
  into.flags = body[at + 2] ?? 0;
  into.lane = body.readUInt16LE(at + 4);
  into.file = body.readUInt16LE(at + 6);
  into.rc = body.readInt32LE(at + 8);
  into.handle = body.readUInt32LE(at + 12);
  into.a = body.readUInt32LE(at + 16);
  into.b = body.readInt32LE(at + 28) * 2 ** 32 + body.readUInt32LE(at + 24);
  into.sum = body.readUInt32LE(at + 32);
  into.errno = body.readUInt32LE(at + 36);
  into.text = extra === 0 ? '' : body.toString('utf8', at + recordBytes, end);
  return end;
}
