// Standard output and standard error, as they may be lost under way: a reader that has had enough (`| head`), a full disk, a
// limit on the size of a file. That is never the end of the work: what is said to a lost stream goes nowhere, and who said
// it can ask afterwards whether it arrived. What stays out: what is said (output.ts), and what a loss means (main.ts).
import { fstatSync, writeSync } from 'node:fs';
import type { Writable } from 'node:stream';

/** Codes of a reader that closed its end: it has what it wanted. */
const readerGone: readonly (string | undefined)[] = ['EPIPE', 'ECONNRESET'];

export class StandardStream {
  readonly stream: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  /** Of a file or a device, which Node writes to without looking how much of a text has been taken. */
  readonly #fd: number | undefined;
  #lost: NodeJS.ErrnoException | undefined;

  constructor(stream: Writable & { readonly fd?: number; readonly isTTY?: boolean }) {
    this.stream = stream;
    this.#fd = stream.fd !== undefined && stream.isTTY !== true && isFile(stream.fd) ? stream.fd : undefined;
    stream.on('error', (error) => (this.#lost ??= error));
  }

  /** Does a person watch it on a terminal? */
  get live(): boolean {
    return this.stream.isTTY === true;
  }

  /** Why nothing arrives there any more; undefined while all does. */
  get lost(): NodeJS.ErrnoException | undefined {
    return this.#lost;
  }

  /** The same, but for a reader who closed his end, which is no failure. */
  get failure(): NodeJS.ErrnoException | undefined {
    return readerGone.includes(this.#lost?.code) ? undefined : this.#lost;
  }

  /** Never throws. */
  write(text: string): void {
    if (this.#lost !== undefined) return;
    try {
      if (this.#fd === undefined) this.stream.write(text);
      else writeAll(this.#fd, Buffer.from(text));
    } catch (error) {
      this.#lost = error as NodeJS.ErrnoException;
    }
  }

  /** Waits until everything has been taken, or the stream is lost: Node writes to a pipe later. */
  async flushed(): Promise<void> {
    if (this.#lost !== undefined || this.#fd !== undefined) return;
    await new Promise<void>((resolve) => {
      this.stream.write('', () => resolve());
    });
    await new Promise(setImmediate); // `error` comes after the answer to the write
  }
}

function isFile(fd: number): boolean {
  try {
    const stat = fstatSync(fd);
    return stat.isFile() || stat.isCharacterDevice();
  } catch {
    return false;
  }
}

/** A disk that is nearly full, or a limit that is nearly reached, takes a part; the next write says why. */
function writeAll(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
}

/** Both streams of a command. */
export interface Streams {
  readonly out: StandardStream;
  readonly err: StandardStream;
}

let own: Streams | undefined;

/** This process's own, each made once. */
export function standardStreams(): Streams {
  own ??= { out: new StandardStream(process.stdout), err: new StandardStream(process.stderr) };
  return own;
}
