// Node's fs on files of the world: sync, with callbacks, with promises, as streams. What of it names no file of the world is Node's
// own. Calls with callbacks and promises do their work at the next turn of the event loop: nothing of it is in a thread. What stays
// out: what each does (world-files.ts).
import fs, { type Dirent } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import type { Readable, Writable } from 'node:stream';
import { WorldDir } from './more-fs.ts';
import type { Places } from './places.ts';
import { notFollowed, real, type ProcessOfRun } from './process-of-run.ts';
import { refuseUnseen, replaceTrees, replaceWatches } from './rest-of-fs.ts';
import { WorldFiles } from './world-files.ts';

type Options = { readonly [name: string]: unknown } | string | number | null | undefined;
type Call = (...given: never[]) => unknown;
type AnyCall = (...given: unknown[]) => unknown;

function option(options: Options, name: string): unknown {
  return typeof options === 'object' && options !== null ? options[name] : undefined;
}

function encodingOf(options: Options): BufferEncoding | undefined {
  const encoding = typeof options === 'string' ? options : option(options, 'encoding');
  return typeof encoding === 'string' && encoding !== 'buffer' ? (encoding as BufferEncoding) : undefined;
}

function bytesOf(data: unknown, encoding: BufferEncoding = 'utf8'): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data, encoding);
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  throw new TypeError('The "data" argument must be of type string or an instance of Buffer, TypedArray, or DataView.');
}

/** Sync functions on files of the world, by their names in node:fs, but for the ending `Sync`. */
class OnWorld {
  readonly #files: WorldFiles;
  readonly #places: Places;

  constructor(files: WorldFiles, places: Places) {
    this.#files = files;
    this.#places = places;
  }

  open(path: unknown, flags?: string | number, mode?: number): number {
    return this.#files.open(this.#name(path), flags, mode);
  }
  close(fd: number): void {
    this.#files.close(fd);
  }
  read(fd: number, bytes: Uint8Array, offset?: Options, length?: number, position?: number | bigint | null): number {
    const given = typeof offset === 'object' ? offset : undefined;
    const from = Number(given?.['offset'] ?? (typeof offset === 'number' ? offset : 0));
    const size = Number(given?.['length'] ?? length ?? bytes.byteLength - from);
    const at = (given?.['position'] ?? position ?? null) as number | bigint | null;
    const view = bytesOf(bytes).subarray(from, from + size);
    return this.#files.read(fd, view, at === null || Number(at) < 0 ? null : Number(at));
  }
  write(fd: number, data: unknown, offset?: Options, length?: unknown, position?: number | null): number {
    if (typeof data === 'string')
      return this.#files.write(fd, bytesOf(data, length as BufferEncoding), typeof offset === 'number' ? offset : null);
    const given = typeof offset === 'object' ? offset : undefined;
    const from = Number(given?.['offset'] ?? (typeof offset === 'number' ? offset : 0));
    const bytes = bytesOf(data);
    const size = Number(given?.['length'] ?? length ?? bytes.length - from);
    return this.#files.write(
      fd,
      bytes.subarray(from, from + size),
      (given?.['position'] ?? position ?? null) as number | null,
    );
  }
  readFile(path: unknown, options?: Options): Buffer | string {
    const fd = this.#files.has(path) ? (path as number) : this.open(path, (option(options, 'flag') as string) ?? 'r');
    try {
      const parts: Buffer[] = [];
      for (;;) {
        const part = Buffer.alloc(1 << 16);
        const n = this.#files.read(fd, part, null);
        if (n === 0) break;
        parts.push(part.subarray(0, n));
      }
      const all = Buffer.concat(parts);
      const encoding = encodingOf(options);
      return encoding === undefined ? all : all.toString(encoding);
    } finally {
      if (fd !== path) this.close(fd);
    }
  }
  writeFile(path: unknown, data: unknown, options?: Options): void {
    this.#put(path, data, options, 'w');
  }
  appendFile(path: unknown, data: unknown, options?: Options): void {
    this.#put(path, data, options, 'a');
  }
  fstat(fd: number, options?: Options): unknown {
    return this.#files.fstat(fd, option(options, 'bigint') === true);
  }
  stat(path: unknown, options?: Options): unknown {
    return this.#found(options, () => this.#files.stat(this.#name(path), option(options, 'bigint') === true));
  }
  lstat(path: unknown, options?: Options): unknown {
    return this.#found(options, () => this.#files.lstat(this.#name(path), option(options, 'bigint') === true));
  }
  exists(path: unknown): boolean {
    return this.#files.exists(this.#name(path));
  }
  access(path: unknown, mode?: number): void {
    this.#files.access(this.#name(path), mode);
  }
  readdir(path: unknown, options?: Options): unknown {
    const name = this.#name(path);
    const listed = (folder: string, prefix: string): (Dirent | string)[] =>
      this.#files.list(folder).flatMap((entry) => {
        const inner = folder === '.' ? entry.name : `${folder}/${entry.name}`;
        const deeper = option(options, 'recursive') === true && entry.isDirectory();
        const one = option(options, 'withFileTypes') === true ? this.#told(entry, folder) : `${prefix}${entry.name}`;
        return [one, ...(deeper ? listed(inner, `${prefix}${entry.name}/`) : [])];
      });
    return listed(name, '');
  }
  unlink(path: unknown): void {
    this.#files.unlink(this.#name(path));
  }
  rmdir(path: unknown, options?: Options): void {
    if (option(options, 'recursive') === true) this.rm(path, { recursive: true });
    else this.#files.rmdir(this.#name(path));
  }
  rm(path: unknown, options?: Options): void {
    const remove = (name: string): void => {
      const stats = this.#files.lstat(name, false);
      if (!stats.isDirectory()) return this.#files.unlink(name);
      if (option(options, 'recursive') !== true) return this.#files.rmdir(name);
      for (const entry of this.#files.list(name)) remove(`${name}/${entry.name}`);
      this.#files.rmdir(name);
    };
    try {
      remove(this.#name(path));
    } catch (error) {
      if (option(options, 'force') !== true || (error as { code?: string }).code !== 'ENOENT') throw error;
    }
  }
  mkdir(path: unknown, options?: Options): string | undefined {
    const name = this.#name(path);
    let first: string | undefined;
    if (option(options, 'recursive') !== true) {
      this.#files.mkdir(name, options as number | undefined);
      return first;
    }
    for (const part of name.split('/').map((_, i, all) => all.slice(0, i + 1).join('/'))) {
      if (this.#files.exists(part)) continue;
      this.#files.mkdir(part);
      first ??= `/lockstep/${part}`;
    }
    return first;
  }
  mkdtemp(prefix: string): string {
    const drawn = Array.from({ length: 6 }, () => Math.floor(Math.random() * 36).toString(36)).join('');
    this.mkdir(`${prefix}${drawn}`);
    return `${prefix}${drawn}`;
  }
  chmod(path: unknown, mode: number): void {
    this.#files.chmod(this.#name(path), mode);
  }
  utimes(path: unknown): void {
    this.#files.utimes(this.#name(path));
  }
  rename(from: unknown, to: unknown): void {
    this.#files.rename(this.#name(from), this.#name(to));
  }
  link(from: unknown, to: unknown): void {
    this.#files.link(this.#name(from), this.#name(to));
  }
  symlink(target: unknown, path: unknown): void {
    this.#files.symlink(String(target), this.#name(path));
  }
  readlink(path: unknown): string {
    return this.#files.readlink(this.#name(path));
  }
  realpath(path: unknown): string {
    return this.#files.realpath(this.#name(path));
  }
  /** Not copyFile(2) and its reflinks: opens, reads, writes, closes. */
  copyFile(from: unknown, to: unknown, mode = 0): void {
    const bytes = this.#isWorld(from) ? this.readFile(from) : real.fs.readFileSync(from as string);
    const flag = (mode & real.fs.constants.COPYFILE_EXCL) === 0 ? 'w' : 'wx';
    if (this.#isWorld(to)) this.writeFile(to, bytes, { flag });
    else real.fs.writeFileSync(to as string, bytes, { flag });
  }
  truncate(path: unknown, length = 0): void {
    const fd = this.open(path, 'r+');
    try {
      this.#files.truncate(fd, length);
    } finally {
      this.close(fd);
    }
  }
  ftruncate(fd: number, length = 0): void {
    this.#files.truncate(fd, length);
  }
  fchmod(fd: number, mode: number): void {
    this.#files.fchmod(fd, mode);
  }
  readv(fd: number, views: readonly Uint8Array[], position?: number | null): number {
    return this.#each(views, position, (view, at) => this.read(fd, view, 0, view.byteLength, at));
  }
  writev(fd: number, views: readonly Uint8Array[], position?: number | null): number {
    return this.#each(views, position, (view, at) => this.write(fd, view, 0, view.byteLength, at));
  }
  opendir(path: unknown, options?: Options): WorldDir {
    const recursive = option(options, 'recursive') === true;
    return new WorldDir(String(path), this.readdir(path, { recursive, withFileTypes: true }) as readonly Dirent[]);
  }
  fsync(fd: number): void {
    this.#files.sync(fd);
  }
  fdatasync(fd: number): void {
    this.#files.sync(fd);
  }

  /** Until one does less than all of its part. */
  #each(
    views: readonly Uint8Array[],
    position: number | null | undefined,
    act: (view: Uint8Array, at: number | null) => number,
  ): number {
    let sum = 0;
    for (const view of views) {
      const n = act(view, typeof position === 'number' ? position + sum : null);
      sum += n;
      if (n < view.byteLength) break;
    }
    return sum;
  }

  #isWorld(path: unknown): boolean {
    return this.#places.nameOf(path) !== undefined;
  }

  #name(path: unknown): string {
    const name = this.#places.nameOf(path);
    if (name === undefined)
      notFollowed(`moves a file between the world and ${String(path)}, which lies outside: let it copy it`);
    return name;
  }

  #found(options: Options, act: () => unknown): unknown {
    try {
      return act();
    } catch (error) {
      if (option(options, 'throwIfNoEntry') === false && (error as { code?: string }).code === 'ENOENT')
        return undefined;
      throw error;
    }
  }

  #put(path: unknown, data: unknown, options: Options, flag: string): void {
    const bytes = bytesOf(data, encodingOf(options));
    const fd = this.#files.has(path) ? (path as number) : this.open(path, (option(options, 'flag') as string) ?? flag);
    try {
      for (let at = 0; at < bytes.length; ) at += this.#files.write(fd, bytes.subarray(at), null);
    } finally {
      if (fd !== path) this.close(fd);
    }
  }

  #told(entry: Dirent, folder: string): Dirent {
    const path = folder === '.' ? '/lockstep' : `/lockstep/${folder}`;
    return Object.assign(entry, { parentPath: path, path });
  }
}

/** Functions whose first argument is a descriptor. */
const onDescriptors = 'close read write readv writev fstat fchmod ftruncate fsync fdatasync'.split(' ');

/** Functions whose first argument is a name; of the latter, the second as well. */
const onNames =
  'open readFile writeFile appendFile stat lstat access readdir unlink rmdir rm mkdir mkdtemp chmod utimes readlink realpath truncate opendir'.split(
    ' ',
  );
const onTwoNames = ['rename', 'link', 'symlink', 'copyFile'] as const;

/** What Node's functions with callbacks give beside the error: of read and write, the bytes too. */
function resultsOf(name: string, result: unknown, given: readonly unknown[]): readonly unknown[] {
  return /^(read|write)v?$/.test(name) ? [result, given[1]] : [result];
}

/** What a callback is given: null and results, or the error alone. */
function outcomeOf(act: () => readonly unknown[]): readonly unknown[] {
  try {
    return [null, ...act()];
  } catch (error) {
    return [error];
  }
}

/** A FileHandle of node:fs/promises on a file of the world. */
class WorldHandle {
  readonly fd: number;
  readonly #on: OnWorld;
  readonly #turn: <T>(act: () => T) => Promise<T>;

  constructor(fd: number, on: OnWorld, turn: <T>(act: () => T) => Promise<T>) {
    this.fd = fd;
    this.#on = on;
    this.#turn = turn;
  }
  async read(given?: Options | Uint8Array, ...more: unknown[]): Promise<unknown> {
    const plain = ArrayBuffer.isView(given) ? undefined : given;
    const buffer = (ArrayBuffer.isView(given) ? given : (option(plain, 'buffer') ?? Buffer.alloc(16384))) as Uint8Array;
    const rest = (plain === undefined ? more : [plain]) as [Options?, number?, number?];
    return { bytesRead: await this.#turn(() => this.#on.read(this.fd, buffer, ...rest)), buffer };
  }
  async write(data: unknown, ...more: [Options?, unknown?, number?]): Promise<unknown> {
    return { bytesWritten: await this.#turn(() => this.#on.write(this.fd, data, ...more)), buffer: data };
  }
  readFile(options?: Options): Promise<Buffer | string> {
    return this.#turn(() => this.#on.readFile(this.fd, options));
  }
  writeFile(data: unknown, options?: Options): Promise<void> {
    return this.#turn(() => this.#on.writeFile(this.fd, data, options));
  }
  appendFile(data: unknown, options?: Options): Promise<void> {
    return this.#turn(() => this.#on.appendFile(this.fd, data, options));
  }
  stat(options?: Options): Promise<unknown> {
    return this.#turn(() => this.#on.fstat(this.fd, options));
  }
  truncate(length?: number): Promise<void> {
    return this.#turn(() => this.#on.ftruncate(this.fd, length));
  }
  sync(): Promise<void> {
    return this.#turn(() => this.#on.fsync(this.fd));
  }
  datasync(): Promise<void> {
    return this.#turn(() => this.#on.fsync(this.fd));
  }
  close(): Promise<void> {
    return this.#turn(() => this.#on.close(this.fd));
  }
  createReadStream(options: object = {}): Readable {
    return fs.createReadStream('', { ...options, fd: this.fd });
  }
  createWriteStream(options: object = {}): Writable {
    return fs.createWriteStream('', { ...options, fd: this.fd });
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** From here on work on files of the world is steps. */
export function replaceFs(process_: ProcessOfRun, places: Places): void {
  const files = new WorldFiles(process_, places);
  const on = new OnWorld(files, places);
  const isName = (path: unknown) => places.nameOf(path) !== undefined;
  const turn = <T>(act: () => T): Promise<T> =>
    new Promise((resolve, reject) => {
      real.setImmediate(() => {
        try {
          resolve(act());
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      });
    });
  const sync: { [name: string]: unknown } = {};
  const callbacks: { [name: string]: unknown } = {};
  const promises: { [name: string]: unknown } = {};
  const replace = (name: string, concerns: (given: readonly unknown[]) => boolean): void => {
    const act = (on[name as keyof OnWorld] as unknown as AnyCall).bind(on);
    const own = real.fs as unknown as { readonly [name: string]: AnyCall };
    const ownPromises = real.fs.promises as unknown as { readonly [name: string]: AnyCall };
    const syncOwn = own[`${name}Sync`];
    sync[`${name}Sync`] = (...given: unknown[]) => (concerns(given) ? act(...given) : syncOwn?.(...given));
    callbacks[name] = (...given: unknown[]) => {
      if (!concerns(given)) return own[name]?.(...given);
      const callback = given.findLast((one) => typeof one === 'function') as AnyCall | undefined;
      if (callback === undefined) throw new TypeError('The "cb" argument must be of type function.');
      const plain = given.slice(0, given.lastIndexOf(callback));
      real.setImmediate(() => callback(...outcomeOf(() => resultsOf(name, act(...plain), plain))));
      return undefined;
    };
    if (ownPromises[name] === undefined) return;
    promises[name] = (...given: unknown[]) =>
      concerns(given) ? turn(() => act(...given)) : ownPromises[name]?.(...given);
  };
  for (const name of onDescriptors) replace(name, ([fd]) => files.has(fd));
  for (const name of onNames) replace(name, ([path]) => isName(path) || files.has(path));
  for (const name of onTwoNames)
    replace(name, ([one, other]) => (name === 'symlink' ? isName(other) : isName(one) || isName(other)));
  sync['existsSync'] = (path: unknown) => (isName(path) ? on.exists(path) : real.fs.existsSync(path as string));
  const { exists } = real.fs as unknown as { readonly exists: AnyCall }; // deprecated, and there
  callbacks['exists'] = (path: unknown, callback: (found: boolean) => void) => {
    if (isName(path)) real.setImmediate(() => callback(on.exists(path)));
    else exists(path, callback);
  };
  promises['open'] = (path: string, flags?: string, mode?: number) =>
    isName(path)
      ? turn(() => new WorldHandle(on.open(path, flags, mode), on, turn))
      : real.fs.promises.open(path, flags, mode);
  replaceTrees(places, { sync, callbacks, promises });
  replaceWatches(places, callbacks);
  refuseUnseen({ sync, callbacks, promises }, (given) => isName(given) || files.has(given));
  const native = sync['realpathSync'] as Call & { native?: unknown };
  native.native = native;
  Object.assign(fs, sync, callbacks);
  Object.assign(fs.promises, promises);
  syncBuiltinESMExports();
}
