// The locks that SQLite believes it holds, followed through the trace. Lock bytes are those of SQLite's unix VFS
// (os_unix.c; lockingv3.html): PENDING 0x40000000, RESERVED the next byte, SHARED the 510 after; in -shm byte
// 120 + slot for each of eight slots, and 128, the dead-man switch. What stays out: the kernel's view (look.ts).
import { op, type RawRecord, role } from '../gate/protocol.ts';
import { decode } from '../model/record.ts';
import type { BelievedLock } from './history.ts';
import type { StepLane, StepSink } from './step.ts';

const pendingByte = 0x40000000;
const sharedFirst = pendingByte + 2;
const sharedLast = sharedFirst + 509;
const shmBase = 120;
const deadManSwitch = 128;

/** Levels of xLock (sqlite3.h). */
export const lockLevel = { none: 0, shared: 1, reserved: 2, pending: 3, exclusive: 4 } as const;

/** Slots of the wal-index locks (wal.c): WRITE, CKPT, RECOVER, READ0…READ4. */
export const shmSlot = { write: 0, checkpoint: 1, recover: 2 } as const;

/** More files than any lane opens in a run. */
const handlesMax = 2 ** 32;

/** Reads and writes, most of all steps, change no lock. */
const followed: ReadonlySet<number> = new Set([
  op.open,
  op.close,
  op.lock,
  op.unlock,
  op.shmMap,
  op.shmUnmap,
  op.shmLock,
]);

/** What takes a name from a file, or gives it another. */
const naming: ReadonlySet<number> = new Set([op.delete, op.unlink, op.rename]);

const slotNames = ['WRITE', 'CKPT', 'RECOVER', 'READ0', 'READ1', 'READ2', 'READ3', 'READ4'];

/** The name by which the kernel knows an open file: that which it bears now, or bore last. Only a linked one can be renamed. */
interface Link {
  name: string;
  linked: boolean;
}

/**
 * One connection to a database, as the trace shows it.
 *
 * @property file the name by which it was opened
 * @property shm its wal-index, once it is mapped
 */
export interface OpenHandle {
  readonly process: string;
  readonly lane: string;
  readonly file: string;
  readonly db: Link;
  shm: Link | undefined;
  level: number;
  /** The RESERVED byte is held: not when EXCLUSIVE was taken straight from SHARED, as the last close of a WAL does. */
  reserved: boolean;
  /** Bit masks over the eight slots. */
  sharedSlots: number;
  exclusiveSlots: number;
}

export class BelievedLocks implements StepSink {
  readonly #handles = new Map<number, OpenHandle>();

  /** Connections that are open now. */
  handles(): Iterable<OpenHandle> {
    return this.#handles.values();
  }

  see(_step: number, record: Readonly<RawRecord>, lane: StepLane): void {
    if (naming.has(record.op) && record.rc === 0) this.#followNames(record, lane.files[record.file] ?? '');
    if (record.handle === 0 || !followed.has(record.op)) return;
    const key = record.lane * handlesMax + record.handle;
    if (record.op === op.open) {
      if (record.rc !== 0 || record.role !== role.db) return;
      const file = lane.files[record.file] ?? '';
      this.#handles.set(key, {
        process: lane.process.name,
        lane: lane.name,
        file,
        db: { name: file, linked: true },
        shm: undefined,
        level: 0,
        reserved: false,
        sharedSlots: 0,
        exclusiveSlots: 0,
      });
      return;
    }
    const handle = this.#handles.get(key);
    if (handle !== undefined) this.#follow(key, handle, record);
  }

  /** A process is dead, and with it its connections. */
  forget(process: string): void {
    for (const [key, handle] of this.#handles) if (handle.process === process) this.#handles.delete(key);
  }

  /** What the kernel should know of each living process. */
  list(): readonly BelievedLock[] {
    return [...this.#handles.values()].flatMap(locksOf);
  }

  #followNames(record: Readonly<RawRecord>, name: string): void {
    this.#unlinked(record.op === op.rename ? record.text : name);
    if (record.op !== op.rename) return;
    for (const link of this.#links()) if (link.linked && link.name === name) link.name = record.text;
  }

  #unlinked(name: string): void {
    for (const link of this.#links()) if (link.name === name) link.linked = false;
  }

  #links(): readonly Link[] {
    return [...this.#handles.values()].flatMap(({ db, shm }) => (shm === undefined ? [db] : [db, shm]));
  }

  /** The connections of a process to one file share its wal-index. */
  #shmOf({ process, file, db }: OpenHandle): Link {
    const sharing = [...this.#handles.values()].find((other) => {
      const same = other.db.name === db.name && other.db.linked === db.linked;
      return same && other.process === process && other.shm !== undefined;
    });
    return { ...(sharing?.shm ?? { name: `${file}-shm`, linked: true }) };
  }

  #follow(key: number, handle: OpenHandle, record: Readonly<RawRecord>): void {
    switch (record.op) {
      case op.close:
        this.#handles.delete(key);
        break;
      case op.lock:
        if (record.rc !== 0) break;
        handle.level = Math.max(handle.level, decode.lock(record).level);
        if (decode.lock(record).level === lockLevel.reserved) handle.reserved = true;
        break;
      case op.unlock:
        if (record.rc !== 0) break;
        handle.level = Math.min(handle.level, decode.unlock(record).level);
        if (handle.level < lockLevel.reserved) handle.reserved = false;
        break;
      case op.shmMap:
        if (record.rc === 0) handle.shm ??= this.#shmOf(handle);
        break;
      case op.shmUnmap:
        handle.shm = undefined;
        if (decode.shmUnmap(record).delete !== 0) this.#unlinked(`${handle.file}-shm`);
        handle.sharedSlots = handle.exclusiveSlots = 0;
        break;
      case op.shmLock:
        if (record.rc === 0) followSlots(handle, record);
        break;
      default:
    }
  }
}

function followSlots(handle: OpenHandle, record: Readonly<RawRecord>): void {
  const { slot, count, action, mode } = decode.shmLock(record);
  const mask = ((1 << count) - 1) << slot;
  const lock = action === 'lock';
  if (mode === 'shared') handle.sharedSlots = lock ? handle.sharedSlots | mask : handle.sharedSlots & ~mask;
  else handle.exclusiveSlots = lock ? handle.exclusiveSlots | mask : handle.exclusiveSlots & ~mask;
}

function locksOf(handle: OpenHandle): BelievedLock[] {
  const { process, db, shm } = handle;
  const locks: BelievedLock[] = [];
  const add = (name: string, what: string, from: number, to: number) =>
    locks.push({ process, file: name, what, from, to });
  if (handle.level >= lockLevel.exclusive) add(db.name, 'EXCLUSIVE', sharedFirst, sharedLast);
  else if (handle.level >= lockLevel.shared) add(db.name, 'SHARED', sharedFirst, sharedLast);
  if (handle.reserved) add(db.name, 'RESERVED', pendingByte + 1, pendingByte + 1);
  if (shm === undefined) return locks;
  for (let slot = 0; slot < 8; slot++) {
    const held = (handle.sharedSlots | handle.exclusiveSlots) & (1 << slot);
    if (held !== 0) add(shm.name, slotNames[slot] ?? '', shmBase + slot, shmBase + slot);
  }
  add(shm.name, 'dead-man switch', deadManSwitch, deadManSwitch);
  return locks;
}
