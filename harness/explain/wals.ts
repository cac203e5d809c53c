// What is in each -wal of a run: generations, frames, and which frames a checkpoint has copied into the database.
// A generation begins with a header at offset 0; a frame is a header of 24 bytes and a page (walformat.html, section 2.1
// and 2.2). A copy shows in the trace as a read of a page from the -wal and a write of the same bytes to the database.
// What stays out: which pages the frames hold, which the trace does not say.
import { type TraceStep, argument } from '../observe/trace.ts';
import type { FileTable, Inode, OpenFile } from '../observe/file-table.ts';
import type { LockTable } from '../observe/lock-table.ts';

const headerBytes = 32;
const frameHeaderBytes = 24;
/** The smallest page of a database. */
const pageBytesMin = 512;

/** @property copied the step at which a checkpoint wrote it to the database, and into which file */
export interface Frame {
  readonly step: number;
  readonly lane: string;
  copied: { readonly step: number; readonly lane: string; readonly into: Inode } | undefined;
}

/**
 * A -wal from one header to the next.
 *
 * @property headless frames were written behind a header that was never written to this file
 * @property end the header of the next was written
 */
export interface Generation {
  readonly wal: Inode;
  readonly headless: boolean;
  readonly step: number;
  readonly lane: string;
  readonly frames: Frame[];
  end: { readonly step: number; readonly lane: string } | undefined;
}

/** A page that was written to a database or -wal: of a database `frame` is undefined. */
export interface PageWrite {
  readonly step: number;
  readonly inode: Inode;
  readonly generation: Generation | undefined;
  readonly frame: Frame | undefined;
}

/** A checkpoint by a connection that holds CKPT. */
interface Checkpoint {
  readonly step: number;
  readonly lane: string;
  readonly wal: Inode;
  /** Frames of the -wal when it began. */
  readonly frames: number;
  readonly generation: Generation | undefined;
}

/** A new generation of the -wal was begun while another connection was inside a checkpoint of the old one. */
export interface WalReset {
  readonly kind: 'wal-reset';
  readonly step: number;
  readonly lane: string;
  readonly checkpoint: Checkpoint;
  readonly fresh: Generation;
  /** Pages that the checkpoint wrote to the database after the reset; `fresh`: out of frames of the new generation. */
  copies: { readonly first: number; last: number; pages: number; fresh: number } | undefined;
  endStep: number | undefined;
}

/** Two processes wrote to one -wal, each by a wal-index of its own: locks and frames of one are none to the other. */
export interface SplitWrite {
  readonly kind: 'split-write';
  readonly step: number;
  readonly lane: string;
  readonly name: string;
  /** Who had written to it before by another wal-index. */
  readonly before: { readonly lane: string; readonly step: number };
}

export type WalEvent = WalReset | SplitWrite;

/** Who wrote to a -wal last, and by which wal-index. */
interface Writer {
  readonly lane: string;
  readonly step: number;
  readonly shm: Inode;
}

export class Wals {
  readonly #disk: FileTable;
  readonly #locks: LockTable;
  readonly #tell: (event: WalEvent) => void;
  readonly #current = new Map<Inode, Generation>();
  readonly #checkpoints = new Map<OpenFile, Checkpoint>();
  readonly #resets = new Map<Checkpoint, WalReset>();
  /** The page that each lane has just read from a -wal. */
  readonly #read = new Map<string, { readonly sum: number; readonly frame: Frame | undefined }>();
  /** Where each lane has written a frame header last. */
  readonly #header = new Map<string, number>();
  readonly #writes = new Map<string, PageWrite[]>();
  readonly #writers = new Map<Inode, Writer>();

  /** @param tell told of each event, in order */
  constructor(disk: FileTable, locks: LockTable, tell: (event: WalEvent) => void) {
    this.#disk = disk;
    this.#locks = locks;
    this.#tell = tell;
  }

  /** Pages that a lane wrote to databases and -wals after step `from` and before step `to`. */
  writesOf(lane: string, from: number, to: number): readonly PageWrite[] {
    return (this.#writes.get(lane) ?? []).filter(({ step }) => step > from && step < to);
  }

  /** Enters a step, after the locks and before the disk. */
  see(step: TraceStep): void {
    const file = this.#disk.of(step);
    if (file === undefined || step.rc !== 'SQLITE_OK') return;
    if (step.op === 'shmLock') this.#followCheckpoint(step, file);
    else if (step.op === 'read' && file.role === 'wal') this.#wasRead(step, file);
    else if (step.op === 'write' && file.role === 'wal') this.#wasLogged(step, file);
    else if (step.op === 'write' && file.role === 'db') this.#wasWritten(step, file);
  }

  #followCheckpoint(step: TraceStep, file: OpenFile): void {
    const inside = this.#checkpoints.get(file);
    if (!this.#locks.checkpoints(file)) {
      if (inside === undefined) return;
      this.#checkpoints.delete(file);
      const reset = this.#resets.get(inside);
      if (reset !== undefined) reset.endStep = step.step;
    } else if (inside === undefined && file.wal !== undefined) {
      const generation = this.#current.get(file.wal);
      const frames = generation?.frames.length ?? 0;
      this.#checkpoints.set(file, { step: step.step, lane: step.lane, wal: file.wal, frames, generation });
    }
  }

  #wasRead(step: TraceStep, { inode }: OpenFile): void {
    const index = frameAt(step, argument(step, 'offset') - frameHeaderBytes);
    if (index === undefined) return;
    this.#read.set(step.lane, {
      sum: argument(step, 'sum'),
      frame: this.#current.get(inode)?.frames[index],
    });
  }

  #wasLogged(step: TraceStep, file: OpenFile): void {
    const { inode } = file;
    this.#byIndex(step, file);
    const offset = argument(step, 'offset');
    if (offset === 0 && argument(step, 'length') === headerBytes) return this.#began(step, inode);
    if (argument(step, 'length') === frameHeaderBytes) this.#header.set(step.lane, offset);
    const index = frameAt(step, offset - frameHeaderBytes);
    if (index === undefined) return;
    const generation = this.#current.get(inode) ?? this.#begin(step, inode, true);
    const frame: Frame = { step: step.step, lane: step.lane, copied: undefined };
    // A frame with its header is the next one: what stood behind it was rolled back. A page alone takes the place of
    // another version that the same transaction has spilled (wal.c, walFrames).
    const isNext = this.#header.get(step.lane) === offset - frameHeaderBytes;
    if (isNext) generation.frames.length = Math.min(generation.frames.length, index);
    generation.frames[index] = frame;
    this.#keep(step, { step: step.step, inode, generation, frame });
  }

  #began(step: TraceStep, wal: Inode): void {
    const { step: number, lane } = step;
    const old = this.#current.get(wal);
    if (old !== undefined) old.end = { step: number, lane };
    const fresh = this.#begin(step, wal, false);
    for (const checkpoint of this.#checkpoints.values()) {
      if (checkpoint.wal !== wal || checkpoint.lane === lane || this.#resets.has(checkpoint)) continue;
      const event: WalReset = {
        kind: 'wal-reset',
        step: number,
        lane,
        checkpoint,
        fresh,
        copies: undefined,
        endStep: undefined,
      };
      this.#resets.set(checkpoint, event);
      this.#tell(event);
    }
  }

  #begin({ step, lane }: TraceStep, wal: Inode, headless: boolean): Generation {
    const generation: Generation = { wal, headless, step, lane, frames: [], end: undefined };
    this.#current.set(wal, generation);
    return generation;
  }

  #byIndex({ step, lane }: TraceStep, { inode: wal, database }: OpenFile): void {
    const { shm } = database ?? this.#disk.open().findLast((file) => file.lane === lane && file.wal === wal) ?? {};
    if (shm === undefined) return;
    const before = this.#writers.get(wal);
    if (before !== undefined && before.shm !== shm)
      this.#tell({ kind: 'split-write', step, lane, name: wal.name, before });
    this.#writers.set(wal, { lane, step, shm });
  }

  #wasWritten(step: TraceStep, file: OpenFile): void {
    const { step: number, lane } = step;
    const read = this.#read.get(lane);
    const isCopy = read !== undefined && read.sum === argument(step, 'sum');
    this.#read.delete(lane);
    if (!isCopy) {
      this.#keep(step, { step: number, inode: file.inode, generation: undefined, frame: undefined });
      return;
    }
    const checkpoint = this.#checkpoints.get(file);
    const reset = checkpoint === undefined ? undefined : this.#resets.get(checkpoint);
    if (reset === undefined) {
      if (read.frame !== undefined) read.frame.copied = { step: number, lane, into: file.inode };
      return;
    }
    // It goes by the old generation's list of pages: what it copies now it need not put where it belongs.
    reset.copies ??= { first: number, last: number, pages: 0, fresh: 0 };
    reset.copies.last = number;
    reset.copies.pages++;
    if (read.frame !== undefined) reset.copies.fresh++;
  }

  #keep({ lane }: TraceStep, write: PageWrite): void {
    const writes = this.#writes.get(lane);
    if (writes === undefined) this.#writes.set(lane, [write]);
    else writes.push(write);
  }
}

/** Which frame (0 is the first) a page belongs to whose frame header stands at `offset`; undefined for no page. */
function frameAt(step: TraceStep, offset: number): number | undefined {
  const length = argument(step, 'length');
  const index = (offset - headerBytes) / (length + frameHeaderBytes);
  return length >= pageBytesMin && Number.isInteger(index) && index >= 0 ? index : undefined;
}
