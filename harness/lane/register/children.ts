// Processes that a Node program starts are processes of the run, by the coordinator. What one prints is there when it has ended.
// What stays out: how it is put under the gate (run/command-starter.ts).
import childProcess, { type ChildProcess, type SpawnOptions, type SpawnSyncReturns } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { syncBuiltinESMExports } from 'node:module';
import { basename } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { promisify } from 'node:util';
import type { CommandHost, CommandProgram, Ending } from '../../model/process.ts';
import { withoutPlaces } from '../../model/program-places.ts';
import type { Signal } from '../../model/request.ts';
import type { Places } from './places.ts';
import { asks, firstPid, notFollowed, real, type ProcessOfRun } from './process-of-run.ts';
import type { Waits } from './waits.ts';

interface How extends SpawnOptions {
  readonly encoding?: string;
  readonly input?: string | Uint8Array;
  readonly maxBuffer?: number;
}

interface Printed {
  readonly out: Buffer;
  readonly err: Buffer;
}

/** How Node says that a process has ended. */
function statusOf(ending: Ending): readonly [code: number | null, signal: NodeJS.Signals | null] {
  if (ending.how === 'killed') return [null, ending.signal as NodeJS.Signals];
  if (ending.how === 'exited') return [ending.code, null];
  return [ending.how === 'returned' ? 0 : 1, null];
}

function hostOf(file: string): CommandHost {
  const name = basename(file);
  if (/^node(js)?$/.test(name)) return 'node';
  return /^python[\d.]*$/.test(name) ? 'python' : 'preload';
}

class Starter {
  readonly #process: ProcessOfRun;
  readonly #places: Places;
  #count = 0;

  constructor(process: ProcessOfRun, places: Places) {
    this.#process = process;
    this.#places = places;
  }

  /** @returns its name in the run, and its process id */
  start(file: string, args: readonly string[], how: How, input: Buffer | undefined): { name: string; pid: number } {
    const name = `${this.#process.setting.process}.${++this.#count}`;
    const words = how.shell ? ['/bin/sh', '-c', [file, ...args].join(' ')] : [file, ...args];
    const cwd = how.cwd === undefined ? this.#places.cwd : (this.#places.absolute(how.cwd) ?? this.#places.cwd);
    const given = Object.entries(how.env ?? process.env).flatMap(([key, value]) =>
      value === undefined || value === this.#process.usual[key] ? [] : [[key, value] as const],
    );
    const { places = { interpreter: '' } } = this.#process.setting;
    const asked: CommandProgram = {
      command: words as [string, ...string[]],
      host: hostOf(words[0] ?? ''),
      env: { ...Object.fromEntries(given), LOCKSTEP_CWD: cwd, LOCKSTEP_PARENT: String(process.pid) },
    };
    const command = withoutPlaces(asked, places, process.execPath);
    const options = how.detached === true ? { detached: true } : {};
    const number = asks(this.#process, { kind: 'exec', name, command, input: input?.toString('base64'), options });
    return { name, pid: firstPid + Number(number) };
  }

  ending(name: string): Ending | undefined {
    return asks(this.#process, { kind: 'poll', name }) as Ending | undefined;
  }

  /** Stands still until it has ended, no longer than so many virtual ms. */
  wait(name: string, timeoutMs: number | undefined): Ending | undefined {
    return asks(this.#process, { kind: 'wait', name, timeoutMs }) as Ending | undefined;
  }

  kill(name: string, signal: Signal): boolean {
    return asks(this.#process, { kind: 'kill', name, signal }) === true;
  }

  printed(name: string): Printed {
    const { out, err } = asks(this.#process, { kind: 'output', name }) as {
      readonly out: string;
      readonly err: string;
    };
    return { out: Buffer.from(out, 'base64'), err: Buffer.from(err, 'base64') };
  }
}

const streamsOf = (how: How): readonly string[] => {
  const { stdio = 'pipe' } = how;
  const all = Array.isArray(stdio) ? stdio : [stdio, stdio, stdio];
  return [0, 1, 2].map((i) => {
    const one = all[i];
    return typeof one === 'string' ? one : 'pipe';
  });
};

class Child extends EventEmitter {
  pid: number | undefined;
  exitCode: number | null = null;
  signalCode: NodeJS.Signals | null = null;
  killed = false;
  readonly connected = false;
  readonly stdin: Writable | null;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
  readonly spawnfile: string;
  readonly spawnargs: readonly string[];
  readonly #starter: Starter;
  readonly #how: How;
  readonly #input: Buffer[] = [];
  #name = '';

  constructor(starter: Starter, waits: Waits, file: string, args: readonly string[], how: How) {
    super();
    this.spawnfile = file;
    this.spawnargs = [file, ...args];
    this.#starter = starter;
    this.#how = how;
    const [stdin, stdout, stderr] = streamsOf(how);
    const write = (part: Buffer, _: string, done: () => void) => {
      this.#input.push(Buffer.from(part));
      done();
    };
    this.stdin = stdin === 'pipe' ? new Writable({ write }) : null;
    this.stdout = stdout === 'pipe' ? new Readable({ read: () => undefined }) : null;
    this.stderr = stderr === 'pipe' ? new Readable({ read: () => undefined }) : null;
    const begin = () => this.#begin(waits, file, args);
    // What it is to read is given to it when it starts: who writes to it has begun to by then.
    real.setImmediate(() => {
      if (this.#input.length > 0 && this.stdin?.writableFinished === false) this.stdin.once('finish', begin);
      else begin();
    });
  }

  #begin(waits: Waits, file: string, args: readonly string[]): void {
    try {
      const input = this.#input.length === 0 ? undefined : Buffer.concat(this.#input);
      const { name, pid } = this.#starter.start(file, args, this.#how, input);
      this.#name = name;
      this.pid = pid;
    } catch (error) {
      const { message } = error as Error;
      this.emit(
        'error',
        Object.assign(new Error(`spawn ${file} ENOENT: ${message}`), {
          code: 'ENOENT',
          path: file,
          syscall: `spawn ${file}`,
        }),
      );
      return;
    }
    this.emit('spawn');
    waits.onEnd(this.#name, () => this.#look());
    waits.addKeeper({ keeps: () => this.exitCode === null && this.signalCode === null });
  }

  #look(): boolean {
    const ending = this.#starter.ending(this.#name);
    if (ending === undefined) return false;
    const { out, err } = this.#starter.printed(this.#name);
    [this.exitCode, this.signalCode] = statusOf(ending);
    const [, stdout, stderr] = streamsOf(this.#how);
    if (stdout === 'inherit') process.stdout.write(out);
    if (stderr === 'inherit') process.stderr.write(err);
    for (const [stream, bytes] of [
      [this.stdout, out],
      [this.stderr, err],
    ] as const) {
      if (stream === null) continue;
      if (bytes.length > 0) stream.push(bytes);
      stream.push(null);
    }
    const open = [this.stdout, this.stderr].filter((stream) => stream !== null);
    let left = open.length;
    const closed = () => this.emit('close', this.exitCode, this.signalCode);
    for (const stream of open) stream.once('end', () => --left === 0 && closed());
    real.setImmediate(() => {
      this.emit('exit', this.exitCode, this.signalCode);
      for (const stream of open) if (stream.readableFlowing === null) stream.resume(); // nobody reads it: as Node does
      if (open.length === 0) closed();
    });
    return true;
  }

  kill(signal: NodeJS.Signals | number = 'SIGTERM'): boolean {
    if (this.#name === '' || typeof signal === 'number') return false;
    this.killed = this.#starter.kill(this.#name, signal);
    return this.killed;
  }
  ref(): void {}
  unref(): void {}
  disconnect(): void {}
}

type Words = readonly [file: string, args: readonly string[], how: How];

/** The arguments of spawn and its like: the list of arguments may be left out. */
function wordsOf([file, args, how]: readonly unknown[]): Words {
  const given = (Array.isArray(args) ? how : (args ?? how)) as How | null | undefined;
  return [String(file), Array.isArray(args) ? args.map(String) : [], given ?? {}];
}

function decoded(bytes: Buffer, how: How, otherwise: string): Buffer | string {
  const { encoding = otherwise } = how;
  return encoding === 'buffer' ? bytes : bytes.toString(encoding as BufferEncoding);
}

type Result = SpawnSyncReturns<Buffer | string>;

function spawnSyncBy(starter: Starter): (...given: unknown[]) => Result {
  return (...given) => {
    const [file, args, how] = wordsOf(given);
    const input = how.input === undefined ? undefined : Buffer.from(how.input as string);
    let started: { readonly name: string; readonly pid: number };
    try {
      started = starter.start(file, args, how, input);
    } catch (error) {
      const failed = Object.assign(error as Error, { code: 'ENOENT', path: file, syscall: `spawnSync ${file}` });
      return { pid: 0, output: [], stdout: '', stderr: '', status: null, signal: null, error: failed };
    }
    const { name, pid } = started;
    let ending = starter.wait(name, how.timeout);
    if (ending === undefined) {
      starter.kill(name, (how.killSignal as Signal | undefined) ?? 'SIGTERM');
      ending = starter.wait(name, undefined);
    }
    const printed = starter.printed(name);
    const [status, signal] = ending === undefined ? [null, null] : statusOf(ending);
    const [, out, err] = streamsOf(how);
    if (out === 'inherit') process.stdout.write(printed.out);
    if (err === 'inherit') process.stderr.write(printed.err);
    const stdout = decoded(printed.out, how, 'buffer');
    const stderr = decoded(printed.err, how, 'buffer');
    return { pid, output: [null, stdout, stderr] as never, stdout, stderr, status, signal };
  };
}

function orThrow(file: string, result: Result): Buffer | string {
  if (result.error !== undefined) throw result.error;
  if (result.status === 0) return result.stdout;
  throw Object.assign(new Error(`Command failed: ${file}\n${String(result.stderr)}`), result);
}

type Told = (error: Error | null, out: Buffer | string, err: Buffer | string) => void;
type Spawn = (...given: unknown[]) => ChildProcess;

/** execFile and exec: all that it prints comes at once, when it has ended. */
function execBy(spawn: Spawn): { readonly exec: Spawn; readonly execFile: Spawn } {
  const execFile: Spawn = (...given) => {
    const callback = given.findLast((one) => typeof one === 'function') as Told | undefined;
    const [file, args, how] = wordsOf(given.filter((one) => typeof one !== 'function'));
    const child = spawn(file, args, how);
    const parts: { readonly [stream in 'stdout' | 'stderr']: Buffer[] } = { stdout: [], stderr: [] };
    for (const name of ['stdout', 'stderr'] as const) child[name]?.on('data', (part: Buffer) => parts[name].push(part));
    child.once('error', (error) => callback?.(error, '', ''));
    child.once('close', (code, signal) => {
      const [out = '', err = ''] = [parts.stdout, parts.stderr].map((all) => decoded(Buffer.concat(all), how, 'utf8'));
      const cmd = [file, ...args].join(' ');
      const more = { code, signal, cmd, killed: child.killed };
      callback?.(
        code === 0 ? null : Object.assign(new Error(`Command failed: ${cmd}\n${String(err)}`), more),
        out,
        err,
      );
    });
    return child;
  };
  const exec: Spawn = (command, ...more) => {
    const how = more.find((one) => typeof one === 'object' && one !== null);
    const told = more.filter((one) => typeof one === 'function');
    return execFile('/bin/sh', ['-c', String(command)], { ...how, shell: false }, ...told);
  };
  for (const one of [exec, execFile])
    Object.defineProperty(one, promisify.custom, {
      value: (...given: unknown[]) =>
        new Promise((resolve, reject) => {
          one(...given, (error: Error | null, stdout: unknown, stderr: unknown) => {
            if (error === null) resolve({ stdout, stderr });
            else reject(Object.assign(error, { stdout, stderr }));
          });
        }),
    });
  return { exec, execFile };
}

function killBy(process_: ProcessOfRun, starter: Starter): (pid: number, signal?: string | number) => true {
  return (pid, signal = 'SIGTERM') => {
    const name = pid === process.pid ? process_.setting.process : `pid:${pid - firstPid}`;
    if (signal === 0) {
      if (pid === process.pid || starter.ending(name) === undefined) return true;
    } else if (starter.kill(name, String(signal) as Signal)) return true;
    throw Object.assign(new Error('kill ESRCH'), { code: 'ESRCH', errno: -3, syscall: 'kill' });
  };
}

/** From here on child processes are processes of the run. */
export function replaceChildren(process_: ProcessOfRun, places: Places, waits: Waits): void {
  const starter = new Starter(process_, places);
  const spawn: Spawn = (...given) => {
    const [file, args, how] = wordsOf(given);
    return new Child(starter, waits, file, args, how) as unknown as ChildProcess;
  };
  const spawnSync = spawnSyncBy(starter);
  Object.assign(childProcess, {
    ...execBy(spawn),
    spawn,
    spawnSync,
    execSync: (command: string, how: How = {}) =>
      orThrow(command, spawnSync('/bin/sh', ['-c', command], { ...how, shell: false })),
    execFileSync: (...given: unknown[]) => orThrow(String(given[0]), spawnSync(...given)),
    fork: () => notFollowed('forks a process with a channel for messages (child_process.fork): let it spawn one'),
  });
  process.kill = killBy(process_, starter);
  syncBuiltinESMExports();
}
