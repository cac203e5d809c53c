// A process that runs free, from outside: started once, given a job a round, killed at the end. What stays out: what it
// does in between (free-host.ts), and who plays with whom (crew.ts).
import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { harnessError } from '../../errors/errors.ts';
import { awaitDeath } from '../../host/native.ts';
import { childEnv } from '../../host/child-env.ts';
import { lastWords } from '../../errors/last-words.ts';
import { Wait } from '../../host/waiting.ts';
import { spawnOwn } from '../../host/spawn.ts';
import type { FreeAnswer, FreeJob } from './free-host.ts';

const host = fileURLToPath(new URL('./free-host.ts', import.meta.url));

/** Real milliseconds between two looks at who is waited for. */
const lookMs = 500;

export interface FreeProcessOptions {
  /** SQLite binding of the engine, absolute path. */
  readonly binding: string;
  /** What it prints goes there: only a broken process prints. */
  readonly logPath: string;
  /** Milliseconds of its own time (host/own-time.ts) that it may take for a job. */
  readonly limitMs: number;
}

interface Waiter {
  readonly line: (text: string) => void;
  readonly lost: (how: string) => void;
}

export class FreeProcess {
  readonly #child: ChildProcess;
  readonly #options: FreeProcessOptions;
  readonly #ready: Promise<string>;
  #waiter: Waiter | undefined;
  #said = '';
  #closed = false;

  constructor(options: FreeProcessOptions) {
    this.#options = options;
    const log = openSync(options.logPath, 'a');
    try {
      // A process group of its own: a Ctrl-C at the terminal is for whoever asks for rounds.
      this.#child = spawnOwn(
        'a process of a free-running round',
        [process.execPath, '--no-warnings', host, options.binding],
        {
          detached: true,
          env: childEnv(),
          stdio: ['pipe', 'pipe', log],
        },
      );
    } finally {
      closeSync(log);
    }
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#hear(text));
    this.#child.stdin?.on('error', () => {}); // it died: `exit` tells
    this.#child.on('exit', (code, signal) => this.#died(code, signal));
    this.#ready = this.#next(30_000);
    this.#ready.catch(() => {}); // whoever runs the first job hears of it
  }

  /** False once it has died, or must not be used again. */
  get alive(): boolean {
    return !this.#closed && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Waits until it has started. Throws a harness error when it does not. */
  async ready(): Promise<void> {
    await this.#ready;
  }

  /**
   * Runs one job.
   *
   * @throws a harness error when the process dies in it: nothing in a round ends one; or when it does not come back in time
   */
  async run(job: FreeJob): Promise<FreeAnswer> {
    await this.ready();
    const next = this.#next(this.#options.limitMs);
    this.#child.stdin?.write(`${JSON.stringify(job)}\n`);
    return JSON.parse(await next) as FreeAnswer;
  }

  /** SIGKILL; returns when the kernel has closed its files. */
  kill(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#child.kill('SIGKILL');
    if (this.#child.pid !== undefined) awaitDeath(this.#child.pid);
  }

  /** Kills it, and waits until Node has let go of it too. */
  async close(): Promise<void> {
    const gone = this.#child.exitCode !== null || this.#child.signalCode !== null;
    this.kill();
    if (!gone && this.#child.pid !== undefined) await once(this.#child, 'exit');
  }

  #next(limitMs: number): Promise<string> {
    const { pid } = this.#child;
    const wait = new Wait(pid === undefined ? undefined : { pid }, { limitMs, stop: () => false });
    return new Promise((resolve, reject) => {
      const timer = setInterval(() => {
        const stuck = wait.look();
        if (stuck !== undefined) this.#take()?.lost(`did not come back: ${stuck.says}`);
      }, lookMs);
      const settled = <T>(settle: (value: T) => void) => {
        return (value: T) => {
          clearInterval(timer);
          settle(value);
        };
      };
      this.#waiter = { line: settled(resolve), lost: settled((how) => reject(this.#error(how))) };
    });
  }

  #take(): Waiter | undefined {
    const waiter = this.#waiter;
    this.#waiter = undefined;
    return waiter;
  }

  #hear(text: string): void {
    this.#said += text;
    const end = this.#said.indexOf('\n');
    if (end < 0) return;
    const line = this.#said.slice(0, end);
    this.#said = this.#said.slice(end + 1);
    this.#take()?.line(line);
  }

  /** Of one that was ended from here the log may be gone: its folder was removed. */
  #log(): string {
    try {
      return readFileSync(this.#options.logPath, 'utf8');
    } catch {
      return '';
    }
  }

  #died(code: number | null, signal: string | null): void {
    this.#take()?.lost(`died (${signal ?? `exit code ${code}`})`);
  }

  #error(how: string): Error {
    const said = this.#log();
    return harnessError(
      'FREE_PROCESS_LOST',
      `A process of a free-running round ${how}${lastWords(said)}`,
      'Its program loops, or the machine is out of memory: try fewer rounds at once.',
    );
  }
}
