// Transactions of each lane, as their locks show them: which ended by an error, and which wrote on what had been read before
// another lane's commit. A write transaction holds WRITE of the wal-index, or RESERVED; a read transaction a READ mark, or
// SHARED (walformat.html, section 2.3; lockingv3.html, section 3). What stays out: SQL, which the trace does not have.
import { type TraceStep, argument } from '../observe/trace.ts';
import type { FileTable, Inode, OpenFile } from '../observe/file-table.ts';

/** A write transaction in which SQLite met an error, and which ended without a commit. */
export interface TransactionFailed {
  readonly kind: 'transaction-failed';
  readonly step: number;
  readonly lane: string;
  readonly name: string;
  readonly began: number;
  /** The step that met it. */
  readonly failed: TraceStep;
  /** The next write transaction of the same lane, if it began one. */
  again: number | undefined;
}

/**
 * A lane wrote, or wanted to, on the ground of what it had read before another lane committed.
 *
 * @property refused it did not come to write: its snapshot was older than the newest commit (SQLITE_BUSY_SNAPSHOT)
 */
export interface Overtaken {
  readonly kind: 'overtaken';
  readonly step: number;
  readonly lane: string;
  readonly name: string;
  readonly read: number;
  readonly by: Commit;
  readonly refused: boolean;
}

export type TransactionEvent = TransactionFailed | Overtaken;

interface Commit {
  readonly lane: string;
  readonly step: number;
}

interface Writing {
  readonly began: number;
  readonly before: Overtaken | undefined;
  wrote: number;
  failed: TraceStep | undefined;
}

/** @property lastRead when the read transaction before this one began, and ended */
interface Connection {
  reads: number | undefined;
  lastRead: { readonly from: number; readonly to: number } | undefined;
  writing: Writing | undefined;
}

const writeSlot = 0;
const readSlots = 3;

/** What ends a transaction, and is no answer of every run. */
const ending = /^SQLITE_(IOERR|FULL|NOMEM|CORRUPT|READONLY)/;

export class Transactions {
  readonly #disk: FileTable;
  readonly #tell: (event: TransactionEvent) => void;
  readonly #connections = new Map<OpenFile, Connection>();
  readonly #commits = new Map<Inode, Commit[]>();
  readonly #failed = new Map<string, TransactionFailed>();

  /** @param tell told of each event, in order */
  constructor(disk: FileTable, tell: (event: TransactionEvent) => void) {
    this.#disk = disk;
    this.#tell = tell;
  }

  /** Enters a step, before the disk does. */
  see(step: TraceStep): void {
    const file = this.#disk.of(step);
    if (file === undefined) return;
    if (step.op === 'close') this.#connections.delete(file);
    this.#mayFail(step, file);
    if (step.rc !== 'SQLITE_OK') return;
    if (step.op === 'write') this.#wrote(step, file);
    else if (step.op === 'shmLock') this.#slot(step, file);
    else if (step.op === 'lock' || step.op === 'unlock') this.#level(step, file, String(step.args?.['level']));
  }

  #of(file: OpenFile): Connection {
    const known = this.#connections.get(file);
    if (known !== undefined) return known;
    const fresh = { reads: undefined, lastRead: undefined, writing: undefined };
    this.#connections.set(file, fresh);
    return fresh;
  }

  #slot(step: TraceStep, file: OpenFile): void {
    const slot = argument(step, 'slot');
    const locks = step.args?.['action'] === 'lock';
    const exclusive = step.args?.['mode'] === 'exclusive';
    if (slot === writeSlot && exclusive) {
      if (locks && argument(step, 'count') === 1) this.#begins(step, file);
      else if (!locks) this.#ends(step, file);
    } else if (slot >= readSlots && !exclusive) {
      if (locks) this.#reads(step, file);
      else this.#hasRead(step, file);
    }
  }

  #level(step: TraceStep, file: OpenFile, level: string): void {
    if (step.op === 'lock') {
      if (level === 'SHARED' && file.wal === undefined) this.#reads(step, file);
      if (level === 'RESERVED') this.#begins(step, file);
      return;
    }
    this.#ends(step, file);
    if (level === 'NONE') this.#hasRead(step, file);
  }

  #reads({ step }: TraceStep, file: OpenFile): void {
    this.#of(file).reads ??= step;
  }

  #hasRead({ step }: TraceStep, file: OpenFile): void {
    const own = this.#of(file);
    if (own.reads !== undefined) own.lastRead = { from: own.reads, to: step };
    own.reads = undefined;
  }

  #begins({ step, lane }: TraceStep, file: OpenFile): void {
    const own = this.#of(file);
    const { reads = step, lastRead } = own;
    const others = (this.#commits.get(file.inode) ?? []).filter((one) => one.lane !== lane);
    const within = others.findLast((one) => one.step > reads);
    const between = lastRead && others.findLast((one) => one.step > lastRead.to && one.step < reads);
    const by = within ?? between;
    const read = within === undefined ? lastRead?.from : reads;
    const refused = within !== undefined;
    const before: Overtaken | undefined =
      by && read !== undefined ? { kind: 'overtaken', step, lane, name: file.name, read, by, refused } : undefined;
    own.writing = { began: step, before, wrote: 0, failed: undefined };
    const failed = this.#failed.get(lane);
    if (failed !== undefined) failed.again ??= step;
  }

  #ends({ step, lane }: TraceStep, file: OpenFile): void {
    const own = this.#of(file);
    const { writing } = own;
    own.writing = undefined;
    if (writing === undefined) return;
    const { began, before, wrote, failed } = writing;
    if (before !== undefined && before.refused === (wrote === 0)) this.#tell(before);
    if (failed !== undefined) {
      const event: TransactionFailed = {
        kind: 'transaction-failed',
        step,
        lane,
        name: file.name,
        began,
        failed,
        again: undefined,
      };
      this.#failed.set(lane, event);
      this.#tell(event);
    } else if (wrote > 0) {
      const commits = this.#commits.get(file.inode);
      if (commits === undefined) this.#commits.set(file.inode, [{ lane, step }]);
      else commits.push({ lane, step });
    }
  }

  /** The write transaction that the connection of a file is in: of one whose connection is not known, that of its lane. */
  #writingOf({ lane }: TraceStep, file: OpenFile): Writing | undefined {
    const own = this.#connections.get(file.database ?? file)?.writing;
    if (own !== undefined) return own;
    for (const [other, { writing }] of this.#connections)
      if (other.lane === lane && writing !== undefined) return writing;
    return undefined;
  }

  #wrote(step: TraceStep, file: OpenFile): void {
    const writing = this.#writingOf(step, file);
    if (writing !== undefined) writing.wrote++;
  }

  #mayFail(step: TraceStep, file: OpenFile): void {
    const { rc } = step;
    if (typeof rc !== 'string' || rc === 'SQLITE_IOERR_SHORT_READ' || !ending.test(rc)) return;
    const writing = this.#writingOf(step, file);
    if (writing !== undefined) writing.failed ??= step;
  }
}
