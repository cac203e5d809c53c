// A child process as Node shows it, which is a process of the run. It begins when what it is to read is known, or its parent waits: what is written
// from then on it is fed. What it prints comes as soon as it stands still, and the rest when it has ended. What stays out: how it is started (starter.ts).
import type { SendHandle } from 'node:child_process';
import { EventEmitter } from 'node:events';
import fs from 'node:fs';
import { Readable, Writable } from 'node:stream';
import { Channel, refOf } from './channel.ts';
import { notFollowed, real, type ProcessOfRun } from './process-of-run.ts';
import { type How, type Printed, signalOf, type Starter, statusOf } from './starter.ts';
import type { Waits } from './waits.ts';

type Done = (error?: Error) => void;
type Stdio = string | number | Writable | null | undefined;

/** What becomes of each standard stream, and whether there is a channel for messages. */
export function stdioOf({ stdio = 'pipe' }: How): { readonly streams: readonly Stdio[]; readonly ipc: boolean } {
  const all = (Array.isArray(stdio) ? stdio : [stdio, stdio, stdio]) as readonly Stdio[];
  const streams = [0, 1, 2].map((i) => {
    const one = all[i] ?? 'pipe';
    if (one === 'overlapped') return 'pipe';
    return one === i || one === 'inherit' ? 'inherit' : one;
  });
  const more = all.slice(3).filter((one) => one !== 'ipc' && one !== 'ignore' && one !== null && one !== undefined);
  if (more.length > 0)
    notFollowed(
      'gives a child more than its standard streams (stdio): let it open a file of the run, or send messages',
    );
  return { streams, ipc: all.includes('ipc') };
}

/** What a child has printed goes where it would have gone. */
export function pass(streams: readonly Stdio[], { out, err }: Printed): void {
  for (const [i, bytes] of [
    [1, out],
    [2, err],
  ] as const) {
    const to = streams[i];
    if (bytes.length === 0) continue;
    if (to === 'inherit') (i === 1 ? process.stdout : process.stderr).write(bytes);
    else if (typeof to === 'number') fs.writeSync(to, bytes);
    else if (typeof to === 'object' && to !== null) to.write(bytes);
  }
}

/** What Node's own makes of a start that fails. */
export function startFailure(syscall: string, file: string, args: readonly string[], error: unknown): Error {
  const { message } = error as Error;
  const spoken = { errno: -2, code: 'ENOENT', syscall: `${syscall} ${file}`, path: file, spawnargs: args };
  return Object.assign(new Error(`${syscall} ${file} ENOENT: ${message}`), spoken);
}

export class Child extends EventEmitter {
  pid: number | undefined;
  exitCode: number | null = null;
  signalCode: NodeJS.Signals | null = null;
  killed = false;
  readonly stdin: Writable | null;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
  readonly stdio: readonly (Readable | Writable | null)[];
  readonly spawnfile: string;
  readonly spawnargs: readonly string[];
  readonly channel: object | undefined;
  readonly #starter: Starter;
  readonly #streams: readonly Stdio[];
  readonly #messages: Channel | undefined;
  readonly #written: Buffer[] = [];
  /** Bytes that it is known to have printed. */
  readonly #known: [out: number, err: number] = [0, 0];
  readonly #name: string | undefined;
  /** It waits for what it is to read. */
  #held = false;
  #isRef = true;

  constructor(process_: ProcessOfRun, starter: Starter, waits: Waits, file: string, args: readonly string[], how: How) {
    super();
    this.spawnfile = file;
    this.spawnargs = [how.argv0 ?? file, ...args];
    this.#starter = starter;
    const { streams, ipc } = stdioOf(how);
    this.#streams = streams;
    const [stdin, stdout, stderr] = streams;
    this.stdin = stdin === 'pipe' ? this.#input() : null;
    this.stdout = stdout === 'pipe' ? new Readable({ read: () => undefined }) : null;
    this.stderr = stderr === 'pipe' ? new Readable({ read: () => undefined }) : null;
    this.stdio = [this.stdin, this.stdout, this.stderr];
    const form = (how as { readonly serialization?: 'json' | 'advanced' }).serialization ?? 'json';
    this.#held = this.stdin !== null;
    try {
      const started = starter.start(file, args, how, {
        held: this.#held,
        heard: true,
        ...(ipc && { channel: form }),
      });
      this.#name = started.name;
      this.pid = started.pid;
    } catch (error) {
      process.nextTick(() => this.emit('error', startFailure('spawn', file, args, error)));
      return;
    }
    process.nextTick(() => this.emit('spawn'));
    this.#messages = ipc ? new Channel(process_, waits, this.#name, form, this) : undefined;
    this.channel = this.#messages && refOf(waits, this.#messages, () => true);
    waits.onPrint(this.#name, () => this.#hear());
    waits.onEnd(this.#name, (ending) => this.#ends(statusOf(ending)));
    waits.addKeeper({ keeps: () => this.#isRef && this.#lives() });
    if (this.#held) this.#beginSoon(waits);
    this.#endEarly(how);
  }

  get connected(): boolean {
    return this.#messages?.connected ?? false;
  }

  send(message: unknown, ...more: readonly (SendHandle | object | undefined)[]): boolean {
    if (this.#messages !== undefined) return this.#messages.send(message, ...more);
    throw Object.assign(new Error('Channel closed'), { code: 'ERR_IPC_CHANNEL_CLOSED' });
  }

  disconnect(): void {
    this.#messages?.disconnect();
  }

  kill(signal: NodeJS.Signals | number = 'SIGTERM'): boolean {
    if (this.#name === undefined || !this.#lives()) return false;
    if (signal === 0) return true;
    const sent = this.#starter.kill(this.#name, signalOf(signal));
    if (sent) this.killed = true;
    return sent;
  }

  ref(): void {
    this.#isRef = true;
  }

  unref(): void {
    this.#isRef = false;
  }

  [Symbol.dispose](): void {
    this.kill();
  }

  #lives(): boolean {
    return this.exitCode === null && this.signalCode === null;
  }

  /** When all is written, or the program waits for something else. */
  #beginSoon(waits: Waits): void {
    const begin = () => {
      if (!this.#held || this.#name === undefined) return;
      this.#held = false;
      if (this.#lives())
        this.#starter.begin(this.#name, Buffer.concat(this.#written), this.stdin?.writableFinished === false);
    };
    waits.beforeStandstill(begin);
    real.setImmediate(() => {
      if (this.#written.length > 0 && this.stdin?.writableFinished === false) this.stdin.once('finish', begin);
      else begin();
    });
  }

  #input(): Writable {
    const write = (part: Buffer, _: string, done: Done) => this.#write(Buffer.from(part), false, done);
    return new Writable({ write, final: (done) => this.#write(Buffer.alloc(0), true, done) });
  }

  #write(part: Buffer, ends: boolean, done: Done): void {
    if (this.#held) this.#written.push(part);
    else if (this.#name !== undefined && !this.#starter.feed(this.#name, part, ends) && !ends)
      return done(Object.assign(new Error('write EPIPE'), { errno: -32, code: 'EPIPE', syscall: 'write' }));
    done();
  }

  /** `timeout`, `signal` and `killSignal` of its options. */
  #endEarly({ timeout, signal, killSignal = 'SIGTERM' }: How): void {
    if (timeout !== undefined && timeout > 0) {
      const timer = setTimeout(() => this.kill(killSignal), timeout);
      this.once('exit', () => clearTimeout(timer));
    }
    if (signal === undefined) return;
    const abort = () => {
      const why = { code: 'ABORT_ERR', name: 'AbortError', cause: signal.reason as unknown };
      if (this.kill(killSignal)) this.emit('error', Object.assign(new Error('The operation was aborted'), why));
    };
    if (signal.aborted) process.nextTick(abort);
    else {
      signal.addEventListener('abort', abort, { once: true });
      this.once('exit', () => signal.removeEventListener('abort', abort));
    }
  }

  /** What it has printed since it was last heard goes where it belongs. */
  #hear(): void {
    const printed = this.#starter.printed(this.#name ?? '', this.#known);
    this.#known[0] += printed.out.length;
    this.#known[1] += printed.err.length;
    pass(this.#streams, printed);
    if (printed.out.length > 0) this.stdout?.push(printed.out);
    if (printed.err.length > 0) this.stderr?.push(printed.err);
  }

  #ends([code, signal]: readonly [number | null, NodeJS.Signals | null]): void {
    this.#hear();
    this.stdin?.destroy();
    [this.exitCode, this.signalCode] = [code, signal];
    const open = [this.stdout, this.stderr].filter((stream) => stream !== null);
    for (const stream of open) stream.push(null);
    let left = open.length;
    const closed = () => this.emit('close', code, signal);
    for (const stream of open) stream.once('close', () => --left === 0 && closed());
    this.#messages?.peerEnded();
    real.setImmediate(() => {
      this.emit('exit', code, signal);
      for (const stream of open) if (stream.readableFlowing === null) stream.resume(); // nobody reads it: as Node does
      if (open.length === 0) closed();
    });
  }
}
