// Transactions of each lane, as their locks show them: which ended by an error, and which wrote on what had been read before
// another lane's commit. A write transaction holds WRITE of the wal-index, or RESERVED; a read transaction a READ mark, or
// SHARED (walformat.html, section 2.3; lockingv3.html, section 3). What stays out: SQL, which the trace does not have.
import { type TraceStep, argument } from '../observe/trace.ts';
import { processOf } from '../model/names.ts';
import { walSlot } from '../model/record.ts';
import { parseRequest } from '../model/request.ts';
import type { FileTable, Inode, OpenFile } from '../observe/file-table.ts';
import { type Commit, type Ground, type Reading, Readings } from '../observe/readings.ts';
import { pageIn, type PageVersion } from './page-versions.ts';

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

/** A lane wanted to write on what it had read in the same transaction before another lane committed (SQLITE_BUSY_SNAPSHOT). */
export interface RefusedWrite {
  readonly kind: 'refused-write';
  readonly step: number;
  readonly lane: string;
  readonly name: string;
  readonly read: number;
  readonly by: Commit;
}

/** @property pages that were read from the disk: those that were in the cache, no step shows */
interface PagesRead extends Reading {
  readonly pages: readonly PageVersion[];
}

/**
 * @property step from which on everybody else sees it
 * @property began to write
 * @property read what it had read before, in a transaction of its own
 * @property pages that it wrote; where it changed none, that it looked at with the lock to write
 */
export interface CommitMade extends Commit {
  readonly began: number;
  readonly read: PagesRead | undefined;
  readonly pages: readonly PageVersion[];
  readonly changed: boolean;
}

/** @property first what the one who committed had read before, where that was the same as the reading that it overtook */
export interface Between {
  readonly by: CommitMade;
  readonly first: PagesRead | undefined;
}

/**
 * A lane wrote on what it, or a process started by the same one, had read in another transaction.
 *
 * @property between commits of others since then, in order: the reading knew nothing of them. At least one
 */
export interface Overtaken {
  readonly kind: 'overtaken';
  readonly step: number;
  readonly name: string;
  readonly lane: string;
  readonly read: PagesRead;
  readonly between: readonly Between[];
  readonly commit: CommitMade;
}

/** A transaction that only read is over. */
export interface HasRead extends PagesRead {
  readonly kind: 'has-read';
  readonly step: number;
  readonly name: string;
}

/** A transaction that had the lock to write is over, and no error ended it. */
export interface HasWritten {
  readonly kind: 'has-written';
  readonly step: number;
  readonly lane: string;
  readonly name: string;
  readonly commit: CommitMade;
}

export type TransactionEvent = TransactionFailed | RefusedWrite | Overtaken | HasRead | HasWritten;

/**
 * @property pagesRead how many pages it had read in this transaction when it began to write
 * @property published the step from which on everybody else sees it
 */
interface Writing {
  readonly began: number;
  readonly before: RefusedWrite | undefined;
  readonly pages: PageVersion[];
  readonly pagesRead: number;
  wrote: number;
  published: number | undefined;
  ground: Ground<PagesRead, CommitMade> | undefined;
  failed: TraceStep | undefined;
}

/** @property toWrite it asked to write in this transaction: where it was refused, what it has read is read again */
interface Connection {
  reads: number | undefined;
  toWrite: boolean;
  pages: PageVersion[];
  writing: Writing | undefined;
}

/** What ends a transaction, and is no answer of every run. */
const ending = /^SQLITE_(IOERR|FULL|NOMEM|CORRUPT|READONLY)/;

export class Transactions {
  readonly #disk: FileTable;
  readonly #tell: (event: TransactionEvent) => void;
  readonly #connections = new Map<OpenFile, Connection>();
  readonly #commits = new Map<Inode, CommitMade[]>();
  readonly #readings = new Readings<Inode, PagesRead, CommitMade>();
  readonly #failed = new Map<string, TransactionFailed>();

  /** @param tell told of each event, in order */
  constructor(disk: FileTable, tell: (event: TransactionEvent) => void) {
    this.#disk = disk;
    this.#tell = tell;
  }

  /** Enters a step, before the disk does. */
  see(step: TraceStep): void {
    if (step.op === 'ask') this.#started(step);
    if (step.op === 'end') this.#readings.ended(step.lane);
    const file = this.#disk.of(step);
    if (file === undefined) return;
    if (step.op === 'close') {
      this.#hasRead(step, file);
      this.#connections.delete(file);
    }
    this.#mayFail(step, file);
    if (step.op === 'shmBarrier') this.#publishes(step, file);
    else if (step.rc === 'SQLITE_BUSY' && isToWrite(step)) this.#of(file).toWrite = true;
    if (step.rc !== 'SQLITE_OK') return;
    if (step.op === 'read') this.#pageRead(step, file);
    else if (step.op === 'write') this.#wrote(step, file);
    else if (step.op === 'shmLock') this.#slot(step, file);
    else if (step.op === 'lock' || step.op === 'unlock') this.#level(step, file, String(step.args?.['level']));
  }

  #started({ lane, text = '', rc }: TraceStep): void {
    const request = parseRequest(text);
    if (rc === 0 && (request.kind === 'forked' || request.kind === 'exec' || request.kind === 'spawn'))
      this.#readings.started(request.name, processOf(lane));
  }

  #of(file: OpenFile): Connection {
    const known = this.#connections.get(file);
    if (known !== undefined) return known;
    const fresh = { reads: undefined, toWrite: false, pages: [], writing: undefined };
    this.#connections.set(file, fresh);
    return fresh;
  }

  #slot(step: TraceStep, file: OpenFile): void {
    const slot = argument(step, 'slot');
    const locks = step.args?.['action'] === 'lock';
    const exclusive = step.args?.['mode'] === 'exclusive';
    if (slot === walSlot.write && exclusive) {
      if (locks && argument(step, 'count') === 1) this.#begins(step, file);
      else if (!locks) this.#ends(step, file);
    } else if (slot >= walSlot.read && !exclusive) {
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

  /** A transaction is over; one that was to write is no reading. */
  #hasRead({ step, lane }: TraceStep, file: OpenFile): void {
    const own = this.#of(file);
    if (own.writing !== undefined) return; // to begin the -wal anew, a writer takes another READ mark (wal.c, walRestartLog)
    const { reads, toWrite, pages } = own;
    if (reads !== undefined && !toWrite) {
      const read = { lane, from: reads, to: step, pages };
      this.#readings.hasRead(file.inode, read, pages.length > 0);
      this.#tell({ kind: 'has-read', step, name: file.name, ...read });
    }
    Object.assign(own, { reads: undefined, toWrite: false, pages: [] });
  }

  #begins({ step, lane }: TraceStep, file: OpenFile): void {
    const own = this.#of(file);
    const { reads = step } = own;
    own.toWrite = true;
    const by = this.#commits.get(file.inode)?.findLast((one) => one.lane !== lane && one.step > reads);
    const before: RefusedWrite | undefined = by && {
      kind: 'refused-write',
      step,
      lane,
      name: file.name,
      read: reads,
      by,
    };
    own.writing = {
      began: step,
      before,
      pages: [],
      pagesRead: own.pages.length,
      wrote: 0,
      published: undefined,
      ground: undefined,
      failed: undefined,
    };
    const failed = this.#failed.get(lane);
    if (failed !== undefined) failed.again ??= step;
  }

  /** For everybody else, a commit to a -wal is one once the wal-index says so (wal.c, walIndexWriteHdr). */
  #publishes({ step }: TraceStep, file: OpenFile): void {
    const writing = this.#connections.get(file)?.writing;
    if (writing !== undefined && writing.wrote > 0) writing.published ??= step;
  }

  #ends(step: TraceStep, file: OpenFile): void {
    const own = this.#of(file);
    const { writing } = own;
    own.writing = undefined;
    if (writing === undefined) return;
    const { before, wrote, failed, pagesRead } = writing;
    if (before !== undefined && wrote === 0) this.#tell(before);
    if (failed !== undefined) this.#hasFailed(step, file, writing, failed);
    else if (wrote > 0) this.#hasWritten(step, file, writing, writing.pages);
    // What is written and was there already, no step shows (btree.c, btreeOverwriteContent).
    else if (own.pages.length > pagesRead) this.#hasWritten(step, file, writing, own.pages.slice(pagesRead));
  }

  #hasFailed({ step, lane }: TraceStep, { name }: OpenFile, { began }: Writing, failed: TraceStep): void {
    const event: TransactionFailed = {
      kind: 'transaction-failed',
      step,
      lane,
      name,
      began,
      failed,
      again: undefined,
    };
    this.#failed.set(lane, event);
    this.#tell(event);
  }

  #hasWritten({ step, lane }: TraceStep, file: OpenFile, writing: Writing, pages: readonly PageVersion[]): void {
    const { began, wrote, published = step } = writing;
    const { name, inode } = file;
    const { read, by } = writing.ground ?? this.#readings.writes(inode, lane);
    const commit: CommitMade = { lane, step: published, began, read, pages, changed: wrote > 0 };
    if (read && by) {
      const others = this.#commits.get(inode)?.filter((one) => one.lane !== lane && one.step > read.from) ?? [];
      const between = others.map((one) => ({ by: one, first: this.#same(inode, read, one) }));
      this.#tell({ kind: 'overtaken', step: began, lane, name, read, between, commit });
    }
    this.#tell({ kind: 'has-written', step, lane, name, commit });
    if (wrote === 0) return;
    this.#readings.commits(inode, commit);
    const commits = this.#commits.get(inode);
    if (commits === undefined) this.#commits.set(inode, [commit]);
    else commits.push(commit);
  }

  /** What a lane that committed had read before, where nobody had committed between that and a reading. */
  #same(inode: Inode, { from }: PagesRead, { read }: CommitMade): PagesRead | undefined {
    if (read === undefined) return undefined;
    const [earlier, later] = [Math.min(from, read.from), Math.max(from, read.from)];
    const between = this.#commits.get(inode)?.some(({ step }) => step > earlier && step <= later) ?? false;
    return between ? undefined : read;
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
    if (writing === undefined) return;
    const inode = (file.database ?? file).inode;
    if (writing.wrote === 0) writing.ground = this.#readings.writes(inode, step.lane);
    writing.wrote++;
    const page = pageIn(step);
    if (page !== undefined) writing.pages.push(page);
  }

  #pageRead(step: TraceStep, file: OpenFile): void {
    const page = pageIn(step);
    if (page !== undefined) this.#of(file.database ?? file).pages.push(page);
  }
  #mayFail(step: TraceStep, file: OpenFile): void {
    const { rc } = step;
    if (typeof rc !== 'string' || rc === 'SQLITE_IOERR_SHORT_READ' || !ending.test(rc)) return;
    const writing = this.#writingOf(step, file);
    if (writing !== undefined) writing.failed ??= step;
  }
}

/** Does a step ask for a lock by which a transaction writes? */
function isToWrite({ op, args }: TraceStep): boolean {
  if (op === 'lock') return args?.['level'] !== 'SHARED';
  return op === 'shmLock' && args?.['action'] === 'lock' && args['slot'] === walSlot.write;
}
