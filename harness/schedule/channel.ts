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

/** The process behind the channel is dead: no writer is left. */
export const closed = Symbol('closed');
/** Nothing came within the time limit. */
export const silent = Symbol('silent');

const none = Buffer.alloc(0);

export class Channel {
  readonly inPath: string;
  readonly outPath: string;
  readonly #writeFd: number;
  readonly #readFd: number;
  /** Bytes of the next frame that came with the last. */
  #early: Buffer = none;

  /** @param path where the two FIFOs go: `<path>.in` (grants) and `<path>.out` (frames) */
  constructor(path: string) {
    this.inPath = `${path}.in`;
    this.outPath = `${path}.out`;
    makeFifo(this.inPath);
    makeFifo(this.outPath);
    // Read-write, so that opening does not wait for the lane and writing to a dead one is no signal.
    this.#writeFd = openSync(this.inPath, constants.O_RDWR);
    this.#readFd = openSync(this.outPath, constants.O_RDONLY | constants.O_NONBLOCK);
  }

  send(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#writeFd, bytes, at);
  }

  /**
   * The next frame: whole, in one read where it fits. A lane sends nothing more until it is granted, but for flushes,
   * of which the beginning of the next may come along: it is kept for the next call.
   *
   * @param limitMs real milliseconds without a sign of life
   */
  receive(limitMs: number): Frame | typeof closed | typeof silent {
    this.#early.copy(scratch);
    let have = this.#early.length;
    let want = frameBytes;
    for (;;) {
      if (have >= frameBytes) want = frameBytes + scratch.readUInt32LE(0);
      if (have >= want) break;
      if (scratch.length < want) scratch = Buffer.concat([scratch], want * 2);
      const n = this.#read(have, limitMs);
      if (typeof n === 'symbol') return n;
      have += n;
    }
    this.#early = have > want ? Buffer.from(scratch.subarray(want, have)) : none;
    return {
      kind: scratch.readUInt16LE(12),
      steps: scratch.readUInt32LE(4),
      points: scratch.readUInt32LE(8),
      body: scratch.subarray(frameBytes, want),
    };
  }

  close(): void {
    closeSync(this.#writeFd);
    closeSync(this.#readFd);
    unlinkSync(this.inPath);
    unlinkSync(this.outPath);
  }

  /** Reads what is there, or waits for it. Result: bytes read into the scratch buffer at `at`. */
  #read(at: number, limitMs: number): number | typeof closed | typeof silent {
    for (let interruptions = 0; interruptions < 1000; interruptions++) {
      const state = pollReadable(this.#readFd, limitMs);
      if (state === 'interrupted') continue;
      if (state !== 'readable') return state === 'timeout' ? silent : closed;
      const n = readSync(this.#readFd, scratch, at, scratch.length - at, null);
      return n === 0 ? closed : n;
    }
    return silent;
  }
}
