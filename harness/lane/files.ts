// Raw file operations of a lane program: each stops at the gate, then is the real system calls in this process.
// What stays out: SQLite's own file operations, which pass through the VFS.
import * as fs from 'node:fs';
import { constants } from 'node:os';
import { dirname, relative } from 'node:path';
import { crc32 } from 'node:zlib';
import { isFileName } from '../model/names.ts';
import type { DescriptorKind, StepKind } from '../model/operations.ts';
import { parseStat } from '../model/request.ts';
import { errnoName } from '../errors/host-errors.ts';
import { worldPath } from '../host/world-path.ts';
import type { GateCalls } from './gate-calls.ts';
import { rangeLock } from '../model/record.ts';
import {
  type ByteRange,
  type Descriptor,
  FileError,
  type Files,
  type FileStat,
  type FoundDescriptor,
  type LinkStat,
  type OpenFlags,
} from './world.ts';

const SQLITE_FULL = 13;

function failure(code: string, what: string): FileError {
  return new FileError(code, `${what}: ${code}`);
}

/** Number of an errno name, as the record keeps it. */
export function errnoOf(code: string): number {
  return (constants.errno as { readonly [name: string]: number })[code] ?? -1;
}

/** An error of a system call, as Node throws it. */
function isErrno(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'syscall' in error && 'code' in error;
}

/** What an operation read, wrote or learned, as the bytes whose checksum goes into the trace. */
function contentOf(result: unknown): string | Uint8Array {
  return typeof result === 'string' || result instanceof Uint8Array ? result : (JSON.stringify(result) ?? '');
}

/** What a fault has a raw operation fail with. */
function injectedFailure(code: number, what: string): FileError {
  return failure(code === SQLITE_FULL ? 'ENOSPC' : 'EIO', what);
}

/**
 * The step has failed. What is no error of a file, such as an argument that none takes, is the program's own, and stays what it is.
 *
 * @returns what the program is to be thrown
 */
function failed(gate: GateCalls, error: unknown, what: string): unknown {
  const name = error instanceof FileError || isErrno(error) ? error.code : undefined;
  gate.done(errnoOf(name ?? 'EINVAL'));
  return name === undefined ? error : failure(name, what);
}

function checkContents(data: unknown): void {
  if (typeof data !== 'string' && !(data instanceof Uint8Array)) throw new TypeError('A file holds a text, or bytes.');
}

class LaneDescriptor implements Descriptor {
  readonly file: string;
  readonly #gate: GateCalls;
  readonly #fd: number;
  readonly #closed: () => void;
  #isOpen = true;

  /** The kernel's: it is in no trace. */
  get number(): number {
    return this.#fd;
  }
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** @param closed told when it is closed */
  constructor(gate: GateCalls, file: string, fd: number, closed: () => void) {
    this.file = file;
    this.#gate = gate;
    this.#fd = fd;
    this.#closed = closed;
  }

  read(length: number, offset: number): Uint8Array {
    return this.#step('read', length, offset, () => {
      const bytes = new Uint8Array(length);
      return bytes.subarray(0, fs.readSync(this.#fd, bytes, 0, length, offset));
    });
  }
  write(data: string | Uint8Array, offset: number): void {
    checkContents(data);
    const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
    this.#step('write', bytes.length, offset, () => {
      for (let at = 0; at < bytes.length; ) at += fs.writeSync(this.#fd, bytes, at, bytes.length - at, offset + at);
      return bytes;
    });
  }
  truncate(length: number): void {
    this.#step('truncate', 0, length, () => fs.ftruncateSync(this.#fd, length));
  }
  sync(): void {
    this.#step('sync', 0, 0, () => fs.fsyncSync(this.#fd));
  }
  chmod(mode: number): void {
    this.#step('chmod', 0, mode, () => fs.fchmodSync(this.#fd, mode));
  }
  stat(): FileStat {
    return this.#step('stat', 0, 0, () => ({ size: fs.fstatSync(this.#fd).size, ...parseStat(this.#gate.answer()) }));
  }
  /** Closed is closed, also where a fault has it fail (close(2)). */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#closed();
    const injected = this.#gate.on('close', this.#fd, 0, 0);
    fs.closeSync(this.#fd);
    if (injected !== 0) throw injectedFailure(injected, `close ${this.file}`);
    this.#gate.done(0);
  }

  #step<T>(kind: DescriptorKind, length: number, offset: number, act: () => T): T {
    const what = `${kind} ${this.file}`;
    if (!this.#isOpen) throw failure('EBADF', what);
    const injected = this.#gate.on(kind, this.#fd, length, offset);
    if (injected !== 0) throw injectedFailure(injected, what);
    try {
      const result = act();
      const said = contentOf(result);
      this.#gate.done(0, said.length, crc32(said));
      return result;
    } catch (error) {
      throw failed(this.#gate, error, what);
    }
  }
}

class SqliteDescriptor implements FoundDescriptor {
  readonly file: string;
  readonly #gate: GateCalls;
  readonly #fd: number;

  constructor(gate: GateCalls, file: string, fd: number) {
    this.file = file;
    this.#gate = gate;
    this.#fd = fd;
  }

  lock(owner: 'descriptor' | 'process', bytes: ByteRange): boolean {
    return this.#range(owner, 0, bytes);
  }
  unlock(owner: 'descriptor' | 'process', bytes: ByteRange): void {
    this.#range(owner, rangeLock.released, bytes);
  }

  #range(owner: 'descriptor' | 'process', released: number, { offset, length }: ByteRange): boolean {
    const what = `fcntl ${this.file}`;
    const how = released + (owner === 'process' ? rangeLock.ofProcess : 0);
    const injected = this.#gate.on('lock', this.#fd, length, offset + how * rangeLock.above);
    if (injected !== 0) throw injectedFailure(injected, what);
    const errno = this.#gate.range(this.#fd, how, length, offset);
    this.#gate.done(errno, length);
    if (errno === 0) return true;
    if (errno === constants.errno.EAGAIN || errno === constants.errno.EACCES) return false;
    throw failure(errnoName(errno), what);
  }
}

export class LaneFiles implements Files {
  readonly #gate: GateCalls;
  readonly #root: string;
  readonly #open = new Set<LaneDescriptor>();
  /** Names that are well-formed, of those that were used: the same few are used again and again. */
  readonly #wellFormed = new Set(['.']);

  constructor(gate: GateCalls, root: string) {
    this.#gate = gate;
    this.#root = root;
  }

  /** Descriptors that are open. */
  openCount(): number {
    return this.#open.size;
  }

  read(file: string, range: { readonly offset?: number; readonly length?: number } = {}): Uint8Array {
    const { offset = 0, length } = range;
    return this.#step('read', [file], `${offset}+${length ?? ''}`, (path) => {
      const fd = fs.openSync(path, 'r');
      try {
        const bytes = new Uint8Array(length ?? Math.max(0, fs.fstatSync(fd).size - offset));
        return bytes.subarray(0, fs.readSync(fd, bytes, 0, bytes.length, offset));
      } finally {
        fs.closeSync(fd);
      }
    });
  }

  write(file: string, data: string | Uint8Array, options: { readonly exclusive?: boolean } = {}): void {
    checkContents(data);
    const exclusive = options.exclusive ?? false;
    this.#step('write', [file], exclusive ? 'exclusive' : null, (path) => {
      fs.writeFileSync(path, data, { flag: exclusive ? 'wx' : 'w' });
      return data;
    });
  }

  stat(file: string): FileStat | undefined {
    return this.#step('stat', [file], null, (path) => {
      const stat = fs.statSync(path, { throwIfNoEntry: false });
      if (stat === undefined) return undefined;
      return { size: stat.size, ...parseStat(this.#gate.answer()) };
    });
  }
  exists(file: string): boolean {
    return this.#step('exists', [file], null, (path) => fs.existsSync(path));
  }

  rename(from: string, to: string): void {
    this.#step('rename', [from, to], to, (path, target) => fs.renameSync(path, target), 'itself');
  }
  unlink(file: string): void {
    this.#step('unlink', [file], null, (path) => fs.unlinkSync(path), 'itself');
  }
  copy(from: string, to: string): void {
    // Not copyFile(2) and its reflinks: open, read, write, close, as cp and shutil.copy2 do it.
    this.#step('copy', [from, to], to, (path, target) => {
      const bytes = fs.readFileSync(path);
      fs.writeFileSync(target, bytes);
      return bytes;
    });
  }
  link(from: string, to: string): void {
    this.#step('link', [from, to], to, (path, target) => fs.linkSync(path, target), 'itself');
  }
  symlink(target: string, file: string): void {
    // Relative, so that the world can be copied; what it leads to may not be there yet.
    this.#step(
      'symlink',
      [file, target],
      target,
      (path, to) => fs.symlinkSync(relative(dirname(path), to), path),
      'itself',
    );
  }
  mkdir(folder: string): void {
    this.#step('mkdir', [folder], null, (path) => fs.mkdirSync(path));
  }
  rmdir(folder: string): void {
    this.#step('rmdir', [folder], null, (path) => fs.rmdirSync(path), 'itself');
  }
  chmod(file: string, mode: number): void {
    this.#step('chmod', [file], mode.toString(8), (path) => fs.chmodSync(path, mode));
  }
  utime(file: string, mtimeNs: number): void {
    // The kernel's own time of change is seen by nobody: the run has one of its own (run/mtimes.ts).
    this.#step('utime', [file], String(mtimeNs), (path) => fs.utimesSync(path, mtimeNs / 1e9, mtimeNs / 1e9));
  }
  lstat(file: string): LinkStat | undefined {
    return this.#step(
      'lstat',
      [file],
      null,
      (path) => {
        const stat = fs.lstatSync(path, { throwIfNoEntry: false });
        if (stat === undefined) return undefined;
        const kind = stat.isSymbolicLink() ? 'link' : stat.isDirectory() ? 'folder' : 'file';
        return { kind, size: kind === 'file' ? stat.size : 0, ...parseStat(this.#gate.answer()) };
      },
      'itself',
    );
  }
  open(file: string, flags: OpenFlags): Descriptor {
    const descriptor = this.#step('open', [file], flags, (path) => {
      const fd = fs.openSync(path, flags);
      this.#gate.opened(fd);
      return new LaneDescriptor(this.#gate, file, fd, () => this.#open.delete(descriptor));
    });
    this.#open.add(descriptor);
    return descriptor;
  }
  reuse(closed: Descriptor): Descriptor {
    const what = `reuse ${closed.file}`;
    if (!(closed instanceof LaneDescriptor) || closed.isOpen)
      throw new TypeError('A descriptor that was opened and is closed.');
    const file = this.#meaning(closed.number);
    if (file === undefined) throw failure('EBADF', what);
    const descriptor = this.#step('open', [file], 'r+', () => {
      this.#gate.opened(closed.number);
      return new LaneDescriptor(this.#gate, file, closed.number, () => this.#open.delete(descriptor));
    });
    this.#open.add(descriptor);
    return descriptor;
  }
  /** The file of the world that a number means; undefined for none, and for what is of no run, such as the gate's channel. */
  #meaning(fd: number): string | undefined {
    try {
      const path = fs.readlinkSync(`/proc/self/fd/${fd}`);
      return path.startsWith(`${this.#root}/`) ? path.slice(this.#root.length + 1) : undefined;
    } catch {
      return undefined;
    }
  }
  poke(file: string, data: Uint8Array, offset: number): void {
    checkContents(data);
    const what = `a stray write of ${data.length} bytes at ${offset} into ${file}, where it is in memory`;
    this.#gate.step(what, null, null);
    const path = worldPath(this.#root, file);
    const errno = path === undefined ? constants.errno.EACCES : this.#gate.poke(path, offset, data);
    this.#gate.done(errno, data.length, crc32(data));
    if (errno !== 0) throw failure(errnoName(errno), what);
  }
  descriptors(file: string): readonly FoundDescriptor[] {
    let found: readonly number[] = [];
    // What the trace keeps is how many: their numbers are the kernel's.
    this.#step('scan', [file], null, (path) => {
      found = JSON.parse(this.#gate.scan(path) ?? '[]') as readonly number[];
      return found.length;
    });
    return found.map((fd) => new SqliteDescriptor(this.#gate, file, fd));
  }
  list(folder = '.'): readonly string[] {
    return this.#step('list', [folder], null, (path) => fs.readdirSync(path).toSorted());
  }

  /**
   * @param names files of the world; the first is the step's
   * @param last whether the operation follows a link in the last segment
   */
  #step<T>(
    kind: StepKind,
    names: readonly [string, string?],
    detail: string | null,
    act: (path: string, second: string) => T,
    last: 'followed' | 'itself' = 'followed',
  ): T {
    const [file, second = file] = names;
    for (const name of names) if (name !== undefined) this.#check(kind, name);
    const injected = this.#gate.step(kind, file, detail);
    if (injected !== 0) throw injectedFailure(injected, `${kind} ${file}`);
    try {
      // Only now: while this lane stood before the step, another may have made a link.
      const path = worldPath(this.#root, file, last);
      const to = second === file ? path : worldPath(this.#root, second, last);
      if (path === undefined || to === undefined) throw failure('EACCES', `${kind} ${file}`);
      const result = act(path, to);
      if (result instanceof LaneDescriptor) return result; // it has said so itself
      const said = contentOf(result);
      this.#gate.done(0, said.length, crc32(said));
      return result;
    } catch (error) {
      throw failed(this.#gate, error, `${kind} ${file}`);
    }
  }

  /** @throws FileError for a name that is malformed, which is said in the trace */
  #check(kind: string, name: string): void {
    if (this.#wellFormed.has(name)) return;
    if (!isFileName(name)) {
      this.#gate.refuse(name);
      throw failure('EACCES', `${kind} ${name}`);
    }
    this.#wellFormed.add(name);
  }
}
