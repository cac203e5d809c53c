// The pool of real processes: started ahead, reused from run to run, replaced when killed, gone when the coordinator
// goes. What stays out: what the processes do and when (coordinator.ts).
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { harnessError } from '../errors.ts';
import { frameKind } from '../gate/protocol.ts';
import { adoptOrphans, awaitDeath, collect, isDead, keepTo } from '../native.ts';
import { laneCodeCache, laneEnv } from './child-env.ts';
import { Channel, closed, silent } from './channel.ts';
import { allProcessors } from './processors.ts';

/** The files that a lane process is made of. */
export interface Machine {
  /** SQLite binding of the engine under test, absolute path. */
  readonly binding: string;
  /** The compiled gate, absolute path. */
  readonly gate: string;
}

/** Real milliseconds between two looks whether a process that is starting still lives. */
const sliceMs = 250;

/**
 * @property pool where FIFOs and logs go
 * @property worlds what holds the folders of the runs: beside its own FIFOs all that a lane process may write
 */
export interface PoolFolders {
  readonly pool: string;
  readonly worlds: string;
}

/** How a dead process died. */
export type Death = { readonly exitCode: number } | { readonly signal: string };

const host = fileURLToPath(new URL('../lane/host.ts', import.meta.url));

/**
 * Starts its arguments in the background, says their process id, and exits: they are an orphan then, adopted by the
 * nearest subreaper. They wait for that (lane/host.ts).
 */
const launcher = 'LOCKSTEP_LAUNCHER=$$ "$@" >>"$0" 2>&1 & echo $! >"$0.pid"';

/** One real process of the pool, with a channel for each of its threads. */
export class PoolProcess {
  readonly pid: number;
  /** Started by a launcher that has exited: a real orphan. */
  readonly detached: boolean;
  /** Number in the pool, for file names only. */
  readonly number: number;
  readonly main: Channel;
  /** Channels of threads that exist and have nothing to do. */
  readonly idle: Channel[] = [];
  /** Undefined for a detached one, which Node does not know. */
  readonly #child: ChildProcess | undefined;
  readonly #folders: PoolFolders;
  /** For the FIFOs of this process alone. */
  readonly #fifos: string;
  readonly #logPath: string;
  readonly #channels: Channel[] = [];
  readonly #starting: readonly Channel[];
  #threads = 0;
  #mostBusy = 0;
  #greeted = false;
  #death: Death | undefined;

  /** @param threads how many threads to start along with it */
  constructor(folders: PoolFolders, number: number, machine: Machine, threads: number, detached = false) {
    this.number = number;
    this.detached = detached;
    this.#folders = folders;
    this.#fifos = join(folders.pool, `process-${number}`);
    mkdirSync(this.#fifos);
    this.#logPath = `${this.#fifos}.log`;
    this.main = this.newChannel();
    this.#starting = Array.from({ length: threads }, () => this.newChannel());
    const fifos = (channel: Channel) => ({ in: channel.inPath, out: channel.outPath });
    const writable = [folders.worlds, this.#fifos, laneCodeCache()];
    const job = { ...machine, ...fifos(this.main), writable, threads: this.#starting.map(fifos) };
    const command = [process.execPath, '--no-warnings', host, JSON.stringify(job)] as const;
    this.#child = detached ? undefined : this.#spawn(command);
    this.pid = this.#child?.pid ?? this.#launch(command);
    keepTo(this.pid, allProcessors);
  }

  #spawn([file, ...args]: readonly [string, ...string[]]): ChildProcess {
    const log = openSync(this.#logPath, 'a');
    // A process group of its own: a Ctrl-C at the terminal is for the coordinator alone.
    const { worlds } = this.#folders;
    const child: ChildProcess = spawn(file, args, {
      cwd: worlds,
      detached: true,
      env: laneEnv(worlds),
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    if (child.pid === undefined) {
      throw harnessError('SPAWN_FAILED', 'A simulated process could not be started.', 'Check the limit on processes.');
    }
    child.unref(); // a coordinator that was forgotten must not keep the program alive
    return child;
  }

  /** Result: the process id of the orphan. */
  #launch(command: readonly string[]): number {
    if (!adoptOrphans()) {
      throw harnessError(
        'NO_ORPHANS',
        'This system cannot hand an orphan to the coordinator (prctl PR_SET_CHILD_SUBREAPER), so none can be made.',
        'Run plans with detached processes on Linux.',
      );
    }
    const started = this.#spawn(['/bin/sh', '-c', launcher, this.#logPath, ...command]).pid;
    if (started !== undefined) awaitDeath(started);
    const pidPath = `${this.#logPath}.pid`;
    const pid = Number(readFileSync(pidPath, 'utf8'));
    rmSync(pidPath);
    return pid;
  }

  get alive(): boolean {
    return this.#death === undefined;
  }

  /** FIFOs for one more thread of this process. */
  newChannel(): Channel {
    const channel = new Channel(join(this.#fifos, `thread-${this.#threads++}`));
    this.#channels.push(channel);
    return channel;
  }

  /** A channel for one more busy thread: of one that waits, or one that is yet to be started. */
  takeThread(): { readonly channel: Channel; readonly waits: boolean } {
    const idle = this.idle.shift();
    const channel = idle ?? this.newChannel();
    this.#mostBusy = Math.max(this.#mostBusy, this.threads - this.idle.length);
    return { channel, waits: idle !== undefined };
  }

  /** The most threads beside the main one that have been busy at once in this use. */
  get mostBusy(): number {
    return this.#mostBusy;
  }

  /** Waits until the process has started; nothing of an earlier use counts any more. */
  greet(limitMs: number, processors: readonly number[]): void {
    this.#mostBusy = 0;
    if (this.#greeted) return;
    for (const channel of [this.main, ...this.#starting]) {
      const frame = this.#hello(channel, limitMs);
      if (frame === closed || frame === silent || frame.kind !== frameKind.hello)
        throw this.#didNotStart(frame, limitMs);
    }
    this.idle.push(...this.#starting);
    this.#greeted = true;
    keepTo(this.pid, processors);
  }

  /** In slices, since a FIFO that never had a writer does not tell that its process is dead. */
  #hello(channel: Channel, limitMs: number): ReturnType<Channel['receive']> {
    for (let waited = 0; waited < limitMs; waited += sliceMs) {
      const frame = channel.receive(sliceMs);
      if (frame !== silent) return frame;
      if (isDead(this.pid)) return closed;
    }
    return silent;
  }

  #didNotStart(frame: unknown, limitMs: number): Error {
    const said = this.log().trim().split('\n').slice(-12).join('\n');
    const late = frame === silent ? ` within ${limitMs / 1000} s` : '';
    return harnessError(
      'PROCESS_DID_NOT_START',
      `A simulated process did not start${late}${said === '' ? '.' : `; it said:\n${said}`}`,
      'Run `npx lockstep doctor` to see what this machine lacks.',
    );
  }

  /** It was started, and is dead now. */
  hasDied(): boolean {
    return this.#greeted && isDead(this.pid);
  }

  /** Threads that it has beside the main one. */
  get threads(): number {
    return this.#channels.length - 1;
  }

  /** What it printed: only a broken process prints. */
  log(): string {
    return readFileSync(this.#logPath, 'utf8');
  }

  /** SIGKILL, and waits until the kernel has closed its files and dropped its locks. */
  kill(): Death {
    if (this.#death !== undefined) return this.#death;
    if (this.#child === undefined) process.kill(this.pid, 'SIGKILL');
    else this.#child.kill('SIGKILL'); // Node knows whether it has collected that process already
    return this.reap();
  }

  /** Waits for the end of a process that is dying by itself. */
  reap(): Death {
    if (this.#death !== undefined) return this.#death;
    this.#death = awaitDeath(this.pid) ?? { signal: 'unknown' };
    if (this.detached) collect(this.pid);
    for (const channel of this.#channels) channel.close();
    rmSync(this.#logPath, { force: true });
    return this.#death;
  }
}

export class Pool {
  readonly #machine: Machine;
  readonly #folders: PoolFolders;
  readonly #free: PoolProcess[] = [];
  readonly #all = new Set<PoolProcess>();
  readonly #used = new Set<PoolProcess>();
  readonly #spares: number;
  readonly #processors: readonly number[];
  #started = 0;
  /** The most processes that any run has had. */
  #mostUsed = 0;
  /** The most threads that a process on a program has kept busy, by the program: one for it starts with so many. */
  readonly #needs = new Map<string, number>();
  /** Programs of processes that have died in this run: each gets a successor in time for the next. */
  #dead: string[] = [];

  /**
   * @param folders must exist
   * @param spares how many warm processes to keep beyond those that a run needs
   * @param processors where started processes run; empty for anywhere
   */
  constructor(machine: Machine, folders: PoolFolders, spares: number, processors: readonly number[] = []) {
    this.#machine = machine;
    this.#folders = folders;
    mkdirSync(laneCodeCache(), { recursive: true });
    this.#spares = spares;
    this.#processors = processors;
  }

  /**
   * A started process with nothing to do: one used before if there is one, else a fresh one.
   *
   * @param program what it is for: one with as many threads as that has needed before, if there is a choice
   * @param detached one that is a real orphan
   */
  take(program: string, detached = false): PoolProcess {
    const threads = this.#needs.get(program) ?? 0;
    let process = this.#takeFree(threads, detached);
    while (process?.hasDied() === true) {
      process.kill(); // from outside, while it waited
      this.#all.delete(process);
      process = this.#takeFree(threads, detached);
    }
    process ??= this.#start(threads, detached);
    process.greet(30_000, this.#processors);
    this.#used.add(process);
    this.#mostUsed = Math.max(this.#mostUsed, this.#used.size);
    return process;
  }

  /** Of those that have enough threads the one with the fewest; else the one with the most. */
  #takeFree(threads: number, detached: boolean): PoolProcess | undefined {
    const fit = this.#free.filter((process) => process.detached === detached);
    const byThreads = fit.toSorted((a, b) => a.threads - b.threads);
    const best = byThreads.find((process) => process.threads >= threads) ?? byThreads.at(-1);
    if (best !== undefined) this.#free.splice(this.#free.indexOf(best), 1);
    return best;
  }

  /** Starts processes ahead for these programs, so that `take` need not wait. */
  warm(programs: readonly string[]): void {
    const waiting = this.#free.filter(({ detached }) => !detached).length;
    for (const program of programs.slice(waiting)) this.#free.push(this.#start(this.#needs.get(program) ?? 0));
  }

  /** Kills the processes that wait, so that the next runs take fresh ones. */
  renew(): void {
    for (const process of this.#free.splice(0)) {
      process.kill();
      this.#all.delete(process);
    }
  }

  /** Takes a process back, once. When the last of a run is back, those that are dead are replaced for the next. */
  give(process: PoolProcess, program: string): void {
    if (!this.#used.delete(process)) return;
    this.#needs.set(program, Math.max(this.#needs.get(program) ?? 0, process.mostBusy));
    if (process.alive) {
      this.#free.push(process);
    } else {
      this.#all.delete(process);
      this.#dead.push(program);
    }
    if (this.#used.size > 0) return;
    const successors = this.#dead.map((dead) => this.#needs.get(dead) ?? 0).toSorted((a, b) => b - a);
    this.#dead = [];
    for (let i = 0; this.#all.size < this.#mostUsed + this.#spares; i++)
      this.#free.push(this.#start(successors[i] ?? 0));
  }

  /** Kills every process. */
  close(): void {
    for (const process of this.#all) process.kill();
    this.#all.clear();
    this.#used.clear();
    this.#free.length = 0;
  }

  #start(threads: number, detached = false): PoolProcess {
    const process = new PoolProcess(this.#folders, this.#started++, this.#machine, threads, detached);
    this.#all.add(process);
    return process;
  }
}
