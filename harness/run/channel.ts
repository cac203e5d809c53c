// A channel: the pair of FIFOs between the coordinator and one thread of a simulated process. Blocking reads that heed
// signals and give up on what is stuck (waiting.ts); a closed FIFO is the news that the process is dead. What stays out:
// what frames mean.
import { closeSync, constants, openSync, readSync, rmSync, unlinkSync } from 'node:fs';
import { decodeFrame, type Frame, frameBodyBytes, frameBytes } from '../gate/protocol.ts';
import { makeFifo } from '../host/native.ts';
import { type Awaited, type Patience, type Stuck, waitReadable, writeAll } from '../host/waiting.ts';

let scratch = Buffer.alloc(1 << 17);

/** The process behind the channel is dead: no writer is left. */
export const closed = Symbol('closed');

const none = Buffer.alloc(0);

export class Channel {
  readonly inPath: string;
  readonly outPath: string;
  /** Who is behind it, as far as that is known: whom to look at when nothing comes. */
  behind: Awaited | undefined;
  readonly #writeFd: number;
  readonly #readFd: number;
  /** Bytes of the next frame that came with the last. */
  #early: Buffer = none;

  /** @param path where the two FIFOs go: `<path>.in` (grants) and `<path>.out` (frames) */
  constructor(path: string) {
    this.inPath = `${path}.in`;
    this.outPath = `${path}.out`;
    const opened: number[] = [];
    try {
      makeFifo(this.inPath);
      makeFifo(this.outPath);
      // Read-write, so that opening does not wait for the lane and writing to a dead one is no signal.
      opened.push(openSync(this.inPath, constants.O_RDWR | constants.O_NONBLOCK));
      opened.push(openSync(this.outPath, constants.O_RDONLY | constants.O_NONBLOCK));
    } catch (error) {
      for (const fd of opened) closeSync(fd);
      for (const fifo of [this.inPath, this.outPath]) rmSync(fifo, { force: true });
      throw error;
    }
    [this.#writeFd = -1, this.#readFd = -1] = opened;
  }

  /**
   * A lane that stands still reads at once.
   *
   * @returns why it was given up, if it was
   */
  send(bytes: Uint8Array, patience: Patience): Stuck | undefined {
    return writeAll(this.#writeFd, bytes, this.behind, patience);
  }

  /**
   * The next frame: whole, in one read where it fits. A lane sends nothing more until it is granted, but for flushes,
   * of which the beginning of the next may come along: it is kept for the next call. The body is valid until the next frame is
   * read from any channel.
   */
  receive(patience: Patience): Frame | typeof closed | Stuck {
    this.#early.copy(scratch);
    let have = this.#early.length;
    let want = frameBytes;
    for (;;) {
      if (have >= frameBytes) want = frameBytes + frameBodyBytes(scratch);
      if (have >= want) break;
      if (scratch.length < want) scratch = Buffer.concat([scratch], want * 2);
      const n = this.#read(have, patience);
      if (typeof n !== 'number') return n;
      have += n;
    }
    this.#early = have > want ? Buffer.from(scratch.subarray(want, have)) : none;
    return decodeFrame(scratch, want);
  }

  close(): void {
    closeSync(this.#writeFd);
    closeSync(this.#readFd);
    unlinkSync(this.inPath);
    unlinkSync(this.outPath);
  }

  /** Reads what is there, or waits for it. Result: bytes read into the scratch buffer at `at`. */
  #read(at: number, patience: Patience): number | typeof closed | Stuck {
    const state = waitReadable(this.#readFd, this.behind, patience);
    if (state !== 'readable') return state === 'closed' ? closed : state;
    const n = readSync(this.#readFd, scratch, at, scratch.length - at, null);
    return n === 0 ? closed : n;
  }
}
