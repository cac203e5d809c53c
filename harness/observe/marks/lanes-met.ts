// lanes-met: a lane acted on a database while another lane was in the middle of something on the same one, and one of the two changes it.
// The window of scenarios that declare none: where lanes never meet, no schedule can do harm.
//
// In the middle of something is
//  - who writes: a connection that holds RESERVED or more of its database, or WRITE, CKPT or RECOVER of its wal-index;
//  - who reads: one that holds SHARED of a database without -wal, or a READ mark of its wal-index;
//  - who has read and then writes: from the beginning of its last transaction that only read to the next page that it writes (readings.ts).
// To act is, beside who writes, to ask for any lock, had or refused; beside who reads, to ask for one of those by which who writes is known;
// beside both, to write to the database, its -wal or its journal, or to touch one of them past SQLite (which beside who reads in another process
// takes a change); beside who has read and then writes, to have committed meanwhile. A checkpoint, which copies pages, commits nothing.
// What stays out: who took harm.
import { posix } from 'node:path';
import { op } from '../../model/operations.ts';
import { decode, type RawRecord } from '../../model/record.ts';
import type { Named } from '../../model/scenario.ts';
import { openerOf, type StepLane } from '../../model/step.ts';
import type { Inode, OpenFile } from '../file-table.ts';
import { entryOf, Readings } from '../readings.ts';
import type { Tables } from '../tables.ts';

export const lanesMet: Named = {
  name: 'lanes-met',
  says: 'a lane acted on a database while another was inside a transaction on it, or between its read and its write, and one of them writes',
};

/** Levels of xLock (sqlite3.h). */
const level = { shared: 1, reserved: 2 } as const;

/** WRITE, CKPT and RECOVER. Above them are the READ marks: to move one, a reader holds it alone (walformat.html, section 2.3). */
const writerSlots = 0b111;

const busy = 5;

/** Bytes of the smallest page; what is shorter in a -wal is a header. */
const pageBytesMin = 512;

/** What lanes do to files past SQLite. */
const touches: ReadonlySet<number> = new Set([op.raw, op.fileRead, op.fdOpen, op.fdClose]);
const changes: ReadonlySet<number> = new Set([op.fileWrite, op.copy, op.rename, op.unlink, op.fdWrite, op.fdTruncate]);

/**
 * A connection in the middle of something.
 *
 * @property lane took the first of the locks that it holds
 * @property shared, exclusive slots of the wal-index, a bit each
 * @property read it holds, or held, a lock to read; @property pages it has read some from the disk
 * @property wrote a page that it has not committed
 * @property toWrite it asked for a lock to write; where it did not have it, what it has read is read again
 */
interface Inside {
  readonly lane: string;
  readonly since: number;
  level: number;
  shared: number;
  exclusive: number;
  read: boolean;
  pages: boolean;
  toWrite: boolean;
  wrote: boolean;
}

/** Counts the steps at which lanes met: sees each before the tables do. */
export class LanesMet {
  readonly #tables: Tables;
  readonly #inside = new Map<Inode, Map<OpenFile, Inside>>();
  readonly #readings = new Readings<Inode>();
  times = 0;

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  see(step: number, record: Readonly<RawRecord>, lane: StepLane): void {
    const { op: operation } = record;
    let met = false;
    if (operation === op.lock || operation === op.shmLock || operation === op.unlock)
      met = this.#lock(step, record, lane);
    else if (operation === op.write) met = this.#write(record, lane);
    else if (operation === op.read) this.#read(record, lane);
    else if (operation === op.shmBarrier) this.#published(step, record, lane);
    else if (operation === op.close) this.#closed(step, record, lane);
    else if (operation === op.start) this.#started(lane);
    else if (operation === op.end) this.#readings.ended(lane.name);
    else if (touches.has(operation) || changes.has(operation)) met = this.#past(record, lane);
    if (met) this.times++;
  }

  #started({ name, process: { parent } }: StepLane): void {
    if (parent !== undefined) this.#readings.started(name, parent);
  }

  #lock(step: number, record: Readonly<RawRecord>, lane: StepLane): boolean {
    const file = this.#tables.files.at(openerOf(record, lane), record.handle);
    const refused = (record.rc & 0xff) === busy;
    if (file === undefined || (record.rc !== 0 && !refused)) return false;
    const { asks, toWrite } = requestOf(record);
    const met = asks && this.#meets(file.inode, lane.name, (one) => toWrite || writes(one));
    const known = this.#inside.get(file.inode)?.get(file);
    const own = known && isInside(known, file) ? known : enter(step, lane.name);
    own.toWrite ||= toWrite;
    if (!refused) hold(own, record);
    own.read ||= reads(own, file);
    if (!writes(own)) this.#commits(step, file.inode, own, lane.name);
    if (isInside(own, file)) entryOf(this.#inside, file.inode).set(file, own);
    else this.#left(step, file);
    return met;
  }

  #read(record: Readonly<RawRecord>, lane: StepLane): void {
    if (record.a < pageBytesMin) return;
    const file = this.#tables.files.at(openerOf(record, lane), record.handle);
    const connection = file?.database ?? file;
    const own = connection && this.#inside.get(connection.inode)?.get(connection);
    if (own !== undefined) own.pages = true;
  }

  /** A commit to a -wal is one for everybody else once the wal-index says so (wal.c, walIndexWriteHdr). */
  #published(step: number, record: Readonly<RawRecord>, lane: StepLane): void {
    const file = this.#tables.files.at(openerOf(record, lane), record.handle);
    const own = file && this.#inside.get(file.inode)?.get(file);
    if (file !== undefined && own !== undefined) this.#commits(step, file.inode, own, lane.name);
  }

  #commits(step: number, inode: Inode, own: Inside, lane: string): void {
    if (own.wrote) this.#readings.commits(inode, { lane, step });
    own.wrote = false;
  }

  /** A connection has come out of what it was in. */
  #left(step: number, file: OpenFile): void {
    const inside = this.#inside.get(file.inode);
    const own = inside?.get(file);
    if (inside === undefined || own === undefined) return;
    inside.delete(file);
    if (own.read && !own.toWrite)
      this.#readings.hasRead(file.inode, { lane: own.lane, from: own.since, to: step }, own.pages);
  }

  #closed(step: number, record: Readonly<RawRecord>, lane: StepLane): void {
    const file = this.#tables.files.at(openerOf(record, lane), record.handle);
    if (file !== undefined) this.#left(step, file);
  }

  #write(record: Readonly<RawRecord>, lane: StepLane): boolean {
    const file = this.#tables.files.at(openerOf(record, lane), record.handle);
    if (file === undefined || record.rc !== 0) return false;
    const inode = file.role === 'db' ? file.inode : (file.database?.inode ?? this.#databaseOf(file.name));
    if (inode === undefined) return false;
    const met = this.#meets(inode, lane.name, () => true);
    // Where there is a -wal, pages go there first, and a checkpoint copies them.
    const changed = file.role === 'wal' ? record.a >= pageBytesMin : file.role === 'db' && file.wal === undefined;
    const own = changed ? this.#writerOf(inode, file, lane.name) : undefined;
    if (own === undefined || own.wrote) return met;
    own.wrote = true;
    return this.#readings.writes(inode, lane.name).by !== undefined || met;
  }

  /** The connection that writes: of a -wal whose connection is not known, one of the lane. */
  #writerOf(inode: Inode, file: OpenFile, lane: string): Inside | undefined {
    const inside = this.#inside.get(inode);
    const known = inside?.get(file.database ?? file);
    return known ?? [...(inside?.values() ?? [])].find((one) => one.lane === lane && writes(one));
  }

  /** A step past SQLite, by the name of a file or on a descriptor. */
  #past(record: Readonly<RawRecord>, lane: StepLane): boolean {
    if (this.#inside.size === 0) return false;
    const held = this.#tables.files.descriptorAt(openerOf(record, lane), record.handle)?.inode.name;
    const meets = (name: string, isChanged: boolean): boolean => {
      const inode = this.#databaseOf(name);
      if (inode === undefined) return false;
      const { name: process } = lane.process;
      // The close of a file drops the locks that its process has on it (howtocorrupt.html, section 2.2).
      return this.#meets(inode, lane.name, (one, file) => isChanged || writes(one) || file.process === process);
    };
    const isCopy = record.op === op.copy;
    const met = meets(held ?? lane.files[record.file] ?? '', changes.has(record.op) && !isCopy);
    return ((isCopy || record.op === op.rename) && meets(record.text, true)) || met;
  }

  /** The database that a name is of, be it that of its -wal. */
  #databaseOf(name: string): Inode | undefined {
    return this.#tables.files.named(posix.normalize(name).replace(/-(wal|shm|journal)$/, ''));
  }

  /** Is another lane in the middle of something on a database that this does not go with? */
  #meets(inode: Inode, lane: string, conflicts: (one: Inside, file: OpenFile) => boolean): boolean {
    const inside = this.#inside.get(inode);
    if (inside === undefined) return false;
    for (const [file, one] of inside) {
      if (!this.#tables.files.open().includes(file))
        inside.delete(file); // its process is dead
      else if (one.lane !== lane && isInside(one, file) && conflicts(one, file)) return true;
    }
    return false;
  }
}

/** What a step asks of a lock: to have one, and one to write. */
function requestOf(record: Readonly<RawRecord>): { readonly asks: boolean; readonly toWrite: boolean } {
  if (record.op !== op.shmLock) {
    const asks = record.op === op.lock;
    return { asks, toWrite: asks && record.a >= level.reserved };
  }
  const { action, mode } = decode.shmLock(record);
  const asks = action === 'lock';
  return { asks, toWrite: asks && mode === 'exclusive' && (slotsOf(record) & writerSlots) !== 0 };
}

/** Slots of the wal-index, a bit each. */
function slotsOf(record: Readonly<RawRecord>): number {
  const { slot, count } = decode.shmLock(record);
  return ((1 << count) - 1) << slot;
}

function hold(own: Inside, record: Readonly<RawRecord>): void {
  if (record.op === op.lock) own.level = Math.max(own.level, record.a);
  else if (record.op === op.unlock) own.level = record.a;
  else {
    const { action, mode } = decode.shmLock(record);
    own[mode] = action === 'lock' ? own[mode] | slotsOf(record) : own[mode] & ~slotsOf(record);
  }
}

function enter(since: number, lane: string): Inside {
  return { lane, since, level: 0, shared: 0, exclusive: 0, read: false, pages: false, toWrite: false, wrote: false };
}

function writes({ level: held, exclusive }: Inside): boolean {
  return held >= level.reserved || (exclusive & writerSlots) !== 0;
}

/** Of a database with -wal a connection keeps SHARED as long as it is open. */
function reads({ level: held, shared }: Inside, { wal }: OpenFile): boolean {
  return shared !== 0 || (wal === undefined && held >= level.shared);
}

function isInside(one: Inside, file: OpenFile): boolean {
  return reads(one, file) || writes(one);
}
