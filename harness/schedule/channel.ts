// A channel: the pair of FIFOs between the coordinator and one thread of a simulated process. Blocking reads with a
// time limit, no polling; a closed FIFO is the news that the process is dead. What stays out: what frames mean.
import { closeSync, constants, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { frameBytes } from '../gate/protocol.ts';
import { makeFifo, pollReadable } from '../native.ts';

/** One frame from a lane. `body` is valid until the next frame is read from any channel. */
export interface Frame {
  readonly kind: number;
  readonly steps: number;
  readonly points: number;
  readonly body: Buffer;
}

let scratch = Buffer.alloc(1 << 17);
const header = Buffer.alloc(frameBytes);

/** The process behind the channel is dead: no writer is left. */
export const closed = Symbol('closed');
/** Nothing came within the time limit. */
export const silent = Symbol('silent');

export class Channel {
  readonly inPath: string;
  readonly outPath: string;
  readonly #write: number;
  readonly #read: number;

  /** @param path where the two FIFOs go: `<path>.in` (grants) and `<path>.out` (frames) */
  constructor(path: string) {
    this.inPath = `${path}.in`;
    this.outPath = `${path}.out`;
    makeFifo(this.inPath);
    makeFifo(this.outPath);
    // Read-write, so that opening does not wait for the lane and writing to a dead one is no signal.
    this.#write = openSync(this.inPath, constants.O_RDWR);
    this.#read = openSync(this.outPath, constants.O_RDONLY | constants.O_NONBLOCK);
  }

  send(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#write, bytes, at);
  }

  /** @param limitMs real milliseconds without a sign of life */
  receive(limitMs: number): Frame | typeof closed | typeof silent {
    const got = this.#fill(header, frameBytes, limitMs);
    if (got !== undefined) return got;
    const bytes = header.readUInt32LE(0);
    const frame = { kind: header.readUInt16LE(12), steps: header.readUInt32LE(4), points: header.readUInt32LE(8) };
    if (scratch.length < bytes) scratch = Buffer.alloc(bytes * 2);
    const body = scratch.subarray(0, bytes);
    const rest = this.#fill(body, bytes, limitMs);
    return rest ?? { ...frame, body };
  }

  close(): void {
    closeSync(this.#write);
    closeSync(this.#read);
    unlinkSync(this.inPath);
    unlinkSync(this.outPath);
  }

  #fill(buffer: Buffer, bytes: number, limitMs: number): typeof closed | typeof silent | undefined {
    let at = 0;
    let interruptions = 0;
    while (at < bytes) {
      const state = pollReadable(this.#read, limitMs);
      if (state === 'timeout' || (state === 'interrupted' && ++interruptions > 1000)) return silent;
      if (state === 'interrupted') continue;
      if (state === 'closed') return closed;
      const n = readSync(this.#read, buffer, at, bytes - at, null);
      if (n === 0) return closed;
      at += n;
    }
    return undefined;
  }
}
