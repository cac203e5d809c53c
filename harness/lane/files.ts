// Raw file operations of a lane program: each stops at the gate, then is the real system calls in this process.
// What stays out: SQLite's own file operations, which pass through the VFS.
import * as fs from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Gate } from './gate-calls.ts';
import { FileError, type Files, type FileStat } from './world.ts';

const SQLITE_FULL = 13;

function failure(code: string, what: string): FileError {
  return new FileError(code, `${what}: ${code}`);
}

/** Number of an errno name, as the record keeps it. */
function errnoOf(code: string): number {
  return (constants.errno as { readonly [name: string]: number })[code] ?? -1;
}

/** What an operation read, wrote or learned, as the bytes whose checksum goes into the trace. */
function contentOf(result: unknown): string | Uint8Array {
  return typeof result === 'string' || result instanceof Uint8Array ? result : (JSON.stringify(result) ?? '');
}

export class LaneFiles implements Files {
  readonly #gate: Gate;
  readonly #root: string;

  constructor(gate: Gate, root: string) {
    this.#gate = gate;
    this.#root = root;
  }

  read(file: string, range: { readonly offset?: number; readonly length?: number } = {}): Uint8Array {
    const { offset = 0, length } = range;
    return this.#step('read', file, `${offset}+${length ?? ''}`, () => {
      const fd = fs.openSync(this.#path(file), 'r');
      try {
        const bytes = Buffer.alloc(length ?? Math.max(0, fs.fstatSync(fd).size - offset));
        return bytes.subarray(0, fs.readSync(fd, bytes, 0, bytes.length, offset));
      } finally {
        fs.closeSync(fd);
      }
    });
  }

  write(file: string, data: string | Uint8Array, options: { readonly exclusive?: boolean } = {}): void {
    const exclusive = options.exclusive ?? false;
    this.#step('write', file, exclusive ? 'exclusive' : null, () => {
      fs.writeFileSync(this.#path(file), data, { flag: exclusive ? 'wx' : 'w' });
      return data;
    });
  }

  stat(file: string): FileStat | undefined {
    return this.#step('stat', file, null, () => {
      const stat = fs.statSync(this.#path(file), { throwIfNoEntry: false });
      if (stat === undefined) return undefined;
      const [inode, mtimeNs] = this.#gate.answer().split(' ').map(Number);
      return { size: stat.size, inode: inode ?? 0, mtimeNs: mtimeNs ?? 0 };
    });
  }
  exists(file: string): boolean {
    return this.#step('exists', file, null, () => fs.existsSync(this.#path(file)));
  }

  rename(from: string, to: string): void {
    this.#step('rename', from, to, () => fs.renameSync(this.#path(from), this.#path(to)));
  }
  unlink(file: string): void {
    this.#step('unlink', file, null, () => fs.unlinkSync(this.#path(file)));
  }
  copy(from: string, to: string): void {
    // Not copyFile(2) and its reflinks: open, read, write, close, as cp and shutil.copy2 do it.
    this.#step('copy', from, to, () => {
      const bytes = fs.readFileSync(this.#path(from));
      fs.writeFileSync(this.#path(to), bytes);
      return bytes;
    });
  }
  link(from: string, to: string): void {
    this.#step('link', from, to, () => fs.linkSync(this.#path(from), this.#path(to)));
  }
  list(folder = '.'): readonly string[] {
    return this.#step('list', folder, null, () => fs.readdirSync(this.#path(folder)).toSorted());
  }

  #path(file: string): string {
    return join(this.#root, file);
  }

  #step<T>(kind: string, file: string, detail: string | null, act: () => T): T {
    const injected = this.#gate.step(kind, file, detail);
    if (injected !== 0) throw failure(injected === SQLITE_FULL ? 'ENOSPC' : 'EIO', `${kind} ${file}`);
    try {
      const result = act();
      const said = contentOf(result);
      this.#gate.done(0, said.length, crc32(said));
      return result;
    } catch (error) {
      const name = error instanceof Error && 'code' in error ? String(error.code) : 'EIO';
      this.#gate.done(errnoOf(name));
      throw failure(name, `${kind} ${file}`);
    }
  }
}
