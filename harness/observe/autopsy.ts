// The coordinator's side of the autopsy: starts the examiner, asks it, takes its answer. One that dies is replaced and
// asked again, once: what it was asked lies on the disk as before. What stays out: what it finds.
import type { ChildProcess } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { harnessError } from '../errors/errors.ts';
import { asHostError, hostError } from '../errors/host-errors.ts';
import { makeFifo } from '../host/native.ts';
import { childEnv } from '../host/child-env.ts';
import { lastWords } from '../errors/last-words.ts';
import { type Patience, Stuck, waitForEnd, waitReadable, writeAll } from '../host/waiting.ts';
import { spawnOwn } from '../host/spawn.ts';
import type { ExamineAnswer, ExamineRequest } from './examiner.ts';
import type { Autopsy } from '../model/history.ts';

const program = fileURLToPath(new URL('./examiner.ts', import.meta.url));
/** Milliseconds of its own time (host/own-time.ts) that one autopsy may take. */
const autopsyMs = 60_000;
/** An interruption leaves it so many real milliseconds: what it looks at now is the last run that was finished. */
const graceMs = 500;
/** Milliseconds that it may take to die of a SIGKILL. */
const deathMs = 10_000;
const newline = 10;
/**
 * Bytes of requests that it is ahead of its answers at most, beyond a first one: fewer than the smallest pipe holds (pipe(7), a
 * page), so that writing them waits for nobody. Else both sides might write, and neither read.
 */
const aheadBytes = 4096;

/** One real process. Its standard input must end when the coordinator does: the only writer is here. */
interface Process {
  readonly child: ChildProcess & { readonly pid: number };
  readonly write: number;
  readonly read: number;
}

function start(folder: string, logPath: string): Process {
  const inPath = join(folder, 'examiner.in');
  const outPath = join(folder, 'examiner.out');
  const opened: number[] = [];
  const open = (path: string, flags: number): number => {
    const fd = openSync(path, flags);
    opened.push(fd);
    return fd;
  };
  const { O_RDONLY, O_WRONLY, O_NONBLOCK, O_CREAT, O_APPEND } = constants;
  try {
    for (const path of [inPath, outPath]) {
      rmSync(path, { force: true });
      makeFifo(path);
    }
    const input = open(inPath, O_RDONLY | O_NONBLOCK);
    const write = open(inPath, O_WRONLY | O_NONBLOCK);
    const read = open(outPath, O_RDONLY | O_NONBLOCK);
    const childIn = open(inPath, O_RDONLY);
    const childOut = open(outPath, O_WRONLY);
    const log = open(logPath, O_WRONLY | O_CREAT | O_APPEND);
    const child = spawnOwn('the examiner', [process.execPath, '--no-warnings', program], {
      detached: true,
      env: childEnv(),
      stdio: [childIn, childOut, log],
    });
    child.unref();
    for (const fd of [input, childIn, childOut, log]) closeSync(fd);
    return { child, write, read };
  } catch (error) {
    for (const fd of opened) closeSync(fd);
    throw asHostError(error);
  }
}

export class Examiner {
  readonly #folder: string;
  readonly #logPath: string;
  readonly #stop: () => boolean;
  readonly #limitMs: number;
  /** Asked and not yet answered, by their tickets, in order. */
  readonly #pending = new Map<number, ExamineRequest>();
  /** Bytes of each of those that it was sent: the first so many. */
  readonly #sent: number[] = [];
  readonly #answers = new Map<number, ExamineAnswer>();
  readonly #chunk = Buffer.alloc(1 << 16);
  #process: Process | undefined;
  #waiting = Buffer.alloc(0);
  #asked = 0;

  /**
   * @param folder where its FIFOs and its log go
   * @param stop asked in every wait; true ends it with RunInterrupted
   * @param limitMs of its own time that one autopsy may take
   */
  constructor(folder: string, stop: () => boolean = () => false, limitMs = autopsyMs) {
    this.#limitMs = limitMs;
    this.#folder = folder;
    this.#logPath = join(folder, 'examiner.log');
    this.#stop = stop;
    this.#process = start(folder, this.#logPath);
  }

  /** Undefined when none runs: the next question starts one. */
  get pid(): number | undefined {
    return this.#process?.child.pid;
  }

  /** Asks for an autopsy, without waiting for it. Result: a ticket for `answer`. */
  ask(request: ExamineRequest): number {
    const ticket = this.#asked++;
    this.#pending.set(ticket, request);
    try {
      if (this.#process !== undefined) this.#sendMore(this.#process);
    } catch (error) {
      this.#pending.delete(ticket);
      this.close(); // it may have a part of the question
      throw error;
    }
    return ticket;
  }

  /** Nobody will ask for these answers any more, and what they are about may go: none is being looked at. */
  forget(tickets: readonly number[]): void {
    const sent = [...this.#pending.keys()].slice(0, this.#sent.length);
    for (const ticket of tickets) {
      this.#pending.delete(ticket);
      this.#answers.delete(ticket);
    }
    if (sent.some((ticket) => tickets.includes(ticket))) this.close(); // the next one is asked about the others only
  }

  /**
   * Waits for the autopsy of a ticket. Those asked for before it are kept until they are wanted.
   *
   * @throws harness errors: it died twice, does not come back, or the machine did not let it look
   */
  answer(ticket: number): Autopsy {
    try {
      this.#await(ticket);
    } catch (error) {
      // Its files will be gone: the next examiner is asked about the others only.
      this.#pending.delete(ticket);
      this.close();
      throw error;
    }
    const answer = this.#answers.get(ticket);
    this.#answers.delete(ticket);
    if (answer === undefined) throw new Error(`The autopsy ${ticket} was taken already.`);
    if ('host' in answer) throw hostError(answer.host, 'the look at the database after the run');
    return answer.autopsy;
  }

  #await(ticket: number): void {
    const began = performance.now();
    const limitMs = this.#limitMs;
    const stop = () => performance.now() - began > graceMs && this.#stop();
    let deaths = 0;
    while (this.#pending.has(ticket)) {
      const line = this.#line(this.#process ?? this.#restart(), { limitMs, stop });
      if (typeof line === 'object' && 'text' in line) this.#take(JSON.parse(line.text) as ExamineAnswer);
      else if (line instanceof Stuck || deaths++ > 0) throw this.#lost(line);
      else this.close();
    }
  }

  close(): void {
    const running = this.#process;
    if (running === undefined) return;
    this.#process = undefined;
    this.#waiting = Buffer.alloc(0);
    this.#sent.length = 0;
    closeSync(running.write);
    closeSync(running.read);
    running.child.kill('SIGKILL');
    waitForEnd(running.child.pid, { limitMs: deathMs, stop: () => false });
  }

  /** Asks a new one what was not answered. */
  #restart(): Process {
    const started = start(this.#folder, this.#logPath);
    this.#process = started;
    this.#sendMore(started);
    return started;
  }

  /** Sends what was asked, as far as it may be ahead. */
  #sendMore(to: Process): void {
    for (const request of [...this.#pending.values()].slice(this.#sent.length)) {
      const bytes = Buffer.from(`${JSON.stringify(request)}\n`);
      const ahead = this.#sent.reduce((all, one) => all + one, 0);
      if (ahead > 0 && ahead + bytes.length > aheadBytes) return;
      this.#sent.push(bytes.length);
      this.#send(to, bytes);
    }
  }

  #send({ child, write }: Process, bytes: Uint8Array): void {
    const stuck = writeAll(write, bytes, { pid: child.pid }, { limitMs: this.#limitMs, stop: this.#stop });
    if (stuck === undefined) return;
    const error = this.#lost(stuck);
    this.close();
    throw error;
  }

  #take(answer: ExamineAnswer): void {
    const [ticket] = this.#pending.keys();
    if (ticket === undefined) throw new Error('The examiner answered what nobody had asked.');
    this.#pending.delete(ticket);
    this.#answers.set(ticket, answer);
    this.#sent.shift();
    if (this.#process !== undefined) this.#sendMore(this.#process);
  }

  #line({ child, read }: Process, patience: Patience): { readonly text: string } | 'closed' | Stuck {
    for (;;) {
      const end = this.#waiting.indexOf(newline);
      if (end >= 0) {
        const text = this.#waiting.toString('utf8', 0, end);
        this.#waiting = this.#waiting.subarray(end + 1);
        return { text };
      }
      const state = waitReadable(read, { pid: child.pid }, patience);
      if (state !== 'readable') return state;
      const n = readSync(read, this.#chunk, 0, this.#chunk.length, null);
      if (n === 0) return 'closed';
      this.#waiting = Buffer.concat([this.#waiting, this.#chunk.subarray(0, n)]);
    }
  }

  #lost(how: 'closed' | Stuck): Error {
    const why = how instanceof Stuck ? `does not answer: ${how.says}` : 'died, and so did the one after it';
    return harnessError(
      'EXAMINER_LOST',
      `The process that examines databases after a run ${why}${lastWords(this.#log())}`,
      'Run the plan again; if it happens again, report it with the plan.',
    );
  }

  #log(): string {
    try {
      return readFileSync(this.#logPath, 'utf8');
    } catch {
      return '';
    }
  }
}
