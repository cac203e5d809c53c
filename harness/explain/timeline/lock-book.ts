// Locks of a run as spans: what SQLite in each lane believed it held, from the step that was granted it to the step that
// ended it, and where the kernel dropped it before; flock(2) too. What is held is followed by observe/lock-table.ts. What stays
// out: what comes of it, and mutexes, which are no file's.
import type { TraceStep } from '../../observe/trace.ts';
import { flockRefused } from '../../model/operations.ts';
import { processOf } from '../../model/names.ts';
import type { FileTable, OpenFile } from '../../observe/file-table.ts';
import type { Belief, LockTable } from '../../observe/lock-table.ts';
import type { FileBook, FileDraft } from './file-book.ts';

/** A LockSpan of model/timeline.ts with names for places. */
export interface LockDraft {
  readonly lane: string;
  readonly file: FileDraft;
  /** The name that the file bore then. */
  readonly name: string;
  readonly what: string;
  readonly exclusive: boolean;
  readonly from: number;
  to: number | null;
  lostAt: number | null;
}

/** @property since as observe/lock-table.ts has it: a lock that was given back and taken anew has another */
interface Running {
  readonly draft: LockDraft;
  readonly since: number;
}

type Held = Pick<Belief, 'what' | 'since' | 'exclusive' | 'lost'>;

const levels: ReadonlySet<string> = new Set(['SHARED', 'RESERVED', 'PENDING', 'EXCLUSIVE']);

/** Steps after which a process may hold other locks than before, or the kernel hold fewer for it. */
const followed: ReadonlySet<string> = new Set([
  'lock',
  'unlock',
  'shmLock',
  'shmUnmap',
  'close',
  'raw',
  'fileRead',
  'fileWrite',
  'copy',
  'funlock',
  'fdClose',
]);

export class LockBook {
  readonly locks: LockDraft[] = [];
  readonly #disk: FileTable;
  readonly #held: LockTable;
  readonly #files: FileBook;
  readonly #running = new Map<OpenFile, Map<string, Running>>();
  /** Connections that have PENDING, and since when. */
  readonly #pending = new Map<OpenFile, number>();
  /** flock(2)s by lane and file, the latest last. */
  readonly #flocks = new Map<string, LockDraft[]>();

  constructor(disk: FileTable, held: LockTable, files: FileBook) {
    this.#disk = disk;
    this.#held = held;
    this.#files = files;
  }

  /**
   * Enters a step, after locks, disk and files have.
   *
   * @param ended the process that the step ended
   */
  see(step: TraceStep, ended: string | undefined): void {
    if (ended !== undefined) this.#ended(step, ended);
    if (step.op === 'flock' && step.rc === 0) this.#flocked(step);
    else if (step.op === 'funlock' && step.text !== flockRefused) end(this.#flocks.get(flockKey(step))?.pop(), step);
    if (!followed.has(step.op)) return;
    if (step.op === 'lock') this.#waited(step);
    const process = processOf(step.lane);
    const open = new Set(this.#disk.open().filter((file) => file.role === 'db' && file.process === process));
    for (const file of open) this.#settle(step, file);
    for (const file of this.#running.keys()) if (file.process === process && !open.has(file)) this.#drop(step, file);
  }

  /**
   * xLock(EXCLUSIVE) from RESERVED takes PENDING first, and keeps it when readers do not let it have the rest: no new ones
   * come in (os_unix.c, unixLock; lockingv3.html, section 3).
   */
  #waited(step: TraceStep): void {
    const file = this.#disk.of(step);
    if (file === undefined || step.args?.['level'] !== 'EXCLUSIVE' || step.rc !== 'SQLITE_BUSY') return;
    if (step.injected === true || this.#pending.has(file) || !this.#has(file, 'RESERVED')) return;
    const others = this.#disk.open().filter((one) => one.inode === file.inode && one.process !== file.process);
    if (!others.some((one) => this.#pending.has(one) || this.#has(one, 'EXCLUSIVE')))
      this.#pending.set(file, step.step);
  }

  #has(file: OpenFile, what: string): boolean {
    return this.#held.heldBy(file).some((held) => held.what === what);
  }

  #heldBy(file: OpenFile): readonly Held[] {
    const held = this.#held.heldBy(file);
    const since = this.#pending.get(file);
    if (since === undefined) return held;
    const reserved = held.find(({ what }) => what === 'RESERVED');
    if (reserved === undefined || held.some(({ what }) => what === 'EXCLUSIVE')) {
      this.#pending.delete(file);
      return held;
    }
    // What the kernel drops, it drops for the whole file.
    const lost = reserved.lost !== undefined && reserved.lost.step >= since ? reserved.lost : undefined;
    return [...held, { what: 'PENDING', since, exclusive: true, lost }];
  }

  /** Sets the spans of a connection beside what it holds now. */
  #settle(step: TraceStep, file: OpenFile): void {
    const running = this.#running.get(file) ?? new Map<string, Running>();
    this.#running.set(file, running);
    const held = this.#heldBy(file);
    const still = new Set(held.map(({ what }) => what));
    for (const [what, { draft }] of running) {
      if (still.has(what)) continue;
      end(draft, step);
      running.delete(what);
    }
    for (const one of held) {
      const before = running.get(one.what);
      if (before?.since === one.since && (before.draft.lostAt === null || one.lost !== undefined)) {
        if (one.lost !== undefined) before.draft.lostAt ??= one.lost.step;
        continue;
      }
      end(before?.draft, step);
      const draft = this.#begin(step, file, one);
      if (draft !== undefined) running.set(one.what, { draft, since: one.since });
    }
  }

  #begin(step: TraceStep, { lane, inode, shm }: OpenFile, { what, exclusive, lost }: Held): LockDraft | undefined {
    const on = levels.has(what) ? inode : shm;
    const file = on === undefined ? undefined : this.#files.of(on);
    if (file === undefined) return undefined;
    const from = step.step;
    const lostAt = lost === undefined ? null : from;
    return this.#add({ lane, file, name: file.file, what, exclusive, from, to: null, lostAt });
  }

  #add(draft: LockDraft): LockDraft {
    this.locks.push(draft);
    return draft;
  }

  #drop(step: TraceStep, file: OpenFile): void {
    for (const { draft } of this.#running.get(file)?.values() ?? []) end(draft, step);
    this.#running.delete(file);
    this.#pending.delete(file);
  }

  #flocked(step: TraceStep): void {
    const file = this.#files.named(step.file ?? '');
    if (file === undefined) return;
    const { lane, step: from, text } = step;
    const exclusive = text !== 'shared';
    const lock = this.#add({ lane, file, name: file.file, what: 'flock', exclusive, from, to: null, lostAt: null });
    const key = flockKey(step);
    this.#flocks.set(key, [...(this.#flocks.get(key) ?? []), lock]);
  }

  /** The kernel drops all locks of a dead process. */
  #ended(step: TraceStep, process: string): void {
    for (const file of this.#running.keys()) if (file.process === process) this.#drop(step, file);
    for (const [key, locks] of this.#flocks) {
      if (!locks.some(({ lane }) => processOf(lane) === process)) continue;
      for (const lock of locks) end(lock, step);
      this.#flocks.delete(key);
    }
  }
}

function flockKey({ lane, file }: TraceStep): string {
  return `${lane} ${file}`;
}

function end(draft: LockDraft | undefined, step: TraceStep): void {
  if (draft !== undefined) draft.to = step.step;
}
