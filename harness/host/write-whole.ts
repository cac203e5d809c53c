// Files that are written whole or not at all, also where two processes write at once, and that a power loss does not take away again: a
// file is synced before it has its name, and the name before anybody is told. What stays out: what is in them.
import { randomUUID } from 'node:crypto';
import {
  closeSync,
  constants,
  copyFileSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, parse, resolve } from 'node:path';
import { atExit } from './at-exit.ts';
import { harnessError } from '../errors/errors.ts';
import { syncFolder } from './sync-folder.js';
import { makeFolders } from './make-folders.js';

/**
 * A file that is written piece by piece, and has its name once it is closed. Through a symbolic link the file that it names is
 * written; what is no regular file, such as /dev/stdout or a FIFO, is written to as it is.
 */
export class GrowingFile {
  readonly #path: string;
  readonly #fd: number;
  /** Its name until it is closed; undefined where it has its own from the beginning. */
  readonly #beside: string | undefined;
  readonly #forget: () => void;
  #failure: { readonly error: unknown } | undefined;

  /** @throws the file system's error when it cannot be made */
  constructor(path: string) {
    const stat = statSync(path, { throwIfNoEntry: false });
    this.#path = stat === undefined ? path : realpathSync(path);
    this.#beside = stat === undefined || stat.isFile() ? besideOf(this.#path) : undefined;
    this.#fd = this.#beside === undefined ? openSync(this.#path, 'w') : openSync(this.#beside, 'wx');
    this.#forget = atExit(() => this.#drop());
  }

  /** Never throws: what goes wrong is said when it is closed. */
  write(text: string): void {
    if (this.#failure !== undefined) return;
    try {
      writeFileSync(this.#fd, text); // all of it, where writeSync may write a part
    } catch (error) {
      this.#failure = { error };
    }
  }

  /** @throws a harness error when not all was written: then what was there before is there still */
  close(): void {
    try {
      if (this.#failure === undefined && this.#beside !== undefined) this.#sync();
      closeSync(this.#fd);
      if (this.#failure !== undefined) throw this.#failure.error;
      if (this.#beside === undefined) return;
      renameSync(this.#beside, this.#path);
      syncFolder(dirname(this.#path));
    } catch (error) {
      this.#drop();
      throw writeFailed(this.#path, error);
    } finally {
      this.#forget();
    }
  }

  #sync(): void {
    try {
      fsyncSync(this.#fd);
    } catch (error) {
      this.#failure = { error };
    }
  }

  #drop(): void {
    if (this.#beside !== undefined) rmSync(this.#beside, { force: true });
  }
}

/** Writes a file whole or not at all, and makes its folder. @throws a harness error when it cannot be written */
export function writeWhole(path: string, text: string): void {
  let file: GrowingFile;
  try {
    makeFolders(resolve(dirname(path)));
    file = new GrowingFile(path);
  } catch (error) {
    throw writeFailed(path, error);
  }
  file.write(text);
  file.close();
}

/**
 * Writes a file whole, and never over another: where `path` names a file that says something else, the next free name is
 * taken, `x-2.json` for `x.json`. Two processes at once may do so.
 *
 * @returns the path of a file that says `text`
 */
export function writeNew(path: string, text: string): string {
  let beside: string | undefined;
  try {
    makeFolders(resolve(dirname(path)));
    beside = writtenBeside(path, text);
    const { dir, name, ext } = parse(path);
    for (let number = 1; ; number++) {
      const target = number === 1 ? path : join(dir, `${name}-${number}${ext}`);
      const taken = takesName(beside, target);
      if (!taken && !says(target, text)) continue;
      syncFolder(dir === '' ? '.' : dir);
      return target;
    }
  } catch (error) {
    throw writeFailed(path, error);
  } finally {
    if (beside !== undefined) rmSync(beside, { force: true });
  }
}

/** A name beside `path` that no other process thinks of. */
function besideOf(path: string): string {
  return `${path}.${randomUUID()}.tmp`;
}

function writtenBeside(path: string, text: string): string {
  const beside = besideOf(path);
  try {
    writeFileSync(beside, text, { flag: 'wx', flush: true });
    return beside;
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}

/** Gives a file a further name, unless that is taken: rename(2) would take it from another file. */
function takesName(file: string, name: string): boolean {
  try {
    linkSync(file, name);
    return true;
  } catch (error) {
    if (lstatSync(name, { throwIfNoEntry: false }) !== undefined) return false;
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP' && code !== 'ENOSYS') throw error;
    copyFileSync(file, name, constants.COPYFILE_EXCL); // a file system without hard links
    syncFile(name);
    return true;
  }
}

function syncFile(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function says(path: string, text: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat?.isFile() === true && stat.size === Buffer.byteLength(text) && readFileSync(path, 'utf8') === text;
}

function writeFailed(path: string, error: unknown): Error {
  return harnessError(
    'WRITE_FAILED',
    `${path} could not be written: ${error instanceof Error ? error.message : String(error)}.`,
    'Free some space, or name another place.',
    error,
  );
}
