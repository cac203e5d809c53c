// Locks of open file descriptions (fcntl(2), F_OFD_SETLK) that programs have on SQLite's own descriptors. Such a lock is gone with its
// descriptor, not when the process closes another of the file. SQLite keeps the descriptor of a connection that is closed while
// another of the process has the file locked (os_unix.c, setPendingFd), and closes that of a wal-index with the last connection of the
// process that has it mapped. What stays out: locks of processes (lock-table.ts).
import type { FileTable, Inode, OpenFile } from './file-table.ts';
import { argument, type TraceStep } from './trace.ts';

/** @property holder the connection that the descriptor was opened for; it may be closed by now */
export interface OfdLock {
  readonly holder: OpenFile;
  readonly inode: Inode;
  readonly from: number;
  readonly to: number;
  readonly since: number;
}

/** @property kept the connection is closed, and its descriptor is not */
interface Held extends OfdLock {
  readonly role: string;
  kept: boolean;
}

export class OfdLocks {
  readonly #files: FileTable;
  readonly #holdsAny: (file: OpenFile) => boolean;
  #held: readonly Held[] = [];

  /** @param holdsAny has a connection a lock on its database? */
  constructor(files: FileTable, holdsAny: (file: OpenFile) => boolean) {
    this.#files = files;
    this.#holdsAny = holdsAny;
  }

  /** Those on some of these bytes of a file. */
  on(inode: Inode, { from, to }: { readonly from: number; readonly to: number }): readonly OfdLock[] {
    return this.#held.filter((one) => one.inode === inode && one.from <= to && one.to >= from);
  }

  /** Enters a step, before the table of files does, and after those of locks. */
  see(step: TraceStep): void {
    if (step.op === 'fdLock') this.#asked(step);
    if (this.#held.length === 0) return;
    const file = this.#files.of(step);
    if (file !== undefined && step.op === 'close') this.#closed(file);
    else if (file !== undefined && step.op === 'shmUnmap') this.#unmapped(file);
    else if (step.op === 'unlock') this.#unlocked();
  }

  ended(process: string | undefined): void {
    if (process !== undefined) this.#held = this.#held.filter(({ holder }) => holder.process !== process);
  }

  #asked(step: TraceStep): void {
    const { lane, opener = lane, handle = 0, role = '', args, rc } = step;
    const holder = this.#files.at(opener, handle);
    if (args?.['owner'] !== 'descriptor' || rc !== 0) return;
    const from = argument(step, 'offset');
    const to = from + argument(step, 'length') - 1;
    const other = (one: Held): boolean =>
      one.role !== role || one.holder !== (holder ?? one.holder) || one.from > to || one.to < from;
    if (args['action'] === 'unlock') this.#held = this.#held.filter(other);
    const inode = role === 'shm' ? holder?.shm : holder?.inode;
    if (args['action'] !== 'lock' || holder === undefined || inode === undefined || !this.#held.every(other)) return;
    this.#held = [...this.#held, { holder, inode, role, from, to, since: step.step, kept: false }];
  }

  #sharing({ process, inode }: OpenFile): readonly OpenFile[] {
    return this.#files.open().filter((one) => one.role === 'db' && one.process === process && one.inode === inode);
  }

  #closed(file: OpenFile): void {
    const locked = this.#sharing(file).some((one) => one !== file && this.#holdsAny(one));
    this.#held = this.#held.filter(({ holder, role }) => holder !== file || role === 'shm' || locked);
    for (const one of this.#held) if (one.holder === file) one.kept = true;
  }

  #unmapped(file: OpenFile): void {
    const { process, shm } = file;
    if (this.#files.open().some((one) => one !== file && one.process === process && one.shm === shm)) return;
    this.#held = this.#held.filter((one) => one.inode !== shm || one.holder.process !== process);
  }

  #unlocked(): void {
    if (!this.#held.some(({ kept }) => kept)) return;
    this.#held = this.#held.filter(
      ({ holder, role, kept }) => role === 'shm' || !kept || this.#sharing(holder).some(this.#holdsAny),
    );
  }
}
