// Processes that a Node program starts are processes of the run, by the coordinator: all of node:child_process. What stays out: one of them
// (child.ts), and its messages (channel.ts).
import childProcess, { type ChildProcess, type ForkOptions, type SpawnSyncReturns } from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Child, pass, startFailure, stdioOf } from './child.ts';
import type { Places } from './places.ts';
import { firstPid, type ProcessOfRun } from './process-of-run.ts';
import { type ChildOfRun, type How, signalOf, Starter, statusOf } from './starter.ts';
import type { Waits } from './waits.ts';

/** Bytes that exec and its like keep of what a child prints (node:child_process, `maxBuffer`). */
const keptMost = 1024 * 1024;

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

function failed(file: string, code: 'ENOBUFS' | 'ETIMEDOUT'): Error {
  const errno = code === 'ENOBUFS' ? -105 : -110;
  return Object.assign(new Error(`spawnSync ${file} ${code}`), {
    code,
    errno,
    syscall: `spawnSync ${file}`,
    path: file,
  });
}

function spawnSyncBy(starter: Starter): (...given: unknown[]) => Result {
  return (...given) => {
    const [file, args, how] = wordsOf(given);
    const { input, timeout = 0, maxBuffer = keptMost } = how;
    const killSignal = signalOf(how.killSignal ?? 'SIGTERM');
    const { streams } = stdioOf(how);
    let started: ChildOfRun;
    try {
      started = starter.start(file, args, how, {
        input: input === undefined ? undefined : Buffer.from(input as string),
      });
    } catch (error) {
      const nothing = { output: null, stdout: null, stderr: null } as unknown as Result;
      return { ...nothing, pid: 0, status: null, signal: null, error: startFailure('spawnSync', file, args, error) };
    }
    const { name, pid } = started;
    let ending = starter.wait(name, timeout > 0 ? timeout : undefined);
    const isLate = ending === undefined && timeout > 0;
    if (isLate) {
      starter.kill(name, killSignal);
      ending = starter.wait(name, undefined);
    }
    while (ending === undefined) ending = starter.wait(name, undefined); // a signal has come: as Node, it waits on
    const printed = starter.printed(name);
    const tooMuch = Math.max(printed.out.length, printed.err.length) > maxBuffer;
    const [status, signal] = tooMuch ? [null, killSignal as NodeJS.Signals] : statusOf(ending);
    pass(streams, printed);
    const kept = (bytes: Buffer, stream: unknown) =>
      stream === 'pipe' ? decoded(bytes.subarray(0, maxBuffer), how, 'buffer') : (null as unknown as string);
    const stdout = kept(printed.out, streams[1]);
    const stderr = kept(printed.err, streams[2]);
    const code = isLate ? 'ETIMEDOUT' : tooMuch ? 'ENOBUFS' : undefined;
    const result: Result = { pid, output: [null, stdout, stderr] as never, stdout, stderr, status, signal };
    return code === undefined ? result : { ...result, error: failed(file, code) };
  };
}

/** What execSync and execFileSync give back. What went to standard error is told there too, unless the program says where it goes. */
function orThrow(command: string, { stdio }: How, result: Result): Buffer | string {
  if (stdio === undefined && (result.stderr ?? '').length > 0) process.stderr.write(result.stderr);
  if (result.error !== undefined) throw Object.assign(result.error, { ...result });
  if (result.status === 0) return result.stdout;
  const said = (result.stderr ?? '').length > 0 ? `\n${String(result.stderr)}` : '';
  throw Object.assign(new Error(`Command failed: ${command}${said}`), result);
}

type Told = (error: Error | null, out: Buffer | string, err: Buffer | string) => void;
type Spawn = (...given: unknown[]) => ChildProcess;

/** Why exec and its like have failed; null where they have not. */
function execError(cmd: string, child: ChildProcess, lengths: readonly number[], how: How, said: string): Error | null {
  const { exitCode, signalCode, killed } = child;
  const { maxBuffer = keptMost } = how;
  const long = lengths.findIndex((length) => length > maxBuffer);
  if (long >= 0) {
    const code = 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER';
    return Object.assign(new RangeError(`${['stdout', 'stderr'][long] ?? ''} maxBuffer length exceeded`), {
      code,
      cmd,
    });
  }
  if (exitCode === 0) return null;
  const more = { code: exitCode, signal: signalCode, cmd, killed };
  return Object.assign(new Error(`Command failed: ${cmd}\n${said}`), more);
}

/** execFile and exec: they tell when it has ended. */
function execBy(spawn: Spawn): { readonly exec: Spawn; readonly execFile: Spawn } {
  const run = (cmd: string, [file, args, how]: Words, callback: Told | undefined): ChildProcess => {
    const child = spawn(file, args, how);
    const { maxBuffer = keptMost } = how;
    const parts: { readonly [stream in 'stdout' | 'stderr']: Buffer[] } = { stdout: [], stderr: [] };
    for (const name of ['stdout', 'stderr'] as const) child[name]?.on('data', (part: Buffer) => parts[name].push(part));
    let early: Error | undefined;
    child.once('error', (error) => {
      early = error;
      if (child.pid === undefined) callback?.(Object.assign(error, { cmd }), '', '');
    });
    child.once('close', () => {
      const printed = [parts.stdout, parts.stderr].map((all) => Buffer.concat(all));
      const [out = '', err = ''] = printed.map((bytes) => decoded(bytes.subarray(0, maxBuffer), how, 'utf8'));
      const lengths = printed.map(({ length }) => length);
      callback?.(early ?? execError(cmd, child, lengths, how, String(err)), out, err);
    });
    return child;
  };
  const callbackIn = (given: readonly unknown[]) =>
    given.findLast((one) => typeof one === 'function') as Told | undefined;
  const withoutCallback = (given: readonly unknown[]) => given.filter((one) => typeof one !== 'function');
  const execFile: Spawn = (...given) => {
    const words = wordsOf(withoutCallback(given));
    return run([words[0], ...words[1]].join(' '), words, callbackIn(given));
  };
  const exec: Spawn = (command, ...more) => {
    const [how = {}] = withoutCallback(more) as [How?];
    const { shell } = how;
    return run(
      String(command),
      [String(command), [], { ...how, shell: typeof shell === 'string' ? shell : true }],
      callbackIn(more),
    );
  };
  for (const one of [exec, execFile]) {
    const promised = (...given: unknown[]) => {
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      const child = one(...given, (error: Error | null, stdout: unknown, stderr: unknown) => {
        if (error === null) resolve({ stdout, stderr });
        else reject(Object.assign(error, { stdout, stderr }));
      });
      return Object.assign(promise, { child });
    };
    Object.defineProperty(one, promisify.custom, { value: promised });
  }
  return { exec, execFile };
}

/** Standard streams of a fork: those of its parent, or with `silent` pipes, and a channel beside them. */
function forkBy(spawn: Spawn, places: Places): Spawn {
  return (file, ...more) => {
    const [, args, given] = wordsOf([file, ...more]);
    const how = given as ForkOptions;
    const plain = how.silent === true ? 'pipe' : 'inherit';
    const { stdio = plain } = how;
    const streams = Array.isArray(stdio) ? stdio : [stdio, stdio, stdio];
    if (how.stdio !== undefined && Array.isArray(stdio) && !stdio.includes('ipc'))
      throw Object.assign(
        new Error("Forked processes must have an IPC channel, missing value 'ipc' in options.stdio"),
        {
          code: 'ERR_CHILD_PROCESS_IPC_REQUIRED',
        },
      );
    const main = places.programFile(file instanceof URL ? fileURLToPath(file) : String(file));
    const words = [...(how.execArgv ?? process.execArgv), main, ...args];
    const all = streams.includes('ipc') ? streams : [...streams, 'ipc'];
    return spawn(how.execPath ?? process.execPath, words, { ...how, shell: false, stdio: all });
  };
}

function killBy(process_: ProcessOfRun, starter: Starter): (pid: number, signal?: string | number) => true {
  return (pid, signal = 'SIGTERM') => {
    const name = pid === process.pid ? process_.setting.process : `pid:${pid - firstPid}`;
    if (signal === 0) {
      if (pid === process.pid || starter.ending(name) === undefined) return true;
    } else if (starter.kill(name, signalOf(signal))) return true;
    throw Object.assign(new Error('kill ESRCH'), { code: 'ESRCH', errno: -3, syscall: 'kill' });
  };
}

/** From here on child processes are processes of the run. */
export function replaceChildren(process_: ProcessOfRun, places: Places, waits: Waits): void {
  const starter = new Starter(process_, places);
  const spawn: Spawn = (...given) => {
    const [file, args, how] = wordsOf(given);
    return new Child(process_, starter, waits, file, args, how) as unknown as ChildProcess;
  };
  const spawnSync = spawnSyncBy(starter);
  Object.assign(childProcess, {
    ...execBy(spawn),
    ChildProcess: Child,
    spawn,
    spawnSync,
    fork: forkBy(spawn, places),
    execSync: (command: string, how: How = {}) => {
      const { shell } = how;
      const run = spawnSync(command, [], { ...how, shell: typeof shell === 'string' ? shell : true });
      return orThrow(command, how, run);
    },
    execFileSync: (...given: unknown[]) => {
      const [file, args, how] = wordsOf(given);
      return orThrow([file, ...args].join(' '), how, spawnSync(file, args, how));
    },
  });
  process.kill = killBy(process_, starter);
  syncBuiltinESMExports();
}
