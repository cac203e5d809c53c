// The coordinator's side of the autopsy: starts the examiner, asks it, takes its answer. What stays out: what it finds.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { harnessError } from '../errors.ts';
import { awaitDeath, makeFifo, pollReadable } from '../native.ts';
import { childEnv } from '../schedule/child-env.ts';
import type { ExamineRequest } from './examiner.ts';
import type { Autopsy } from './history.ts';

const program = fileURLToPath(new URL('./examiner.ts', import.meta.url));
const limitMs = 60_000;
const newline = 10;

export class Examiner {
  readonly #child: ChildProcess;
  readonly #write: number;
  readonly #read: number;
  readonly #logPath: string;
  readonly #chunk = Buffer.alloc(1 << 16);
  readonly #answers = new Map<number, Autopsy>();
  #waiting = Buffer.alloc(0);
  #asked = 0;
  #taken = 0;

  /** @param folder where its FIFOs and its log go */
  constructor(folder: string) {
    const inPath = join(folder, 'examiner.in');
    const outPath = join(folder, 'examiner.out');
    this.#logPath = join(folder, 'examiner.log');
    makeFifo(inPath);
    makeFifo(outPath);
    // Its standard input must end when the coordinator does: the only writer is here.
    const input = openSync(inPath, constants.O_RDONLY | constants.O_NONBLOCK);
    this.#write = openSync(inPath, constants.O_WRONLY);
    closeSync(input);
    this.#read = openSync(outPath, constants.O_RDONLY | constants.O_NONBLOCK);
    const childIn = openSync(inPath, constants.O_RDONLY);
    const childOut = openSync(outPath, constants.O_WRONLY);
    const log = openSync(this.#logPath, 'a');
    this.#child = spawn(process.execPath, ['--no-warnings', program], {
      detached: true,
      env: childEnv(),
      stdio: [childIn, childOut, log],
    });
    this.#child.unref();
    for (const fd of [childIn, childOut, log]) closeSync(fd);
  }

  /** Asks for an autopsy, without waiting for it. Result: a ticket for `answer`. */
  ask(request: ExamineRequest): number {
    const bytes = Buffer.from(`${JSON.stringify(request)}\n`);
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#write, bytes, at);
    return this.#asked++;
  }

  /** Waits for the autopsy of a ticket. Those asked for before it are kept until they are wanted. */
  answer(ticket: number): Autopsy {
    while (this.#taken <= ticket) this.#answers.set(this.#taken++, JSON.parse(this.#line()) as Autopsy);
    const autopsy = this.#answers.get(ticket);
    if (autopsy === undefined) throw new Error(`The autopsy ${ticket} was taken already.`);
    this.#answers.delete(ticket);
    return autopsy;
  }

  #line(): string {
    for (;;) {
      const end = this.#waiting.indexOf(newline);
      if (end >= 0) {
        const line = this.#waiting.toString('utf8', 0, end);
        this.#waiting = this.#waiting.subarray(end + 1);
        return line;
      }
      const state = pollReadable(this.#read, limitMs);
      if (state === 'interrupted') continue;
      const n = state === 'readable' ? readSync(this.#read, this.#chunk, 0, this.#chunk.length, null) : 0;
      if (n === 0) throw this.#lost(state);
      this.#waiting = Buffer.concat([this.#waiting, this.#chunk.subarray(0, n)]);
    }
  }

  close(): void {
    closeSync(this.#write);
    closeSync(this.#read);
    this.#child.kill('SIGKILL');
    if (this.#child.pid !== undefined) awaitDeath(this.#child.pid);
  }

  #lost(state: string): Error {
    const said = readFileSync(this.#logPath, 'utf8').trim();
    return harnessError(
      'EXAMINER_LOST',
      `The process that examines databases after a run ${state === 'timeout' ? 'did not answer within a minute' : 'died'}${said === '' ? '.' : `; it said: ${said}`}`,
      'Run the plan again; if it happens again, report it with the plan.',
    );
  }
}
