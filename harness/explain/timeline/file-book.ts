// Files and open files of a run as spans: which inode each name meant from when to when, how it lost its name and who held
// it open then; who had what open. The disk itself is followed by observe/file-table.ts. What stays out: locks (lock-book.ts).
import { posix } from 'node:path';
import type { FileSpan } from '../../model/timeline.ts';
import type { TraceStep } from '../../observe/trace.ts';
import type { FileTable, Inode, OpenFile } from '../../observe/file-table.ts';

/** A {@link FileSpan} with names for places. */
export interface FileDraft extends Omit<FileSpan, 'file' | 'by' | 'holders' | 'formerly'> {
  readonly file: string;
  readonly inode: Inode;
  readonly formerly: FileDraft | undefined;
  to: number | null;
  how: FileSpan['how'];
  by: string | null;
  holders: readonly string[];
}

export interface OpenDraft {
  readonly lane: string;
  readonly file: FileDraft;
  readonly from: number;
  to: number | null;
}

/** Steps after which a name may mean another file than before, or a file be open that was not. */
const followed: ReadonlySet<string> = new Set([
  'open',
  'close',
  'shmMap',
  'shmUnmap',
  'delete',
  'unlink',
  'rename',
  'link',
  'fileRead',
  'fileWrite',
  'copy',
  'flock',
  'fdOpen',
  'raw',
  'end',
]);

/** Steps that show that a file is there, before they happen; and what takes its name away. */
const meets: ReadonlySet<string> = new Set(['fileRead', 'copy', 'raw', 'delete', 'unlink', 'rename', 'link']);

/** The names that a step is about. */
function namesOf({ op, file, text }: TraceStep): readonly string[] {
  const other = op === 'rename' || op === 'link' || op === 'copy' ? [text ?? ''] : [];
  return file === undefined ? [] : [file, ...other].map((name) => posix.normalize(name));
}

function isDone({ rc }: TraceStep): boolean {
  return rc === 0 || rc === 'SQLITE_OK';
}

export class FileBook {
  readonly inodes: FileDraft[] = [];
  readonly opens: OpenDraft[] = [];
  readonly #disk: FileTable;
  /** What each name means now. */
  readonly #named = new Map<string, FileDraft>();
  /** The name that each file bore last. */
  readonly #last = new Map<Inode, FileDraft>();
  readonly #generations = new Map<string, Map<Inode, number>>();
  readonly #open = new Map<OpenFile, { readonly itself: OpenDraft; shm: OpenDraft | undefined }>();

  constructor(disk: FileTable) {
    this.#disk = disk;
  }

  /** The file that a name means now; undefined for none that a step has met. */
  named(name: string): FileDraft | undefined {
    return this.#named.get(posix.normalize(name));
  }

  /** A file by the name that it bears, or bore last. */
  of(inode: Inode): FileDraft | undefined {
    return this.#last.get(inode);
  }

  /** Enters a step before the disk does: what it takes away was there. */
  before(step: TraceStep): void {
    const [name] = namesOf(step);
    if (name === undefined || !isDone(step)) return;
    if (meets.has(step.op)) this.#disk.inodeOf(name);
    if (step.op === 'delete' || step.op === 'unlink' || step.op === 'rename') this.#settle(step, name);
  }

  /** Enters a step after the disk has. */
  after(step: TraceStep): void {
    if (step.op === 'fault') for (const name of this.#named.keys()) this.#settle(step, name); // a power loss
    if (!followed.has(step.op)) return;
    if (step.op === 'flock' && isDone(step)) for (const name of namesOf(step).slice(0, 1)) this.#disk.inodeOf(name);
    for (const name of namesOf(step)) this.#settle(step, name);
    if (step.op === 'open') this.#opened(step);
    else if (step.op === 'shmMap' || step.op === 'shmUnmap') this.#mapped(step);
    else if (step.op === 'close' || step.op === 'end') this.#closed(step);
  }

  /** Does a name still mean what it meant? */
  #settle(step: TraceStep, name: string): void {
    const now = this.#disk.named(name);
    const before = this.#named.get(name);
    if (before?.inode === now) return;
    if (before !== undefined) this.#lose(step, before);
    if (now === undefined) return;
    const generations = this.#generations.get(name) ?? new Map<Inode, number>();
    this.#generations.set(name, generations);
    const generation = generations.get(now) ?? generations.size + 1;
    generations.set(now, generation);
    const formerly = this.#last.get(now);
    const lost = { to: null, how: null, by: null, holders: [] };
    const draft: FileDraft = { file: name, inode: now, formerly, generation, from: step.step, ...lost };
    this.inodes.push(draft);
    this.#named.set(name, draft);
    if (formerly === undefined || formerly.to !== null) this.#last.set(now, draft); // else a second name
  }

  #lose(step: TraceStep, draft: FileDraft): void {
    this.#named.delete(draft.file);
    draft.to = step.step;
    draft.by = step.lane;
    if (step.op !== 'rename') draft.how = 'unlinked';
    else draft.how = draft.file === posix.normalize(step.file ?? '') ? 'renamed' : 'replaced';
    const { inode } = draft;
    const holders = this.#disk.open().filter((file) => file.inode === inode || file.shm === inode);
    draft.holders = [...new Set(holders.map(({ lane }) => lane))];
  }

  #begin(lane: string, name: string, inode: Inode, from: number): OpenDraft | undefined {
    const named = this.named(name);
    const file = named?.inode === inode ? named : this.#last.get(inode);
    if (file === undefined) return undefined;
    const draft: OpenDraft = { lane, file, from, to: null };
    this.opens.push(draft);
    return draft;
  }

  #opened(step: TraceStep): void {
    const file = this.#disk.of(step);
    if (file === undefined || this.#open.has(file)) return;
    const itself = this.#begin(step.lane, file.name, file.inode, step.step);
    if (itself !== undefined) this.#open.set(file, { itself, shm: undefined });
  }

  #mapped(step: TraceStep): void {
    const file = this.#disk.of(step);
    const open = file === undefined ? undefined : this.#open.get(file);
    if (file === undefined || open === undefined) return;
    if (file.shm !== undefined) open.shm ??= this.#begin(step.lane, step.file ?? '', file.shm, step.step);
    else if (open.shm !== undefined) {
      open.shm.to = step.step;
      open.shm = undefined;
    }
  }

  /** A connection was closed, or a whole process ended. */
  #closed(step: TraceStep): void {
    const still = new Set(this.#disk.open());
    for (const [file, { itself, shm }] of this.#open) {
      if (still.has(file)) continue;
      itself.to = step.step;
      if (shm !== undefined) shm.to = step.step;
      this.#open.delete(file);
    }
  }
}
