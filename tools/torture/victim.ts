// A command of the front door in a real process, and all that can be seen of it: its streams, its children, how and when it
// ended. What stays out: what is right (checks.ts).
import { execa } from 'execa';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, root } from './commands.ts';
import { type Found, processesWith, type Role, signal } from './processes.ts';

/**
 * @property through what stands before the command, such as a shell that sets a limit
 * @property door `npx` as a person types it, or the file that it starts
 * @property env beside the scene's own
 */
export interface StartHow {
  readonly through?: readonly string[];
  readonly door?: 'npx' | 'node';
  readonly env?: Readonly<Record<string, string>>;
  readonly json?: boolean;
}

export interface Ended {
  /** As a shell tells it: 128 and the signal's number when it died of one. */
  readonly code: number;
  /** Of what the process died, when it did not exit. */
  readonly signal: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
}

const numbers: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGPIPE: 13,
  SIGTERM: 15,
};

function launch(file: string, args: readonly string[], cwd: string, env: Readonly<Record<string, string>>) {
  return execa(file, args, {
    cwd,
    env,
    extendEnv: false,
    reject: false,
    buffer: false,
    stdin: 'ignore',
    detached: true, // a Ctrl-C at the terminal is for the torture, which then ends its victims itself
  });
}

export class Victim {
  readonly command: Command;
  readonly how: StartHow;
  readonly #mark: string;
  readonly #child: ReturnType<typeof launch>;
  readonly #began = performance.now();
  #out = '';
  #err = '';
  /** Set when it has ended. */
  ended: Ended | undefined;
  readonly end: Promise<Ended>;

  constructor(command: Command, how: StartHow, mark: string, cwd: string, env: Readonly<Record<string, string>>) {
    this.command = command;
    this.how = how;
    this.#mark = mark;
    const door = how.door === 'npx' ? ['npx', 'lockstep'] : [process.execPath, `${root}cli/lockstep.js`];
    const [file = '', ...args] = [
      ...(how.through ?? []),
      ...door,
      ...command.args,
      ...(how.json === true ? ['--json'] : []),
    ];
    this.#child = launch(file, args, how.door === 'npx' ? root : cwd, { ...env, ...how.env });
    this.#child.stdout.on('data', (chunk: Buffer) => (this.#out = clipped(this.#out + chunk.toString())));
    this.#child.stderr.on('data', (chunk: Buffer) => (this.#err = clipped(this.#err + chunk.toString())));
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream.on('error', () => {});
    this.end = this.#waitForEnd();
  }

  async #waitForEnd(): Promise<Ended> {
    const { exitCode, signal: died } = await this.#child;
    this.ended = {
      code: exitCode ?? 128 + (numbers[died ?? ''] ?? 0),
      signal: died,
      stdout: this.#out,
      stderr: this.#err,
      seconds: (performance.now() - this.#began) / 1000,
    };
    return this.ended;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get stdout(): string {
    return this.#out;
  }

  get stderr(): string {
    return this.#err;
  }

  /** Its own and its descendants. */
  processes(): readonly Found[] {
    return processesWith(this.#mark);
  }

  /** The process that coordinates: behind npx there are others before it. */
  get coordinator(): number {
    if (this.how.door !== 'npx' && this.how.through === undefined) return this.pid;
    return this.processes().find(({ role }) => role === 'coordinator')?.pid ?? this.pid;
  }

  /** Result: whether it was still there. */
  strike(name: NodeJS.Signals): boolean {
    return this.ended === undefined && signal(this.coordinator, name);
  }

  /** As a Ctrl-C at a terminal: to all that stand in the foreground. */
  strikeGroup(name: NodeJS.Signals): boolean {
    return this.ended === undefined && signal(-this.pid, name);
  }

  /** Its reader goes away. */
  stopReading(stream: 'stdout' | 'stderr'): void {
    this.#child[stream].destroy();
  }

  /** Waits until something is so, or the victim has ended, or the time is over. Result: whether it is so. */
  async until(what: () => boolean, mostMs: number): Promise<boolean> {
    const began = performance.now();
    while (this.ended === undefined && performance.now() - began < mostMs) {
      if (what()) return true;
      await sleep(15);
    }
    return what();
  }

  /** A process of this role, when there is one within that time. */
  async child(role: Role, mostMs: number): Promise<readonly Found[]> {
    let found: readonly Found[] = [];
    await this.until(() => (found = this.processes().filter((one) => one.role === role)).length > 0, mostMs);
    return found;
  }

  /** Waits so long, or until it has ended. */
  async after(ms: number): Promise<void> {
    await Promise.race([this.end, sleep(ms, undefined, { ref: false })]);
  }
}

/** Bytes of a stream that are kept, so that a victim that floods it does no harm here. */
const keptMost = 4_000_000;

function clipped(text: string): string {
  return text.length > keptMost ? text.slice(0, keptMost) : text;
}
