// The pool of real processes: started ahead, reused from run to run, replaced when killed, gone when the coordinator
// goes. What stays out: what the processes do and when (coordinator.ts).
import type { ChildProcess } from 'node:child_process';
import { appendFileSync, closeSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { frameKind } from '../gate/protocol.ts';
import { asHostError } from '../errors/host-errors.ts';
import {
  adoptOrphans,
  collect,
  followStranger,
  forgetStranger,
  isDead,
  keepTo,
  type ProcessEnd,
} from '../host/native.ts';
import { openAlive } from './alive.ts';
import { Channel, closed } from './channel.ts';
import { notGated, notStarted, undying } from './process-errors.ts';
import { type ProcessStarter, startMs } from './starter.ts';
import { type ProcessOutput, Streams } from './streams.ts';
import { type Patience, Stuck, waitForEnd } from '../host/waiting.ts';

/** The files that a lane process is made of. */
export interface LaneBinaries {
  /** SQLite binding of the engine under test, absolute path. */
  readonly binding: string;
  /** The compiled gate, absolute path. */
  readonly gate: string;
  /** The engine under test, such as `3.50.4` or `3.51.2+shm`. */
  readonly engine: string;
  /** The native host of the engine under test; undefined: all lanes run in the Node host. */
  readonly native?: NativeMachine | undefined;
}

/**
 * @property program absolute path
 * @property only a program that it cannot run is an error, and does not run in the Node host instead
 */
export interface NativeMachine {
  readonly program: string;
  readonly only: boolean;
}

/** Milliseconds that a process may take to die of a SIGKILL: the kernel may have much to write. */
const deathMs = 30_000;

/** For what must be done to the end, whoever has interrupted the work. */
const closing: Patience = { limitMs: deathMs, stop: () => false };

/**
 * @property pool where FIFOs and logs go
 * @property worlds what holds the folders of the runs: beside its own FIFOs all that a lane process may write
 */
export interface PoolFolders {
  readonly pool: string;
  readonly worlds: string;
}

/** How a process ended, and what it printed: only a broken one prints. */
export interface ProcessDeath {
  readonly end: ProcessEnd;
  readonly said: string;
}

/**
 * @property folders its FIFOs and its log go to `pool`
 * @property number in the pool, for file names only
 * @property threads how many to start along with it
 * @property input for its standard input
 * @property detached by a launcher that exits: a real orphan
 * @property parent of a fork: the process that is about to fork it
 * @property processors where it runs; empty for anywhere
 * @property stop asked while it is waited for; true ends the wait with RunInterrupted
 */
interface ProcessOptions {
  readonly folders: PoolFolders;
  readonly number: number;
  readonly starter: ProcessStarter;
  readonly threads: number;
  readonly input?: Buffer | undefined;
  readonly detached: boolean;
  readonly parent?: PoolProcess;
  readonly processors: readonly number[];
  readonly stop: () => boolean;
}

/** One real process of the pool, with a channel for each of its threads. */
export class PoolProcess {
  /** Started by a launcher that has exited: a real orphan. */
  readonly detached: boolean;
  /** Number in the pool, for file names only. */
  readonly number: number;
  /** A program of its own, which ends with its program, and as that pleases. */
  readonly own: boolean;
  readonly main: Channel;
  /** Channels of threads that exist and have nothing to do. */
  readonly idle: Channel[] = [];
  /** Undefined for one that Node does not know. */
  readonly #child: ChildProcess | undefined;
  /** For the FIFOs of this process alone. */
  readonly #fifos: string;
  /** Shared with its forks. */
  readonly #streams: Streams;
  readonly #command: string | undefined;
  readonly #channels: Channel[] = [];
  readonly #starting: readonly Channel[];
  readonly #stop: () => boolean;
  readonly #processors: readonly number[];
  /** Of a fork: who is to fork it. */
  readonly #parent: PoolProcess | undefined;
  /** Of a fork 0, until it says hello. */
  #pid = 0;
  #forks = 0;
  #threads = 0;
  #mostBusy = 0;
  #greeted = false;
  #ordered = false;
  #death: ProcessEnd | undefined;
  #output: ProcessOutput | undefined;

  constructor({ folders, number, starter, threads, input, detached, parent, processors, stop }: ProcessOptions) {
    this.number = number;
    this.detached = detached;
    this.#parent = parent;
    this.#processors = processors;
    this.#fifos = join(folders.pool, `process-${number}`);
    this.#command = parent === undefined ? starter.own : parent.#command;
    this.own = this.#command !== undefined;
    this.#streams = parent === undefined ? new Streams(this.#fifos, this.own) : parent.#streams;
    this.#streams.users++;
    this.#stop = stop;
    try {
      mkdirSync(this.#fifos);
      this.main = this.newChannel();
      this.#starting = Array.from({ length: threads }, () => this.newChannel());
      const fifos = (channel: Channel) => ({ in: channel.inPath, out: channel.outPath });
      const { logPath, outPath, inputPath } = this.#streams;
      if (input !== undefined) writeFileSync(inputPath, input);
      const { pid, child } = starter.start({
        main: fifos(this.main),
        threads: this.#starting.map(fifos),
        writable: [folders.worlds, this.#fifos],
        logPath,
        inPath: input === undefined ? '/dev/null' : inputPath,
        outPath,
        worlds: folders.worlds,
        detached,
        stop,
      });
      this.#child = child;
      this.#pid = pid;
    } catch (error) {
      this.#forget();
      throw asHostError(error);
    }
  }

  get pid(): number {
    return this.#pid;
  }

  /** A child of a fork: it is not ours to reap, and fit for nothing else. */
  get isFork(): boolean {
    return this.#parent !== undefined;
  }

  /**
   * A child that this process is about to fork. Its FIFOs lie among this one's own, the only ones that it may open.
   *
   * @param processors where it runs
   */
  fork(folders: PoolFolders, processors: readonly number[]): PoolProcess {
    return new PoolProcess({
      folders: { ...folders, pool: this.#fifos },
      number: this.#forks++,
      starter: noStarter,
      threads: 0,
      detached: false,
      parent: this,
      processors,
      stop: this.#stop,
    });
  }

  /** False once it was killed or reaped. */
  get alive(): boolean {
    return this.#death === undefined;
  }

  /** FIFOs for one more thread of this process. */
  newChannel(): Channel {
    const channel = new Channel(join(this.#fifos, `thread-${this.#threads++}`));
    this.#channels.push(channel);
    return channel;
  }

  /** More for its standard input, of a process that was started with some. */
  feed(input: Buffer): void {
    if (this.alive) appendFileSync(this.#streams.inputPath, input);
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
  greet(): void {
    this.#mostBusy = 0;
    if (this.#greeted) return;
    for (const channel of [this.main, ...this.#starting]) this.welcome(channel, 'a simulated process');
    this.idle.push(...this.#starting);
    this.#greeted = true;
    keepTo(this.pid, this.#processors);
  }

  /**
   * Waits until a thread stands ready for work.
   *
   * @param who it is, for the sentence when it does not
   */
  welcome(channel: Channel, who: string): void {
    channel.behind = { pid: this.#parent !== undefined && this.#pid === 0 ? this.#parent.pid : this.#pid };
    const frame = channel.receive({ limitMs: startMs, stop: this.#stop });
    if (frame === closed || frame instanceof Stuck || frame.kind !== frameKind.hello) {
      const stuck = frame instanceof Stuck ? frame : undefined;
      throw this.#command === undefined
        ? notStarted(who, stuck, this.log())
        : notGated(this.#command, stuck, this.log());
    }
    if (this.#pid === 0) {
      this.#pid = frame.steps; // of the only thread that a fork leaves, and so of the process
      followStranger(this.#pid);
    }
    channel.behind = { pid: this.pid, thread: frame.steps };
  }

  /** It was started, and is dead now. */
  hasDied(): boolean {
    return this.#greeted && isDead(this.pid);
  }

  /** Threads that it has beside the main one. */
  get threads(): number {
    return this.#channels.length - 1;
  }

  /** What it printed on its standard error: of our own only a broken process prints. */
  log(): string {
    return this.output().err.toString();
  }

  /** How much it has printed so far, on both streams. */
  printedBytes(): number {
    return this.#streams.bytes();
  }

  /** What it has printed so far, or had printed when it died. */
  output(): ProcessOutput {
    return this.#output ?? this.#streams.printed();
  }

  /**
   * SIGKILL, and waits until the kernel has closed its files and dropped its locks.
   *
   * @returns how it died, if that was before: by itself, or by somebody else's hand
   */
  kill(): ProcessDeath | undefined {
    if (this.#death !== undefined) return undefined;
    const before = !this.#ordered && isDead(this.pid);
    if (!before) this.orderKill();
    const death = this.reap(closing);
    return before ? death : undefined;
  }

  /** SIGKILL without waiting: of many processes each dies while the next is told to. */
  orderKill(): void {
    if (this.#ordered || !this.alive || isDead(this.pid)) return;
    this.#ordered = true;
    if (this.#child === undefined) process.kill(this.pid, 'SIGKILL');
    else this.#child.kill('SIGKILL');
  }

  /** Waits for the end of a process that is dying by itself. */
  reap(patience: Patience): ProcessDeath {
    const end = waitForEnd(this.pid, patience);
    if (end instanceof Stuck) throw undying(end);
    // One that was told to die has nothing to say.
    const death = { said: this.#ordered ? '' : this.log(), end: end === 'unknown' ? this.#endByNode() : end };
    this.#death = death.end;
    if (this.#child === undefined && end !== 'unknown') collect(this.pid);
    this.#forget();
    return death;
  }

  /** Node has collected it: between two runs, when its event loop turned. */
  #endByNode(): ProcessEnd {
    const { signalCode = null, exitCode = null } = this.#child ?? {};
    return signalCode === null ? { exitCode: exitCode ?? 0 } : { signal: signalCode };
  }

  #forget(): void {
    if (this.isFork) forgetStranger(this.#pid);
    for (const channel of this.#channels.splice(0)) channel.close();
    this.#output = this.output();
    try {
      this.#streams.leave();
      rmdirSync(this.#fifos);
    } catch {
      // It did not come that far; the rest goes with the coordinator's folder.
    }
  }
}

/** What starts a process that another forks. */
const noStarter: ProcessStarter = {
  own: undefined,
  start: () => ({ pid: 0, child: undefined }),
  close: () => undefined,
};

export class Pool {
  readonly #starter: ProcessStarter;
  readonly #folders: PoolFolders;
  readonly #free: PoolProcess[] = [];
  readonly #all = new Set<PoolProcess>();
  readonly #used = new Set<PoolProcess>();
  readonly #spares: number;
  readonly #processors: readonly number[];
  readonly #stop: () => boolean;
  #started = 0;
  /** What programs of their own hear the end of. */
  #alive: number | undefined;
  /** The most processes that any run has had. */
  #mostUsed = 0;
  /** The most threads that a process on a program has kept busy, by the program: one for it starts with so many. */
  readonly #needs = new Map<string, number>();
  /** Programs of processes that have died in this run: each gets a successor in time for the next. */
  #dead: string[] = [];

  /**
   * @param starter of its processes; closed with the pool
   * @param folders must exist
   * @param spares how many warm processes to keep beyond those that a run needs
   * @param processors where started processes run; empty for anywhere
   * @param stop asked in every wait; true ends it with RunInterrupted
   */
  constructor(
    starter: ProcessStarter,
    folders: PoolFolders,
    spares: number,
    processors: readonly number[] = [],
    stop: () => boolean = () => false,
  ) {
    this.#starter = starter;
    this.#folders = folders;
    this.#spares = spares;
    this.#processors = processors;
    this.#stop = stop;
    this.#alive = starter.own === undefined ? undefined : openAlive(folders.pool);
  }

  /**
   * A started process with nothing to do: one used before if there is one, else a fresh one.
   *
   * @param program what it is for: one with as many threads as that has needed before, if there is a choice
   * @param detached one that is a real orphan
   * @param input for its standard input; only a fresh one can have some
   */
  take(program: string, detached = false, input?: Buffer): PoolProcess {
    const threads = this.#needs.get(program) ?? 0;
    const takeFree = () => (input === undefined ? this.#takeFree(threads, detached) : undefined);
    let process = takeFree();
    while (process?.hasDied() === true) {
      this.#drop(process); // from outside, while it waited
      process = takeFree();
    }
    process ??= this.#start(threads, detached, input);
    try {
      process.greet();
    } catch (error) {
      this.#drop(process);
      throw error;
    }
    this.#used.add(process);
    this.#mostUsed = Math.max(this.#mostUsed, this.#used.size);
    return process;
  }

  /** A process that one of ours is about to fork; it is greeted when there is one. */
  fork(parent: PoolProcess): PoolProcess {
    adoptOrphans(); // where its parent dies before it, its end is for us to see
    const process = parent.fork(this.#folders, this.#processors);
    this.#all.add(process);
    this.#used.add(process);
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
    for (const process of this.#free) process.orderKill();
    for (const process of this.#free.splice(0)) this.#drop(process);
  }

  /** Takes a process back, once. When the last of a run is back, those that are dead are replaced for the next. */
  give(process: PoolProcess, program: string): void {
    if (!this.#used.delete(process)) return;
    if (process.isFork) this.#drop(process);
    else if (process.alive) this.#free.push(process);
    else this.#all.delete(process);
    // Of its own: it starts its threads itself, and a successor is started when it is known what it is told.
    if (this.#starter.own !== undefined) return;
    this.#needs.set(program, Math.max(this.#needs.get(program) ?? 0, process.mostBusy));
    if (!process.alive) this.#dead.push(program);
    if (this.#used.size > 0) return;
    const successors = this.#dead.map((dead) => this.#needs.get(dead) ?? 0).toSorted((a, b) => b - a);
    this.#dead = [];
    for (let i = 0; this.#all.size < this.#mostUsed + this.#spares; i++)
      this.#free.push(this.#start(successors[i] ?? 0));
  }

  /** Kills every process. One that does not die hinders no other from it; it is said when all have been tried. */
  close(): void {
    const failed: unknown[] = [];
    for (const process of this.#all) process.orderKill();
    for (const process of this.#all) {
      try {
        process.kill();
      } catch (error) {
        failed.push(error);
      }
    }
    this.#all.clear();
    this.#used.clear();
    this.#free.length = 0;
    this.#starter.close();
    if (this.#alive !== undefined) closeSync(this.#alive);
    this.#alive = undefined;
    if (failed.length > 0) throw failed[0];
  }

  #drop(process: PoolProcess): void {
    this.#all.delete(process);
    process.kill();
  }

  #start(threads: number, detached = false, input?: Buffer): PoolProcess {
    const process = new PoolProcess({
      input,
      folders: this.#folders,
      number: this.#started++,
      starter: this.#starter,
      threads: this.#starter.own === undefined ? threads : 0, // a command makes its threads itself
      detached,
      processors: this.#processors,
      stop: this.#stop,
    });
    this.#all.add(process);
    return process;
  }
}
