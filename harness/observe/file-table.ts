// The files of a run, followed through its steps: which file each name means, who has which file open, and how a file
// lost its name or its contents. A file here is an inode, which goes on living while somebody has it open. What stays
// out: locks (lock-table.ts), and what is in a -wal (explain/wals.ts).
import { posix } from 'node:path';
import type { Role } from '../model/operations.ts';
import { Lives } from './lives.ts';
import { argument, type TraceStep } from './trace.ts';
import { processOf } from '../model/names.ts';

/**
 * @property content rises when somebody who is not SQLite writes over it
 * @property writers lanes whose SQLite wrote to it
 */
export interface Inode {
  name: string;
  content: number;
  readonly writers: Set<string>;
  lost: FileLost | undefined;
  /** Of a -wal or journal: the database that it was made for. */
  madeFor: { readonly inode: Inode; readonly content: number } | undefined;
}

/**
 * A file that SQLite has open: a connection's database, or a -wal or journal.
 *
 * @property lane opened it; others of its process may use it too
 * @property database of a -wal or journal: the database of the same connection, as far as that is known
 */
export interface OpenFile {
  readonly lane: string;
  readonly database: OpenFile | undefined;
  readonly process: string;
  readonly role: Role;
  /** The name by which it was opened. */
  readonly name: string;
  /** The name by which the kernel knows the open file: that which it bears now, or bore last. */
  bears: string;
  readonly inode: Inode;
  /** Of a database: its -wal, and the wal-index, which the connections of a process to one file share (os_unix.c). */
  wal: Inode | undefined;
  shm: Inode | undefined;
}

/** A descriptor that a lane has of a file, as a plain file. */
export interface HeldDescriptor {
  readonly process: string;
  readonly inode: Inode;
}

/** A name of a database file, -wal, -shm or journal came to mean another file, or none. */
export interface FileLost {
  readonly kind: 'file-lost';
  readonly step: number;
  readonly lane: string;
  readonly name: string;
  readonly how: 'unlinked' | 'replaced' | 'renamed';
  /** The other name: where it was renamed to, or what was renamed over it. */
  readonly other: string | undefined;
  readonly inode: Inode;
  /** Who had it open. */
  readonly holders: readonly OpenFile[];
  /** SQLite did it, in that lane: not a person or a program by the name. */
  readonly bySqlite: boolean;
}

/** Somebody who is not SQLite wrote over a database file, -wal, -shm or journal. */
export interface Overwritten {
  readonly kind: 'overwritten';
  readonly step: number;
  readonly lane: string;
  readonly name: string;
  readonly from: string | undefined;
  readonly inode: Inode;
  readonly holders: readonly OpenFile[];
}

/** A connection opened a -wal or journal that was made for another database file than the one it has open. */
export interface Mispaired {
  readonly kind: 'mispaired';
  readonly step: number;
  readonly lane: string;
  readonly name: string;
  readonly database: OpenFile;
  readonly sidecar: Inode;
}

/** A connection has a new -wal, and with its process the wal-index of one that has been unlinked. */
export interface SplitIndex {
  readonly kind: 'split-index';
  readonly step: number;
  readonly lane: string;
  readonly name: string;
  readonly lost: FileLost;
}

/** A database was opened by a name beside which there is no journal, while one that is not finished lies beside another. */
export interface SecondName {
  readonly kind: 'second-name';
  readonly step: number;
  readonly lane: string;
  readonly name: string;
  readonly other: string;
  readonly sidecar: string;
  /** Who wrote to that journal or -wal. */
  readonly writers: readonly string[];
}

export type FileEvent = FileLost | Overwritten | Mispaired | SplitIndex | SecondName;

export class FileTable {
  readonly #inodes = new Map<string, Inode>();
  readonly #open = new Map<string, OpenFile>();
  readonly #descriptors = new Map<string, HeldDescriptor>();
  /** The same as a list, until somebody opens or closes: every lock looks through it. */
  #list: readonly OpenFile[] | undefined;
  readonly #lives = new Lives();
  /** The database that each lane has asked for a lock on last: of that connection is the -wal or journal that it opens next. */
  readonly #locked = new Map<string, OpenFile>();
  /** Names of which a step has said that they are databases: the gate knows which are (gate.c, roleOfName). */
  readonly #databases = new Set<string>();
  readonly #tell: (event: FileEvent) => void;

  /** @param tell told of each event, in order; default: nobody */
  constructor(tell: (event: FileEvent) => void = () => undefined) {
    this.#tell = tell;
  }

  /** All that SQLite has open now. */
  open(): readonly OpenFile[] {
    this.#list ??= [...this.#open.values()];
    return this.#list;
  }

  /** What a step's handle stands for; undefined for a step without one. */
  of(step: TraceStep): OpenFile | undefined {
    return step.handle === undefined ? undefined : this.#open.get(keyOf(step));
  }

  /** @param handle number of an open file among those that a lane has opened */
  at(opener: string, handle: number): OpenFile | undefined {
    return this.#open.get(`${opener} ${handle}`);
  }

  /** @param handle number of a descriptor among the files that a lane has opened */
  descriptorAt(opener: string, handle: number): HeldDescriptor | undefined {
    return this.#descriptors.get(`${opener} ${handle}`);
  }

  /** The file that a name means now; undefined for one that no step has met, or that has lost its name. */
  named(name: string): Inode | undefined {
    return this.#inodes.get(name);
  }

  /** All names that mean a file now. */
  namesOf(inode: Inode): readonly string[] {
    return [...this.#inodes].flatMap(([name, one]) => (one === inode ? [name] : []));
  }

  /** The file that a name means now; one that no step has met is met now. */
  inodeOf(name: string): Inode {
    const known = this.#inodes.get(name);
    if (known !== undefined) return known;
    const inode: Inode = { name, content: 0, writers: new Set(), lost: undefined, madeFor: undefined };
    this.#inodes.set(name, inode);
    return inode;
  }

  /** Enters a step. A close is entered after everybody has looked at it. */
  see(step: TraceStep): void {
    const name = posix.normalize(step.file ?? '');
    if (step.role === 'db') this.#databases.add(name);
    switch (step.op) {
      case 'start':
      case 'end':
        this.#ended(this.#lives.see(step));
        break;
      case 'fault':
        this.#powerLost(step);
        this.#removed(step);
        break;
      case 'exec': // descriptors are closed; those that stay are told of as opened anew
        if (step.rc === 0) this.#ended(processOf(step.lane));
        break;
      case 'open':
        if (step.rc === 'SQLITE_OK') this.#opened(step, name);
        break;
      case 'close':
        this.#open.delete(keyOf(step));
        this.#list = undefined;
        break;
      case 'lock':
        this.#locks(step);
        break;
      case 'shmMap':
      case 'shmUnmap':
        this.#mapped(step, name);
        break;
      case 'delete':
      case 'unlink':
      case 'rename':
      case 'link':
        if (step.rc === 0 || step.rc === 'SQLITE_OK') this.#named(step, name);
        break;
      case 'write':
        this.of(step)?.inode.writers.add(step.lane);
        break;
      case 'fileWrite':
        if (step.rc === 0) this.#overwritten(step, name, undefined);
        break;
      case 'fdOpen':
        if (step.rc === 0) this.#openedRaw(step, name);
        break;
      case 'fdWrite':
      case 'fdTruncate': {
        const held = this.#descriptors.get(keyOf(step));
        if (step.rc === 0 && held !== undefined) this.#overwrittenIn(step, held.inode, held.inode.name, undefined);
        break;
      }
      case 'fdClose':
        this.#descriptors.delete(keyOf(step));
        break;
      case 'copy':
        if (step.rc === 0) this.#overwritten(step, posix.normalize(step.text ?? ''), name);
        break;
      default:
    }
  }

  /** After a power loss every name means another file, or none (run/lose-power.ts). */
  #powerLost({ text = '' }: TraceStep): void {
    if (!text.startsWith('{"kind":"power-loss","left"')) return;
    const { links = [] } = JSON.parse(text) as { links?: readonly (readonly [string, string])[] };
    for (const known of [this.#inodes, this.#open, this.#descriptors, this.#locked]) known.clear();
    this.#list = undefined;
    for (const [first, other] of links) this.#inodes.set(other, this.inodeOf(first));
  }

  /** A fault of the plan took names away (run/fault-host.ts). */
  #removed({ text = '' }: TraceStep): void {
    if (!text.startsWith('{"kind":"file-damage","gone"')) return;
    for (const name of (JSON.parse(text) as { gone: readonly string[] }).gone)
      this.#inodes.delete(posix.normalize(name));
  }

  #isDatabaseFile(name: string): boolean {
    const base = name.replace(/-(wal|shm|journal)$/, '');
    return base.endsWith('.db') || this.#databases.has(base);
  }

  #ended(process: string | undefined): void {
    for (const open of [this.#open, this.#descriptors])
      for (const [key, file] of open) if (file.process === process) open.delete(key);
    this.#list = undefined;
  }

  #opened(step: TraceStep, name: string): void {
    const { role, lane } = step;
    if (role !== 'db' && role !== 'wal' && role !== 'journal') return;
    const fresh = !this.#inodes.has(name);
    const inode = this.inodeOf(name);
    const database = role === 'db' ? undefined : this.#databaseOf(name, role, lane);
    const file: OpenFile = {
      lane,
      database,
      process: processOf(lane),
      role,
      name,
      bears: name,
      inode,
      wal: undefined,
      shm: undefined,
    };
    this.#open.set(keyOf(step), file);
    this.#list = undefined;
    if (role === 'db') return this.#byOtherName(step, name, inode);
    if (database === undefined) return;
    if (role === 'wal') database.wal = inode;
    const madeFor = { inode: database.inode, content: database.inode.content };
    if (fresh || inode.madeFor === undefined) inode.madeFor = madeFor;
    else if (inode.madeFor.inode !== madeFor.inode || inode.madeFor.content !== madeFor.content)
      this.#tell({ kind: 'mispaired', step: step.step, lane, name, database, sidecar: inode });
  }

  /** Opened to write, it is empty from now on. */
  #openedRaw(step: TraceStep, name: string): void {
    if (step.text === 'w' || step.text === 'w+') this.#overwritten(step, name, undefined);
    this.#descriptors.set(keyOf(step), { process: processOf(step.lane), inode: this.inodeOf(name) });
  }

  #locks(step: TraceStep): void {
    const file = this.of(step);
    if (file !== undefined) this.#locked.set(step.lane, file);
  }

  /** The database of the connection for which a lane opens a -wal or journal. */
  #databaseOf(name: string, role: string, lane: string): OpenFile | undefined {
    const isIts = (file: OpenFile): boolean => `${file.name}-${role}` === name && file.wal === undefined;
    const locked = this.#locked.get(lane);
    if (locked !== undefined && isIts(locked)) return locked;
    return this.open().findLast((other) => other.lane === lane && other.role === 'db' && isIts(other));
  }

  #byOtherName({ step, lane }: TraceStep, name: string, inode: Inode): void {
    for (const other of this.namesOf(inode)) {
      for (const sidecar of [`${other}-journal`, `${other}-wal`]) {
        const writers = [...(this.named(sidecar)?.writers ?? [])];
        if (other === name || writers.length === 0) continue;
        this.#tell({ kind: 'second-name', step, lane, name, other, sidecar, writers });
      }
    }
  }

  #mapped(step: TraceStep, name: string): void {
    const file = this.of(step);
    if (file === undefined) return;
    if (step.op === 'shmUnmap') {
      const { shm } = file;
      file.shm = undefined;
      // Only the last connection of a process really unlinks (os_unix.c, unixShmUnmap).
      const last = !this.open().some((other) => other.process === file.process && other.shm === shm);
      if (argument(step, 'delete') !== 0 && last) this.#named(step, name);
      return;
    }
    if (step.rc !== 'SQLITE_OK' || file.shm !== undefined) return;
    const sharing = this.open().find(
      (other) => other.process === file.process && other.inode === file.inode && other.shm !== undefined,
    );
    file.shm = sharing?.shm ?? this.inodeOf(name);
    const { lost } = file.shm;
    if (lost !== undefined && file.wal !== undefined && file.wal.lost === undefined)
      this.#tell({ kind: 'split-index', step: step.step, lane: step.lane, name: file.wal.name, lost });
  }

  #named(step: TraceStep, name: string): void {
    const to = posix.normalize(step.text ?? '');
    if (step.op === 'link') {
      this.#inodes.set(to, this.inodeOf(name));
    } else if (step.op !== 'rename') {
      this.#lose(step, name, 'unlinked', undefined);
    } else {
      const moved = this.inodeOf(name);
      if (this.#inodes.get(to) === moved) return; // two names of one file: rename(2) does nothing
      if (this.#inodes.has(to)) this.#lose(step, to, 'replaced', name);
      this.#lose(step, name, 'renamed', to);
      moved.name = to;
      for (const file of this.#open.values()) if (file.inode === moved && file.bears === name) file.bears = to;
      this.#inodes.set(to, moved);
    }
  }

  #lose(step: TraceStep, name: string, how: FileLost['how'], other: string | undefined): void {
    const inode = this.inodeOf(name);
    this.#inodes.delete(name);
    const holders = this.open().filter((file) => file.inode === inode || file.shm === inode);
    const bySqlite = step.op === 'delete' || step.op === 'shmUnmap';
    const { step: number, lane } = step;
    const lost: FileLost = { kind: 'file-lost', step: number, lane, name, how, other, inode, holders, bySqlite };
    inode.lost = lost;
    if (this.#isDatabaseFile(name)) this.#tell(lost);
  }

  #overwritten(step: TraceStep, name: string, from: string | undefined): void {
    const known = this.#inodes.has(name);
    const inode = this.inodeOf(name);
    if (known) this.#overwrittenIn(step, inode, name, from);
    else inode.content++;
  }

  #overwrittenIn(step: TraceStep, inode: Inode, name: string, from: string | undefined): void {
    inode.content++;
    if (!this.#isDatabaseFile(name)) return;
    const holders = this.open().filter((file) => file.inode === inode || file.shm === inode);
    this.#tell({ kind: 'overwritten', step: step.step, lane: step.lane, name, from, inode, holders });
  }
}

function keyOf({ lane, opener = lane, handle }: TraceStep): string {
  return `${opener} ${handle}`;
}
