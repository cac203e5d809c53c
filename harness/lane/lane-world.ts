// The World of one lane in one run, on top of the gate's SQL functions. What stays out: scheduling, and any idea of
// what programs do with it.
import { closeSync, openSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { isProcessName } from '../model/names.ts';
import type { SqliteParameters } from '../model/plan.ts';
import { LaneConnection } from './connection.ts';
import { onlyNative } from './give-up.ts';
import { errnoName } from '../errors/host-errors.ts';
import { errnoOf, LaneFiles } from './files.ts';
import { connectServer } from './server-connection.ts';
import { dropFlock, flock } from './file-lock.ts';
import { encodeObserved } from '../model/observation.ts';
import { flockRefused } from '../model/operations.ts';
import { type Answer, type Asked, encodeRequest, type FlockMode, type Signal } from '../model/request.ts';
import type { GateCalls } from './gate-calls.ts';
import { quoted } from '../model/visible.ts';
import { worldPath } from '../host/world-path.ts';
import {
  type Connection,
  FileError,
  type Flock,
  type OpenOptions,
  type ProcessEntry,
  type ServerConnection,
  SqlError,
  type SpawnOptions,
  type World,
} from './world.ts';
import type { Ending } from '../model/process.ts';
import type { Json } from '../model/values.ts';

/** Thrown by `exit` in case the process outlives the request, which it does not. */
export class ExitRequest extends Error {}

interface LaneSetting {
  readonly lane: string;
  readonly process: string;
  readonly root: string;
  readonly binding: string;
  readonly sqlite: SqliteParameters;
  readonly startThread: (channel: FifoPair) => void;
  /** Undefined where this host cannot fork. Does not return in the copy. */
  readonly fork: ((channel: FifoPair, body: (world: World) => void) => void) | undefined;
}

interface FifoPair {
  readonly in: string;
  readonly out: string;
}

/** A flock(2) that only the kernel knows of (of who is no lane) is waited for by sleeping, after so many tries. */
const triesMax = 100;

/** What is left until a moment; undefined: no end. */
function untilMs(deadline: number, nowMs: number): number | undefined {
  return deadline === Infinity ? undefined : deadline - nowMs;
}

function checkName(name: string): void {
  if (!isProcessName(name)) {
    throw new Error(`${quoted(name)} is no name for a process or a thread: letters, digits, dot, dash and underscore.`);
  }
}

export class LaneWorld implements World {
  readonly lane: string;
  readonly process: string;
  readonly files: LaneFiles;
  readonly shared: World['shared'];
  readonly #gate: GateCalls;
  readonly #setting: LaneSetting;
  readonly #connections: LaneConnection[] = [];
  readonly #flocks = new Set<number>();

  constructor(gate: GateCalls, setting: LaneSetting) {
    this.lane = setting.lane;
    this.process = setting.process;
    this.#gate = gate;
    this.#setting = setting;
    this.files = new LaneFiles(gate, setting.root);
    this.shared = {
      get: (key) => {
        const value = gate.get(key);
        return value === null ? undefined : (JSON.parse(value) as Json);
      },
      set: (key, value) => gate.set(key, JSON.stringify(value)),
    };
  }

  /** Connections, file locks and descriptors that this lane has not given back. */
  openCount(): number {
    const connections = this.#connections.filter((connection) => connection.isOpen).length;
    return connections + this.#flocks.size + this.files.openCount();
  }

  now(): number {
    return this.#gate.now();
  }
  sleep(ms: number, { quietUntilMs }: { readonly quietUntilMs?: number } = {}): void {
    this.#gate.sleep(Math.max(0, Math.ceil(ms)), quietUntilMs);
  }
  random(): number {
    return this.#gate.random();
  }
  step(label: string): void {
    this.#gate.step(label, null, null);
    this.#gate.done(0);
  }
  observe(kind: string, data: Json): void {
    this.#gate.observe(encodeObserved({ kind, data }));
  }
  stopping(): boolean {
    return this.#gate.stopping();
  }

  look(label: string): void {
    this.#ask({ kind: 'look', label });
  }

  open(file: string, options: OpenOptions = {}): Connection {
    // Links unresolved: what SQLite makes of them is its own affair.
    const pathOf = (name: string) => (this.#pathOf(name) === undefined ? undefined : join(this.#setting.root, name));
    const path = pathOf(file);
    if (path === undefined) throw new SqlError('SQLITE_CANTOPEN', 'unable to open database file');
    const { binding, sqlite } = this.#setting;
    const connection = new LaneConnection({ gate: this.#gate, path, file, binding, pathOf }, options, sqlite);
    this.#connections.push(connection);
    return connection;
  }

  connect(): ServerConnection {
    return connectServer((request) => this.#ask(request));
  }

  flock(
    file: string,
    mode: FlockMode,
    {
      wait = false,
      timeoutMs = wait ? Infinity : 0,
      pollMs = 50,
    }: { readonly timeoutMs?: number; readonly pollMs?: number; readonly wait?: boolean } = {},
  ): Flock | undefined {
    const deadline = this.now() + timeoutMs;
    let fd: number | undefined;
    for (let tries = 1; ; tries++) {
      fd = this.#tryFlock(file, mode, fd);
      if (this.#flocks.has(fd)) break;
      if (this.now() >= deadline) {
        this.#closeRefused(file, fd);
        return undefined;
      }
      if (!wait || tries % triesMax === 0) this.sleep(pollMs);
      else this.#ask({ kind: 'await-flock', file, mode, timeoutMs: untilMs(deadline, this.now()) });
    }
    const held = fd;
    return {
      release: () => {
        if (!this.#flocks.delete(held)) return;
        this.#gate.step('funlock', file, null);
        dropFlock(held);
        closeSync(held);
        this.#gate.done(0);
      },
    };
  }

  spawn(program: string, name: string, args: Json = null, options: SpawnOptions = {}): void {
    checkName(name);
    this.#ask({ kind: 'spawn', name, program, args, options });
  }
  thread(program: string, name: string, args: Json = null): void {
    checkName(name);
    const answer = this.#ask({ kind: 'thread', name, program, args }) as unknown as FifoPair | null;
    // A thread that waits already draws nothing from the process's chance; one that is made does, and starts it anew.
    if (answer === null) this.#gate.reseed();
    else this.#setting.startThread(answer);
    this.#ask({ kind: 'thread-started', name });
  }
  fork(name: string, body: (world: World) => void): void {
    checkName(name);
    const { fork } = this.#setting;
    if (fork === undefined) onlyNative('World.fork');
    fork(this.#ask({ kind: 'fork', name }) as unknown as FifoPair, body);
    this.#ask({ kind: 'forked', name });
  }
  wait(name: string, options: { readonly timeoutMs?: number } = {}): Ending | undefined {
    return (this.#ask({ kind: 'wait', name, timeoutMs: options.timeoutMs }) ?? undefined) as Ending | undefined;
  }
  poll(name: string): Ending | undefined {
    return (this.#ask({ kind: 'poll', name }) ?? undefined) as Ending | undefined;
  }
  kill(name: string, signal: Signal = 'SIGKILL'): boolean {
    return this.#ask({ kind: 'kill', name, signal }) === true;
  }
  killGroup(group: string, signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): number {
    checkName(group);
    return Number(this.#ask({ kind: 'kill-group', group, signal }));
  }
  processes(): readonly ProcessEntry[] {
    return this.#ask({ kind: 'processes' }) as unknown as readonly ProcessEntry[];
  }
  exit(code: number): never {
    this.#ask({ kind: 'exit', code });
    throw new ExitRequest();
  }

  send(to: string, message: Json): boolean {
    return this.#ask({ kind: 'send', to, message }) === true;
  }
  receive(
    options: { readonly timeoutMs?: number } = {},
  ): { readonly from: string; readonly message: Json } | undefined {
    const got = this.#ask({ kind: 'receive', timeoutMs: options.timeoutMs });
    return (got ?? undefined) as { readonly from: string; readonly message: Json } | undefined;
  }

  mutex<T>(name: string, body: () => T): T {
    this.#gate.lock(name);
    try {
      return body();
    } finally {
      this.#gate.unlock(name);
    }
  }

  /** One try, one step: opens the lock file (created if missing) the first time. Result: its descriptor, held or not. */
  #tryFlock(file: string, mode: FlockMode, opened: number | undefined): number {
    const path = this.#pathOf(file);
    if (path === undefined) throw new FileError('EACCES', `flock ${file}: EACCES`);
    const injected = this.#gate.step('flock', file, mode);
    if (injected !== 0) {
      if (opened !== undefined) this.#closeRefused(file, opened);
      throw new FileError('EIO', `flock ${file}: EIO`);
    }
    let fd = opened;
    try {
      fd ??= openSync(path, 'a');
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'EIO';
      this.#gate.done(errnoOf(code));
      throw new FileError(code, `flock ${file}: ${code}`);
    }
    const errno = flock(fd, mode);
    if (errno === 0) this.#flocks.add(fd);
    this.#gate.done(errno);
    if (errno === 0 || errno === constants.errno.EWOULDBLOCK) return fd;
    this.#closeRefused(file, fd);
    throw new FileError(errnoName(errno), `flock ${file}: ${errnoName(errno)}`);
  }

  /**
   * Closes a file whose lock was not had. Where that is a database, every POSIX lock that the process has on it is dropped (fcntl(2)), so
   * it is a step; nobody has such locks on a lock file, which is told by its name.
   */
  #closeRefused(file: string, fd: number): void {
    if (file.endsWith('.lock')) {
      closeSync(fd);
      return;
    }
    this.#gate.step('funlock', file, flockRefused);
    closeSync(fd);
    this.#gate.done(0);
  }

  /** Undefined where the name leads out of the world, which is said in the trace. */
  #pathOf(file: string): string | undefined {
    const path = worldPath(this.#setting.root, file);
    if (path === undefined) this.#gate.refuse(file);
    return path;
  }

  #ask(request: Asked): Json | undefined {
    const answer = JSON.parse(this.#gate.ask(encodeRequest(request))) as Answer;
    if ('error' in answer) throw new Error(answer.error);
    return answer.value;
  }
}
