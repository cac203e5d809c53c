// Keeps what a run writes, in the order of its steps: it looks at the disk after each step, while every lane stands still, and so needs
// no word from whoever wrote, in whatever language. What it believes to be on the disk is compared with the disk in the end: writes
// that went by unseen (through a memory map, say) are an error, never a wrong state. What stays out: what a power loss leaves of it
// (harness/crash/).
import { closeSync, fstatSync, lstatSync, openSync, readdirSync, readlinkSync, readSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { harnessError, usageError } from '../errors/errors.ts';
import { type DiskFile, type DiskLog, type DiskOperation, folderOf } from '../model/disk.ts';
import { FileBytes } from '../model/file-bytes.ts';
import { op, role } from '../model/operations.ts';
import { type RawRecord, recordFlag } from '../model/record.ts';
import { openerOf, type StepLane, type StepSink } from '../model/step.ts';

/** Of all that is written in a run. */
const bytesMax = 512 << 20;

/** sqlite3.h: SQLITE_OPEN_CREATE, and what os_unix.c (unixOpen, isNewJrnl) marks UNIXFILE_DIRSYNC when it is opened so. */
const openFlag = { create: 0x4, mainJournal: 0x800, superJournal: 0x4000, wal: 0x80000 } as const;
const isJournal = openFlag.mainJournal | openFlag.superJournal | openFlag.wal;

/** Steps after which names may mean other files. */
const changesNames: ReadonlySet<number> = new Set([
  op.open,
  op.delete,
  op.shmUnmap,
  op.fileWrite,
  op.rename,
  op.unlink,
  op.copy,
  op.link,
  op.flock,
  op.mkdir,
  op.symlink,
  op.rmdir,
  op.fdOpen,
  op.ask,
  op.lock,
]);

/**
 * A file that is followed.
 *
 * @property holds what is in it, by what was seen
 * @property fd the recorder's own; keeps the inode from being used for another file
 * @property handles how often lanes have it open
 */
interface Followed {
  readonly number: number;
  readonly inode: number;
  readonly fd: number;
  holds: FileBytes;
  handles: number;
}

/** @property syncsFolder the first sync of it syncs its folder as well (os_unix.c, unixSync) */
interface Handle {
  readonly file: Followed;
  readonly folder: string;
  readonly appends: boolean;
  syncsFolder: boolean;
}

type Bare<T> = T extends unknown ? Omit<T, 'step' | 'lane'> : never;

export class DiskRecorder implements StepSink {
  #files: DiskFile[] = [];
  #operations: DiskOperation[] = [];
  readonly #byInode = new Map<number, Followed>();
  readonly #handles = new Map<string, Handle>();
  #root = '';
  #names: ReadonlyMap<string, Followed> = new Map();
  #began: ReadonlyMap<string, number> = new Map();
  #written = 0;
  /** A fault has struck since the last step. */
  #struck = false;
  #step = 0;
  #lane = '';

  /**
   * From here on; what was before is forgotten.
   *
   * @param root the world's directory, with the files that the run begins with, or goes on with after a power loss
   */
  begin(root: string): void {
    this.close();
    this.#handles.clear();
    [this.#files, this.#operations, this.#struck] = [[], [], false];
    this.#root = root;
    this.#names = this.#scan(true);
    this.#began = new Map([...this.#names].map(([name, { number }]) => [name, number]));
  }

  see(step: number, record: Readonly<RawRecord>, lane: StepLane): void {
    this.#step = step;
    this.#lane = lane.name;
    const key = `${openerOf(record, lane)} ${record.handle}`;
    if (changesNames.has(record.op) || this.#struck) this.#renamed();
    this.#saw(record, lane, record.handle === 0 ? '' : key);
    const handle = this.#handles.get(key);
    if (handle !== undefined) this.#resized(handle.file);
    if (this.#struck) this.#outside();
    this.#struck = record.op === op.fault;
  }

  /**
   * The run is over, or its power is lost.
   *
   * @throws a harness error when a file holds what no step has written
   */
  end(): void {
    this.#renamed();
    if (this.#struck) this.#outside();
    for (const [name, file] of this.#names) {
      const disk = this.#read(file, 0, fstatSync(file.fd).size);
      if (disk.equals(file.holds.bytes)) continue;
      throw harnessError(
        'WRITE_UNSEEN',
        `The file ${name} was changed in the run by no step that can be seen, so that nobody knows what a power loss leaves of it.`,
        'A program that writes through a memory map, or past its host, cannot be tried with `lockstep crash`, nor with the fault `power-loss`.',
      );
    }
  }

  /** All that the run did. */
  log(): DiskLog {
    return { files: this.#files, names: this.#began, operations: this.#operations };
  }

  /** For whoever has made it, whatever came of the run. */
  close(): void {
    for (const { fd } of this.#byInode.values()) closeSync(fd);
    this.#byInode.clear();
  }

  #saw(record: Readonly<RawRecord>, lane: StepLane, key: string): void {
    const { op: operation, rc, a, b, text } = record;
    const name = posix.normalize(lane.files[record.file] ?? '');
    const handle = this.#handles.get(key);
    const torn = (record.flags & recordFlag.torn) !== 0;
    switch (operation) {
      case op.open:
      case op.fdOpen:
        if (rc === 0) this.#opened(key, name, record);
        break;
      case op.close:
      case op.fdClose:
        if (handle !== undefined) this.#closed(key, handle);
        break;
      case op.write:
      case op.fdWrite:
        if (handle !== undefined && (rc === 0 || torn))
          this.#wrote(handle.file, handle.appends ? handle.file.holds.size : b, a);
        break;
      case op.sync:
      case op.fdSync:
        if (handle !== undefined && rc === 0) this.#synced(handle);
        break;
      case op.delete:
        if (rc === 0 && a !== 0) this.#did({ kind: 'sync-folder', folder: folderOf(name) });
        break;
      case op.fileWrite:
        if (rc === 0) this.#rewrote(name);
        break;
      case op.copy:
        if (rc === 0) this.#rewrote(posix.normalize(text));
        break;
      default:
    }
  }

  #opened(key: string, name: string, { op: operation, role: of, a, text }: Readonly<RawRecord>): void {
    const file = this.#following(name);
    const isFolder = file === undefined && statSync(join(this.#root, name), { throwIfNoEntry: false })?.isDirectory();
    if (isFolder === true) this.#handles.set(key, { ...folderHandle, folder: name === '.' ? '' : name });
    if (file === undefined || of === role.shm) return;
    file.handles++;
    const syncsFolder = operation === op.open && (a & openFlag.create) !== 0 && (a & isJournal) !== 0;
    this.#handles.set(key, { file, folder: folderOf(name), appends: text.startsWith('a'), syncsFolder });
    if (operation === op.fdOpen && text.startsWith('w')) this.#resized(file);
  }

  #closed(key: string, { file }: Handle): void {
    this.#handles.delete(key);
    if (file === noFile) return;
    file.handles--;
    this.#letGo(file);
  }

  /** Nobody can reach it any more: its inode may be that of another file from now on. */
  #letGo(file: Followed): void {
    if (file.handles > 0 || fstatSync(file.fd).nlink > 0) return;
    if (this.#byInode.get(file.inode) !== file) return;
    this.#byInode.delete(file.inode);
    closeSync(file.fd);
  }

  #synced(handle: Handle): void {
    if (handle.file === noFile) return this.#did({ kind: 'sync-folder', folder: handle.folder });
    this.#did({ kind: 'sync', file: handle.file.number });
    if (!handle.syncsFolder) return;
    handle.syncsFolder = false;
    this.#did({ kind: 'sync-folder', folder: handle.folder });
  }

  /** A whole file was written anew: cut to nothing, then filled (open(2), O_TRUNC). */
  #rewrote(name: string): void {
    const file = this.#following(name);
    if (file === undefined) return;
    if (file.holds.size > 0) this.#cut(file, 0);
    const { size } = fstatSync(file.fd);
    if (size > 0) this.#wrote(file, 0, size);
  }

  #wrote(file: Followed, offset: number, length: number): void {
    if (length === 0 || file === noFile) return;
    const bytes = this.#read(file, offset, length);
    this.#did({ kind: 'write', file: file.number, offset, bytes, extends: offset + bytes.length > file.holds.size });
    this.#written += bytes.length;
    this.#bound();
    file.holds.write(offset, bytes);
  }

  #bound(): void {
    if (this.#written <= bytesMax) return;
    throw usageError(
      'RUN_TOO_MUCH',
      `The run wrote more than ${bytesMax >> 20} MiB, and that is more than is kept of what it wrote.`,
      'Take operations or virtual time out of the plan.',
    );
  }

  #cut(file: Followed, size: number): void {
    this.#did({ kind: 'truncate', file: file.number, size });
    file.holds.truncate(size);
  }

  /** Its size is another than what was written to it has made it: it was truncated, or made longer (SQLITE_FCNTL_SIZE_HINT). */
  #resized(file: Followed): void {
    if (file === noFile || !this.#isFollowed(file)) return;
    const { size } = fstatSync(file.fd);
    if (size !== file.holds.size) this.#cut(file, size);
  }

  #isFollowed(file: Followed): boolean {
    return this.#byInode.get(file.inode) === file;
  }

  /** What a fault of the plan did to bytes of files. */
  #outside(): void {
    for (const file of this.#byInode.values()) {
      const bytes = this.#read(file, 0, fstatSync(file.fd).size);
      if (bytes.equals(file.holds.bytes)) continue;
      this.#did({ kind: 'outside', file: file.number, bytes });
      file.holds = new FileBytes(bytes);
    }
  }

  /** Names mean other files than before this step. */
  #renamed(): void {
    const before = this.#names;
    const after = this.#scan(false);
    this.#names = after;
    const gone = [...before].filter(([name, file]) => after.get(name) !== file);
    for (const [to, file] of after) {
      if (before.get(to) === file) continue;
      const from = gone.find(([name, one]) => one === file && !after.has(name));
      if (from === undefined) this.#did({ kind: 'link', name: to, file: file.number });
      else this.#did({ kind: 'rename', name: from[0], to, file: file.number });
      if (from !== undefined) gone.splice(gone.indexOf(from), 1);
    }
    for (const [name, file] of gone) {
      if (!after.has(name)) this.#did({ kind: 'unlink', name });
      this.#letGo(file);
    }
  }

  /** All names in the world, and what they mean. @param begins it is what the run begins with */
  #scan(begins: boolean, folder = '', into = new Map<string, Followed>()): Map<string, Followed> {
    for (const entry of readdirSync(join(this.#root, folder), { withFileTypes: true })) {
      const name = posix.join(folder, entry.name);
      if (entry.isDirectory()) this.#scan(begins, name, into);
      else if (!name.endsWith('-shm') && (entry.isFile() || entry.isSymbolicLink()))
        into.set(name, this.#met(name, begins));
    }
    return into;
  }

  #met(name: string, begins: boolean): Followed {
    const path = join(this.#root, name);
    const { ino: inode, size } = lstatSync(path);
    const known = this.#byInode.get(inode);
    if (known !== undefined) return known;
    const number = this.#files.length;
    const linksTo = lstatSync(path).isSymbolicLink() ? readlinkSync(path) : undefined;
    if (linksTo !== undefined) {
      this.#files.push({ name, begins: none, linksTo });
      const fd = openSync('/dev/null', 'r');
      const link = { number, inode, fd, holds: new FileBytes(), handles: 0 };
      this.#byInode.set(inode, link);
      return link;
    }
    const fd = openSync(path, 'r');
    const file: Followed = { number, inode, fd, holds: new FileBytes(), handles: 0 };
    this.#byInode.set(inode, file);
    const bytes = begins ? this.#read(file, 0, size) : none;
    file.holds = new FileBytes(bytes);
    this.#files.push({ name, begins: bytes });
    return file;
  }

  /** The file that a name leads to, links followed. */
  #following(name: string): Followed | undefined {
    const direct = this.#names.get(name);
    if (direct !== undefined && this.#files[direct.number]?.linksTo === undefined) return direct;
    const stat = statSync(join(this.#root, name), { throwIfNoEntry: false });
    return stat?.isFile() === true ? this.#byInode.get(stat.ino) : undefined;
  }

  #read(file: Followed, offset: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, length === 0 ? 0 : readSync(file.fd, bytes, 0, length, offset));
  }

  #did(operation: Bare<DiskOperation>): void {
    this.#operations.push({ ...operation, step: this.#step, lane: this.#lane });
  }
}

const none = Buffer.alloc(0);

/** What a descriptor of a folder stands for. */
const noFile: Followed = { number: -1, inode: -1, fd: -1, holds: new FileBytes(), handles: 0 };
const folderHandle: Handle = { file: noFile, folder: '', appends: false, syncsFolder: false };
