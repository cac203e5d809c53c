// The standard input of a program that another of the run has started and writes to while it runs (child.ts, or as it): who finds its end asks
// whether that is the end of all, and waits for more in the event loop, or in `fs.readSync`. What stays out: an input that comes from elsewhere.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { Readable } from 'node:stream';
import { asks, notFollowed, real, type ProcessOfRun } from './process-of-run.ts';
import type { Waits } from './waits.ts';

const partBytes = 1 << 16;

/** As in lane/preload/calls.c. */
const kernelKey = 'kernel';

class StandardInput {
  readonly stream: Readable;
  readonly #isOpen: () => boolean;
  /** The stream has been asked for more than there was. */
  #wants = false;
  #isRef = true;

  constructor(waits: Waits, isOpen: () => boolean) {
    this.#isOpen = isOpen;
    const stream = new Readable({ read: () => this.#pull() });
    this.stream = Object.assign(stream, { fd: 0, ref: () => this.#ref(true), unref: () => this.#ref(false) });
    const listens = (): boolean => this.#wants && !stream.isPaused() && !stream.destroyed;
    waits.addListener(listens);
    waits.addKeeper({ keeps: () => this.#isRef && listens() });
    waits.onTurn(() => {
      if (listens()) this.#pull();
    });
  }

  #ref(is: boolean): Readable {
    this.#isRef = is;
    return this.stream;
  }

  #pull(): void {
    const bytes = Buffer.alloc(partBytes);
    const read = (): number => real.fs.readSync(0, bytes, 0, partBytes, null);
    let n = read();
    const isOpen = n === 0 && this.#isOpen();
    if (isOpen) n = read(); // while it asked, more may have come
    this.#wants = n === 0 && isOpen;
    if (n > 0) this.stream.push(bytes.subarray(0, n));
    else if (!this.#wants) this.stream.push(null);
  }
}

function isInput(file: unknown): boolean {
  return file === 0 || file === '/dev/stdin';
}

/** Calls that read it without the stream. */
function replaceReads(process_: ProcessOfRun, isOpen: () => boolean): void {
  const { readSync, readFileSync, read } = fs as unknown as {
    readonly [name: string]: (...given: unknown[]) => unknown;
  };
  const more = (...given: unknown[]): unknown => {
    for (;;) {
      let n = readSync?.(...given);
      const isDone = n !== 0 || !isOpen();
      if (!isDone) n = readSync?.(...given);
      if (isDone || n !== 0) return n;
      asks(process_, { kind: 'await', key: kernelKey, timeoutMs: undefined });
    }
  };
  const all = (options: unknown): Buffer | string => {
    const parts: Buffer[] = [];
    for (;;) {
      const bytes = Buffer.alloc(partBytes);
      const n = more(0, bytes) as number;
      if (n === 0) break;
      parts.push(bytes.subarray(0, n));
    }
    const encoding = typeof options === 'string' ? options : (options as { readonly encoding?: string })?.encoding;
    const bytes = Buffer.concat(parts);
    return encoding === undefined || encoding === null ? bytes : bytes.toString(encoding as BufferEncoding);
  };
  Object.assign(fs, {
    readSync: (fd: unknown, ...given: unknown[]) => (fd === 0 ? more(fd, ...given) : readSync?.(fd, ...given)),
    readFileSync: (file: unknown, options?: unknown) => (isInput(file) ? all(options) : readFileSync?.(file, options)),
    read: (fd: unknown, ...given: unknown[]) => {
      if (fd === 0 && isOpen())
        notFollowed('reads its standard input by fs.read while another writes to it: let it read process.stdin');
      return read?.(fd, ...given);
    },
  });
  syncBuiltinESMExports();
}

/** @param told name of the process whose standard input it is, and behind it which file, where that is inherited (lane/preload/files.c) */
export function installInput(process_: ProcessOfRun, waits: Waits, told = ''): void {
  const [name = '', device, inode] = told.split(' ');
  const { dev, ino } = real.fs.fstatSync(0);
  if (name === '' || (device !== undefined && (device !== String(dev) || inode !== String(ino)))) return;
  const isOpen = (): boolean => asks(process_, { kind: 'input', name }) === true;
  let input: StandardInput | undefined;
  const get = (): Readable => (input ??= new StandardInput(waits, isOpen)).stream;
  Object.defineProperty(process, 'stdin', { get, configurable: true, enumerable: true });
  replaceReads(process_, isOpen);
}
