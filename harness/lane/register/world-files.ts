// Raw work of a Node program on files of the world: each call is a step, then Node's own call on the real file. What stays out: the
// shapes in which Node offers them (replace-fs.ts).
import type { BigIntStats, Dirent, Stats } from 'node:fs';
import { constants } from 'node:os';
import { dirname, posix, relative } from 'node:path';
import { crc32 } from 'node:zlib';
import type { StepKind } from '../../model/operations.ts';
import { parseStat } from '../../model/request.ts';
import type { Places } from './places.ts';
import { real, type ProcessOfRun } from './process-of-run.ts';

const SQLITE_FULL = 13;
const nsInMs = 1_000_000;

interface Opened {
  readonly name: string;
  readonly appends: boolean;
  /** Where the next read or write is. */
  at: number;
}

interface SystemError extends Error {
  code: string;
  errno: number;
  syscall: string;
  path?: string;
}

/** An error as Node throws it for a failed call of the system. */
function systemError(code: string, syscall: string, path: string): SystemError {
  const errno = -((constants.errno as { readonly [name: string]: number })[code] ?? 5);
  return Object.assign(new Error(`${code}: ${syscall} '${path}'`), { code, errno, syscall, path });
}

function isSystemError(error: unknown): error is SystemError {
  return error instanceof Error && 'syscall' in error && 'errno' in error;
}

/** Flags as open(2) has them. */
function flagsOf(flags: string | number | undefined): number {
  const { O_RDONLY, O_RDWR, O_WRONLY, O_CREAT, O_TRUNC, O_EXCL, O_APPEND, O_SYNC } = real.fs.constants;
  if (typeof flags === 'number') return flags;
  const text = flags ?? 'r';
  const both = text.includes('+');
  const more = (text.includes('x') ? O_EXCL : 0) | (text.includes('s') ? O_SYNC : 0);
  if (text.startsWith('r')) return (both ? O_RDWR : O_RDONLY) | more;
  const end = text.startsWith('a') ? O_APPEND : O_TRUNC;
  return (both ? O_RDWR : O_WRONLY) | O_CREAT | end | more;
}

export class WorldFiles {
  readonly #gate: ProcessOfRun['gate'];
  readonly #places: Places;
  readonly #opened = new Map<number, Opened>();

  constructor({ gate }: ProcessOfRun, places: Places) {
    this.#gate = gate;
    this.#places = places;
  }

  /** Is this descriptor one of a file of the world? */
  has(fd: unknown): boolean {
    return typeof fd === 'number' && this.#opened.has(fd);
  }

  open(name: string, flags?: string | number, mode?: number): number {
    const bits = flagsOf(flags);
    return this.#failing(() => {
      this.#begin('open', name, typeof flags === 'number' ? String(flags) : (flags ?? 'r'));
      return this.#ending('open', name, (path) => {
        const fd = real.fs.openSync(path, bits, mode);
        this.#gate.opened(fd);
        this.#opened.set(fd, { name, appends: (bits & real.fs.constants.O_APPEND) !== 0, at: 0 });
        return fd;
      });
    });
  }

  close(fd: number): void {
    const { name } = this.#of(fd);
    const injected = this.#gate.on('close', fd, 0, 0);
    this.#opened.delete(fd);
    real.fs.closeSync(fd);
    if (injected !== 0) throw this.#injected(injected, 'close', name);
    this.#gate.done(0);
  }

  /** @param position null: where the last read or write ended */
  read(fd: number, bytes: Uint8Array, position: number | null): number {
    return this.#on('read', fd, bytes.length, position, () => {
      const n = real.fs.readSync(fd, bytes, 0, bytes.length, position);
      return [n, bytes.subarray(0, n)];
    });
  }

  write(fd: number, bytes: Uint8Array, position: number | null): number {
    return this.#on('write', fd, bytes.length, position, () => {
      const n = real.fs.writeSync(fd, bytes, 0, bytes.length, position);
      return [n, bytes.subarray(0, n)];
    });
  }

  sync(fd: number): void {
    this.#on('sync', fd, 0, 0, () => [real.fs.fsyncSync(fd) as undefined, none]);
  }
  truncate(fd: number, length: number): void {
    this.#on('truncate', fd, 0, length, () => [real.fs.ftruncateSync(fd, length) as undefined, none]);
  }

  /** Of the file that it is of, by the name by which it was opened. */
  fchmod(fd: number, mode: number | string): void {
    const { name } = this.#of(fd);
    this.#step('chmod', name, null, () => real.fs.fchmodSync(fd, mode));
  }

  fstat(fd: number, bigint: boolean): Stats | BigIntStats {
    return this.#on('stat', fd, 0, 0, () => [this.#logical(real.fs.fstatSync(fd, { bigint })), none]);
  }
  stat(name: string, bigint: boolean): Stats | BigIntStats {
    return this.#step('stat', name, null, (path) => this.#logical(real.fs.statSync(path, { bigint })));
  }
  lstat(name: string, bigint: boolean): Stats | BigIntStats {
    return this.#step('lstat', name, null, (path) => this.#logical(real.fs.lstatSync(path, { bigint })), 'itself');
  }

  exists(name: string): boolean {
    return this.#step('exists', name, null, (path) => real.fs.existsSync(path));
  }
  access(name: string, mode?: number): void {
    this.#step('exists', name, null, (path) => real.fs.accessSync(path, mode));
  }
  list(name: string): readonly Dirent[] {
    return this.#step('list', name, null, (path) =>
      real.fs.readdirSync(path, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    );
  }
  unlink(name: string): void {
    this.#step('unlink', name, null, (path) => real.fs.unlinkSync(path), 'itself');
  }
  rmdir(name: string): void {
    this.#step('rmdir', name, null, (path) => real.fs.rmdirSync(path), 'itself');
  }
  mkdir(name: string, mode?: number): void {
    this.#step('mkdir', name, null, (path) => real.fs.mkdirSync(path, mode), 'itself');
  }
  chmod(name: string, mode: number | string): void {
    this.#step('chmod', name, null, (path) => real.fs.chmodSync(path, mode));
  }
  /** What a program is told of a file's times is the run's; that it has set some is a step. */
  utimes(name: string): void {
    this.#step('utime', name, null, (path) => void real.fs.statSync(path));
  }
  rename(from: string, to: string): void {
    this.#two('rename', from, to, (one, other) => real.fs.renameSync(one, other));
  }
  link(from: string, to: string): void {
    this.#two('link', from, to, (one, other) => real.fs.linkSync(one, other));
  }
  /** Relative, so that the world can be copied. */
  symlink(target: string, name: string): void {
    const led = this.#places.nameOf(posix.resolve(posix.dirname(`/lockstep/${name}`), target));
    if (led === undefined) {
      this.#gate.refuse(target);
      throw systemError('EACCES', 'symlink', target);
    }
    this.#two('symlink', name, led, (path, to) => real.fs.symlinkSync(relative(dirname(path), to), path));
  }
  readlink(name: string): string {
    const path = this.#places.realOf(name, 'itself');
    if (path === undefined) throw systemError('EACCES', 'readlink', name);
    return this.#failing(() => this.#places.told(real.fs.readlinkSync(path)));
  }
  realpath(name: string): string {
    const path = this.#places.realOf(name);
    if (path === undefined) throw systemError('EACCES', 'realpath', name);
    return this.#failing(() => this.#places.told(real.fs.realpathSync(path)));
  }

  #of(fd: number): Opened {
    const opened = this.#opened.get(fd);
    if (opened === undefined) throw systemError('EBADF', 'read', String(fd));
    return opened;
  }

  #begin(kind: StepKind, name: string, detail: string | null): void {
    const injected = this.#gate.step(kind, name, detail);
    if (injected !== 0) throw this.#injected(injected, kind, name);
  }

  /** The action of a step. A step `open` is over when the descriptor is known. */
  #ending<T>(kind: string, name: string, act: (path: string) => T, last: 'followed' | 'itself' = 'followed'): T {
    try {
      const path = this.#places.realOf(name, last);
      if (path === undefined) throw systemError('EACCES', kind, name);
      return act(path);
    } catch (error) {
      this.#gate.done(isSystemError(error) ? -error.errno : 5);
      throw error;
    }
  }

  #step<T>(kind: StepKind, name: string, detail: string | null, act: (path: string) => T, last?: 'itself'): T {
    return this.#failing(() => {
      this.#begin(kind, name, detail);
      const result = this.#ending(kind, name, act, last);
      this.#gate.done(0);
      return result;
    });
  }

  #two(kind: StepKind, name: string, second: string, act: (path: string, second: string) => void): void {
    this.#step(
      kind,
      name,
      second,
      (path) => {
        const to = this.#places.realOf(second, 'itself');
        if (to === undefined) throw systemError('EACCES', kind, second);
        act(path, to);
      },
      'itself',
    );
  }

  #on<T>(
    kind: 'read' | 'write' | 'sync' | 'truncate' | 'stat',
    fd: number,
    length: number,
    position: number | null,
    act: () => readonly [T, Uint8Array],
  ): T {
    const opened = this.#of(fd);
    return this.#failing(() => {
      if (position === null && kind === 'write' && opened.appends) opened.at = real.fs.fstatSync(fd).size;
      const injected = this.#gate.on(kind, fd, length, position ?? opened.at);
      if (injected !== 0) throw this.#injected(injected, kind, opened.name);
      try {
        const [result, bytes] = act();
        if (position === null) opened.at += bytes.length;
        this.#gate.done(0, bytes.length, crc32(bytes));
        return result;
      } catch (error) {
        this.#gate.done(isSystemError(error) ? -error.errno : 5);
        throw error;
      }
    });
  }

  #injected(code: number, syscall: string, name: string): SystemError {
    return systemError(code === SQLITE_FULL ? 'ENOSPC' : 'EIO', syscall, name);
  }

  /** Errors name files as the program does. */
  #failing<T>(act: () => T): T {
    try {
      return act();
    } catch (error) {
      if (error instanceof Error) {
        error.message = this.#places.told(error.message);
        if (isSystemError(error) && error.path !== undefined) error.path = this.#places.told(error.path);
      }
      throw error;
    }
  }

  /** What the system says of a file, without what differs between two runs. */
  #logical<T extends Stats | BigIntStats>(stats: T): T {
    const { inode, mtimeNs } = parseStat(this.#gate.answer());
    const ms = runEpochMs + mtimeNs / nsInMs;
    const times = ['atime', 'mtime', 'ctime', 'birthtime'] as const;
    const isBig = typeof stats.size === 'bigint';
    const number = (value: number) => (isBig ? BigInt(Math.floor(value)) : value);
    Object.assign(stats, { ino: number(inode), dev: number(1), blocks: number(Math.ceil(Number(stats.size) / 512)) });
    for (const time of times) {
      Object.assign(stats, { [`${time}Ms`]: number(ms) });
      if (isBig) Object.assign(stats, { [`${time}Ns`]: BigInt(runEpochMs) * BigInt(nsInMs) + BigInt(mtimeNs) });
      Object.defineProperty(stats, time, { value: new Date(ms), configurable: true, enumerable: true, writable: true });
    }
    return stats;
  }
}

const none = new Uint8Array();

/** Where virtual time begins (run/epoch.ts). */
const runEpochMs = Date.UTC(2026, 4, 23);
