// Waiting for another process, in the middle of synchronous code: for its frames, its answers, its death. Every wait of a
// coordinator is one of these. It hears signals within a moment, sees that a process is dead which never opened its
// FIFO, and gives up only on what is stuck (own-time.ts). What stays out: what is said about it (run-errors.ts).
import { closeSync, writeSync } from 'node:fs';
import { endOf, isDead, openPidFd, pollReadable, pollWritable, type ProcessEnd } from './native.ts';
import { whereabouts } from './process-state.ts';
import { hearSignals, signalFd } from './signals.ts';
import { OwnTime } from './own-time.ts';
import { Standstill } from './standstill.ts';
import { RunInterrupted } from '../errors/interrupted.ts';

/** How long to wait, and what ends a wait before. */
export interface Patience {
  /** Milliseconds that a process may take of its own time (own-time.ts). */
  readonly limitMs: number;
  /** Asked several times a second; true ends the wait with {@link RunInterrupted}. */
  readonly stop: () => boolean;
}

/** Who is waited for: `thread` is where a sentence looks, default the main one. */
export interface Awaited {
  readonly pid: number;
  readonly thread?: number | undefined;
}

/** A wait that was given up, in words: `it computed for 20 s`. */
export class Stuck {
  readonly says: string;
  constructor(says: string) {
    this.says = says;
  }
}

/** Real milliseconds between two looks at who is waited for. */
const sliceMs = 250;

/** Real milliseconds after which a process that never got a processor is given up too; longer limits count twice. */
const mostMs = 600_000;

/** One wait: who waits looks now and then, whether it is to go on. */
export class Wait {
  readonly #awaited: Awaited | undefined;
  readonly #patience: Patience;
  readonly #time: OwnTime;
  readonly #standstill: Standstill | undefined;

  constructor(awaited: Awaited | undefined, patience: Patience) {
    this.#awaited = awaited;
    this.#patience = patience;
    this.#time = new OwnTime(awaited?.pid);
    this.#standstill = awaited === undefined ? undefined : new Standstill(awaited.pid);
  }

  /** Real milliseconds to wait before the next look. */
  get sliceMs(): number {
    return Math.max(1, Math.min(sliceMs, this.#patience.limitMs - this.#time.ownMs));
  }

  /** Throws when a signal has come that ends the wait. Result: why it is given up, if it is. */
  look(): Stuck | undefined {
    hearSignals();
    if (this.#patience.stop()) throw new RunInterrupted();
    this.#time.look();
    const stoppedMs = this.#standstill?.look();
    if (stoppedMs !== undefined) return new Stuck(`for ${seconds(stoppedMs)} it was ${this.#where()}`);
    const { limitMs } = this.#patience;
    const { ownMs, cpuMs, totalMs } = this.#time;
    if (ownMs >= limitMs) {
      if (cpuMs > ownMs / 2) return new Stuck(`it computed for ${seconds(cpuMs)}`);
      return new Stuck(`for ${seconds(ownMs)} it was ${this.#where()}`);
    }
    if (totalMs < Math.max(mostMs, 2 * limitMs)) return undefined;
    return new Stuck(`the machine gave it ${seconds(cpuMs)} of processor time in ${seconds(totalMs)}`);
  }

  #where(): string {
    return this.#awaited === undefined ? 'silent' : whereabouts(this.#awaited.pid, this.#awaited.thread);
  }
}

function seconds(ms: number): string {
  return `${Number((ms / 1000).toPrecision(3))} s`;
}

/** Waits until `ready` is done; it is asked to wait for so many real milliseconds, and to end when `wakeFd` can be read. */
function waitUntil<Done>(
  ready: (timeoutMs: number, wakeFd: number | undefined) => Done | undefined,
  awaited: Awaited | undefined,
  patience: Patience,
): Done | 'closed' | Stuck {
  let wait: Wait | undefined;
  for (;;) {
    const done = ready(wait?.sliceMs ?? Math.min(sliceMs, patience.limitMs), signalFd());
    if (done !== undefined) return done;
    wait ??= new Wait(awaited, patience);
    const stuck = wait.look();
    if (awaited !== undefined && isDead(awaited.pid)) return ready(0, undefined) ?? 'closed';
    if (stuck !== undefined) return stuck;
  }
}

/**
 * Waits until a descriptor can be read.
 *
 * @param awaited who is to write; undefined: somebody unknown, whose death shows by a closed FIFO only
 * @returns `closed`: there is no writer and nothing left to read, or its process is dead
 */
export function waitReadable(
  fd: number,
  awaited: Awaited | undefined,
  patience: Patience,
): 'readable' | 'closed' | Stuck {
  const ready = (timeoutMs: number, wakeFd: number | undefined) => {
    const state = pollReadable(fd, timeoutMs, wakeFd);
    return state === 'timeout' || state === 'interrupted' ? undefined : state;
  };
  // Nearly always it comes within the first slice.
  return ready(Math.min(sliceMs, patience.limitMs), signalFd()) ?? waitUntil(ready, awaited, patience);
}

/**
 * Writes all of it to a descriptor that does not block, waiting for its reader where it must.
 *
 * @param awaited who reads
 * @returns why it was given up, if it was; what nobody reads any more is dropped, since the reader's end shows elsewhere
 */
export function writeAll(
  fd: number,
  bytes: Uint8Array,
  awaited: Awaited | undefined,
  patience: Patience,
): Stuck | undefined {
  const ready = (timeoutMs: number, wakeFd: number | undefined) =>
    pollWritable(fd, timeoutMs, wakeFd) === 'writable' ? 'writable' : undefined;
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code === 'EPIPE') return undefined;
      if (code !== 'EAGAIN') throw error;
      const state = waitUntil(ready, awaited, patience);
      if (state === 'closed') return undefined;
      if (state !== 'writable') return state;
    }
  }
  return undefined;
}

/**
 * Waits until a child is dead, all its descriptors are closed and its locks dropped; its status is left for Node to collect.
 *
 * @returns how it died; `unknown` when Node has collected it already
 */
export function waitForEnd(pid: number, patience: Patience): ProcessEnd | 'unknown' | Stuck {
  const fd = openPidFd(pid);
  let wait: Wait | undefined;
  try {
    for (;;) {
      const end = endOf(pid);
      if (end !== 'alive') return end;
      // Without a descriptor of the process, in small steps.
      pollReadable(fd, fd === undefined ? 2 : (wait?.sliceMs ?? sliceMs), signalFd());
      if (endOf(pid) !== 'alive') continue;
      wait ??= new Wait({ pid }, patience);
      const stuck = wait.look();
      if (stuck !== undefined) return stuck;
    }
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
