// What Node's fs has beside single calls: folders that are opened, trees that are copied, files that are watched. All of it is made of the
// calls that are steps already. What stays out: those (replace-fs.ts).
import { EventEmitter } from 'node:events';
import fs, { type BigIntStats, type CopyOptions, type CopySyncOptions, type Dirent, type Stats } from 'node:fs';
import { join } from 'node:path';

type Told<T> = (error: Error | null, value?: T) => void;

/** A folder as `opendir` gives it: its entries are those that were there when it was opened. */
export class WorldDir {
  readonly path: string;
  readonly #entries: Dirent[];
  #isOpen = true;

  constructor(path: string, entries: readonly Dirent[]) {
    this.path = path;
    this.#entries = [...entries];
  }

  readSync(): Dirent | null {
    this.#check();
    return this.#entries.shift() ?? null;
  }

  closeSync(): void {
    this.#check();
    this.#isOpen = false;
  }

  read(told?: Told<Dirent | null>): Promise<Dirent | null> | undefined {
    return answered(() => this.readSync(), told);
  }

  close(told?: Told<void>): Promise<void> | undefined {
    return answered(() => this.closeSync(), told);
  }

  async *entries(): AsyncGenerator<Dirent> {
    try {
      for (let entry = await this.read(); entry !== null && entry !== undefined; entry = await this.read()) yield entry;
    } finally {
      if (this.#isOpen) this.closeSync();
    }
  }

  [Symbol.asyncIterator](): AsyncGenerator<Dirent> {
    return this.entries();
  }

  [Symbol.dispose](): void {
    if (this.#isOpen) this.closeSync();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve(this[Symbol.dispose]());
  }

  #check(): void {
    if (!this.#isOpen) throw Object.assign(new Error('Directory handle was closed'), { code: 'ERR_DIR_CLOSED' });
  }
}

/** At the next turn of the loop: as a promise, or told. */
function answered<T>(act: () => T, told: Told<T> | undefined): Promise<T> | undefined {
  const answer = new Promise<T>((resolve, reject) => {
    setImmediate(() => {
      try {
        resolve(act());
      } catch (error) {
        reject(error);
      }
    });
  });
  if (told === undefined) return answer;
  answer.then(
    (value) => told(null, value),
    (error: Error) => told(error),
  );
  return undefined;
}

function copyError(code: string, says: string, path: string): Error {
  return Object.assign(new Error(`${says}: ${path}`), { code, path, syscall: 'cp' });
}

type Copying = Generator<boolean | Promise<boolean>, void, boolean>;

/** Copies a tree. It yields what the filter says, and goes on with that. */
export function* copying(from: string, to: string, options: CopyOptions | CopySyncOptions = {}): Copying {
  const { recursive = false, force = true, errorOnExist = false, dereference = false, filter, mode } = options;
  if (filter !== undefined && !(yield filter(from, to))) return;
  const stats = dereference ? fs.statSync(from) : fs.lstatSync(from);
  if (stats.isDirectory()) {
    if (!recursive) throw copyError('ERR_FS_EISDIR', 'Recursive option not enabled, cannot copy a directory', from);
    if (join(to, '/').startsWith(join(from, '/')))
      throw copyError('ERR_FS_CP_EINVAL', 'Cannot copy a directory to a subdirectory of itself', to);
    fs.mkdirSync(to, { recursive: true });
    for (const name of fs.readdirSync(from)) yield* copying(join(from, name), join(to, name), options);
    return;
  }
  const isThere = fs.lstatSync(to, { throwIfNoEntry: false }) !== undefined;
  if (isThere && !force) {
    if (errorOnExist) throw copyError('ERR_FS_CP_EEXIST', 'Target already exists', to);
    return;
  }
  if (!stats.isSymbolicLink()) {
    fs.copyFileSync(from, to, mode);
    return;
  }
  if (isThere) fs.unlinkSync(to);
  fs.symlinkSync(fs.readlinkSync(from), to);
}

export function copyNow(copy: Copying): void {
  for (let next = copy.next(true); next.done !== true; ) next = copy.next(next.value as boolean);
}

export async function copySoon(copy: Copying): Promise<void> {
  for (let next = copy.next(true); next.done !== true; ) next = copy.next(await next.value);
}

type AnyStats = Stats | BigIntStats;
type Listener = (now: AnyStats, before: AnyStats) => void;

/** What of a file is looked at (libuv, uv_fs_poll). */
const looked = ['dev', 'ino', 'mode', 'nlink', 'uid', 'gid', 'size', 'mtimeMs', 'ctimeMs', 'birthtimeMs'] as const;

const usualIntervalMs = 5007;

/** Where there is no file: all is 0. */
function noStats(bigint: boolean): AnyStats {
  const zero = bigint ? 0n : 0;
  const times = { atime: new Date(0), mtime: new Date(0), ctime: new Date(0), birthtime: new Date(0) };
  const numbers = Object.fromEntries([...looked, 'rdev', 'blksize', 'blocks', 'atimeMs'].map((name) => [name, zero]));
  return Object.assign(Object.create(fs.Stats.prototype) as AnyStats, numbers, times);
}

/** A file that is looked at now and then, in virtual time: each look is a step. */
class Watch extends EventEmitter {
  readonly #timer: NodeJS.Timeout;
  #before: AnyStats;

  constructor(path: string, { bigint = false, persistent = true, interval = usualIntervalMs }: WatchOptions) {
    super();
    const look = (): AnyStats => fs.statSync(path, { bigint, throwIfNoEntry: false }) ?? noStats(bigint);
    this.#before = look();
    if (Number(this.#before.nlink) === 0) setImmediate(() => this.emit('change', this.#before, this.#before));
    this.#timer = setInterval(() => {
      const now = look();
      const before = this.#before;
      this.#before = now;
      if (looked.some((name) => now[name] !== before[name])) this.emit('change', now, before);
    }, interval);
    if (!persistent) this.#timer.unref();
  }

  ref(): this {
    this.#timer.ref();
    return this;
  }

  unref(): this {
    this.#timer.unref();
    return this;
  }

  stop(): void {
    clearInterval(this.#timer);
    setImmediate(() => this.emit('stop'));
  }
}

interface WatchOptions {
  readonly bigint?: boolean;
  readonly persistent?: boolean;
  readonly interval?: number;
}

/** `watchFile` and `unwatchFile`, by the absolute path of a file. */
export class Watches {
  readonly #watches = new Map<string, Watch>();

  watch(path: string, options: WatchOptions, listener: Listener): Watch {
    const known = this.#watches.get(path);
    const watch = known ?? new Watch(path, options);
    this.#watches.set(path, watch);
    return watch.on('change', listener);
  }

  unwatch(path: string, listener: Listener | undefined): void {
    const watch = this.#watches.get(path);
    if (listener === undefined) watch?.removeAllListeners('change');
    else watch?.removeListener('change', listener);
    if (watch === undefined || watch.listenerCount('change') > 0) return;
    this.#watches.delete(path);
    watch.stop();
  }
}
