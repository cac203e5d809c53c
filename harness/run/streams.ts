// The files behind the standard streams of a process of the pool: what it reads, and what it prints. What stays out: the process (pool.ts).
import { closeSync, fstatSync, openSync, readSync, rmSync, statSync } from 'node:fs';

/** Bytes that are read of what a process prints: what it writes beyond them nobody is told. */
const outputMost = 64 * 2 ** 20;

function readHead(path: string, bytesMost: number): Buffer {
  const fd = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(Math.min(fstatSync(fd).size, bytesMost));
    return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, 0));
  } finally {
    closeSync(fd);
  }
}

/** Bytes on standard output and on standard error. */
export interface ProcessOutput {
  readonly out: Buffer;
  readonly err: Buffer;
}

/** The files behind the standard streams of a process, and of those that it forks: they go with the last of them. */
export class Streams {
  readonly logPath: string;
  readonly outPath: string;
  readonly inputPath: string;
  users = 0;

  /** @param own has standard output apart from standard error */
  constructor(path: string, own: boolean) {
    this.logPath = `${path}.log`;
    this.outPath = own ? `${path}.out` : this.logPath;
    this.inputPath = `${path}.input`;
  }

  printed(): ProcessOutput {
    return { out: contentsOf(this.outPath), err: contentsOf(this.logPath) };
  }

  /** How much has been printed, on both. */
  bytes(): number {
    const sizeOf = (path: string) => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    return sizeOf(this.outPath) + (this.logPath === this.outPath ? 0 : sizeOf(this.logPath));
  }

  leave(): void {
    if (--this.users > 0) return;
    for (const path of [this.logPath, this.outPath, this.inputPath]) rmSync(path, { force: true });
  }
}

function contentsOf(path: string): Buffer {
  try {
    return readHead(path, outputMost);
  } catch {
    return Buffer.alloc(0); // it has not come so far as to have one
  }
}
