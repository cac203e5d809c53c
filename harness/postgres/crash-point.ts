// The places inside a statement at which the server can be killed: before each write and sync of the process that does it; and whether its disk
// is full, and what it has written (crash-point.c). What stays out: what a kill is (cluster.ts).
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { cachedArtifact } from '../engines/cache.ts';
import { runCompiler } from '../engines/compiler.ts';

const source = join(import.meta.dirname, 'crash-point.c');
const flags = ['-O2', '-fPIC', '-shared', '-Wall'] as const;
const fileName = 'crash-point.so';

/** The compiled library, from the cache. @throws a harness error where there is no C compiler */
export function crashPointLibrary(): Promise<string> {
  return cachedArtifact({
    kind: 'postgres-crash-point',
    inputs: [flags.join(' '), { file: source }],
    fileName,
    label: 'crash points of PostgreSQL',
    build: async (dir) => {
      await runCompiler('c', [...flags, source, '-ldl', '-o', fileName], {
        cwd: dir,
        what: 'crash points of PostgreSQL',
      });
    },
  });
}

/** What all processes of a server have written to files and synced so far. */
export interface Written {
  readonly bytes: number;
  readonly syncs: number;
}

/** Bytes of the page: four numbers of 32 bits, and two of 64 that are counted there. */
const pageBytes = 32;
const writtenAt = 16;

/** The page that the server's processes share with us. */
export class CrashPoint {
  readonly #fd: number;

  /** @param path of the file, which is made here */
  constructor(path: string) {
    this.#fd = openSync(path, 'w+', 0o666);
    writeSync(this.#fd, new Uint8Array(pageBytes), 0, pageBytes, 0);
  }

  /** From now on no file of a table or an index can grow, or it can again. */
  fillDisk(isFull: boolean): void {
    writeSync(this.#fd, new Uint8Array(new Int32Array([isFull ? 1 : 0]).buffer), 0, 4, 12);
  }

  /** The server is killed before the nth write or sync of this process of its own from now on; 1 is the next. */
  arm(pid: number, nth: number): void {
    this.#write(pid, nth);
  }

  /** Nothing kills it any more. Result: has it been killed? */
  disarm(): boolean {
    const numbers = new Int32Array(3);
    readSync(this.#fd, new Uint8Array(numbers.buffer), 0, 12, 0);
    this.#write(0, 0);
    return numbers[2] === 1;
  }

  written(): Written {
    const numbers = new BigUint64Array(2);
    readSync(this.#fd, new Uint8Array(numbers.buffer), 0, pageBytes - writtenAt, writtenAt);
    const [bytes = 0n, syncs = 0n] = numbers;
    return { bytes: Number(bytes), syncs: Number(syncs) };
  }

  close(): void {
    closeSync(this.#fd);
  }

  #write(pid: number, left: number): void {
    writeSync(this.#fd, new Uint8Array(new Int32Array([pid, left, 0]).buffer), 0, 12, 0);
  }
}
