// Mail between processes that run free: a FIFO for each, a line of JSON a message, so that a process that asks another waits
// for a real round trip through the kernel. What stays out: who sends what.
import { closeSync, constants, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { makeFifo, pollReadable } from '../../host/native.ts';
import type { Json } from '../../model/values.ts';

/**
 * The post office of a round.
 *
 * @property folder holds a FIFO for each process
 * @property names of the processes: all are there from the round's start to its end
 */
export interface PostOffice {
  readonly folder: string;
  readonly names: readonly string[];
}

export interface Letter {
  readonly from: string;
  readonly message: Json;
}

/** PIPE_BUF of Linux: a write of at most so many bytes into a FIFO never mixes with another's (pipe(7)). */
const letterBytesMax = 4096;

/** An empty line: the round ends. */
const endLine = '\n';

/** Makes the FIFOs. The folder must not exist yet. */
export function makePostOffice(office: PostOffice): void {
  mkdirSync(office.folder);
  for (const name of office.names) makeFifo(join(office.folder, name));
}

/** Tells a process that nobody will ask it for anything any more; nothing happens when it is dead. */
export function tellEnd({ folder }: PostOffice, name: string): void {
  let fd: number;
  try {
    fd = openSync(join(folder, name), constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENXIO') return; // nobody reads there
    throw error;
  }
  writeSync(fd, endLine);
  closeSync(fd);
}

/** Whoever waits for a letter looks so often whether the process that plays the round still lives. */
const pollMsMost = 1000;
const parent = process.ppid;

/** The mail of one process in one round. */
export class Mail {
  readonly #office: PostOffice;
  readonly #own: string;
  readonly #inbox: number;
  readonly #outboxes = new Map<string, number>();
  readonly #letters: Letter[] = [];
  readonly #chunk = Buffer.alloc(1 << 16);
  #said = '';
  #ended = false;

  constructor(office: PostOffice, own: string) {
    this.#office = office;
    this.#own = own;
    // For reading and writing: with a writer of its own it never reads an end of file (fifo(7)).
    this.#inbox = openSync(join(office.folder, own), constants.O_RDWR);
  }

  /** Has the process been told that the round ends? */
  get ended(): boolean {
    return this.#ended;
  }

  knows(name: string): boolean {
    return this.#office.names.includes(name);
  }

  /** @returns false when there is no such process */
  send(to: string, message: Json): boolean {
    if (!this.knows(to)) return false;
    const line = Buffer.from(`${JSON.stringify({ from: this.#own, message } satisfies Letter)}\n`);
    if (line.length > letterBytesMax) {
      throw new Error(
        `A message of ${line.length} bytes to ${to}: between free processes ${letterBytesMax} are the most.`,
      );
    }
    writeSync(this.#outbox(to), line);
    return true;
  }

  /**
   * The oldest letter, waited for.
   *
   * @param timeoutMs real milliseconds
   * @returns undefined when the time is up, or the round has ended
   */
  receive(timeoutMs: number): Letter | undefined {
    const deadlineMs = performance.now() + timeoutMs;
    while (this.#letters.length === 0 && !this.#ended && process.ppid === parent) {
      const leftMs = Math.ceil(deadlineMs - performance.now());
      const seen = pollReadable(this.#inbox, Math.min(pollMsMost, Math.max(0, leftMs)));
      if (seen === 'readable') this.#read();
      else if (leftMs <= 0) break;
    }
    return this.#letters.shift();
  }

  close(): void {
    for (const fd of [this.#inbox, ...this.#outboxes.values()]) closeSync(fd);
  }

  #outbox(to: string): number {
    const known = this.#outboxes.get(to);
    if (known !== undefined) return known;
    const fd = openSync(join(this.#office.folder, to), constants.O_RDWR); // never waits for a reader
    this.#outboxes.set(to, fd);
    return fd;
  }

  #read(): void {
    const n = readSync(this.#inbox, this.#chunk, 0, this.#chunk.length, null);
    const lines = (this.#said + this.#chunk.toString('utf8', 0, n)).split('\n');
    this.#said = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') this.#ended = true;
      else this.#letters.push(JSON.parse(line) as Letter);
    }
  }
}
