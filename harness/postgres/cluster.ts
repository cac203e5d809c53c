// One cluster of PostgreSQL, of one coordinator alone: its files, its server, and its end. initdb's work is done once a machine and kept in the
// cache. A server does not run as root: where we are root it is another user's. What stays out: its databases (server.ts).
import { type ChildProcess, execFile, execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cachedArtifact } from '../engines/cache.ts';
import { inScratch } from '../engines/scratch.ts';
import { harnessError } from '../errors/errors.ts';
import { lastWords } from '../errors/last-words.ts';
import { childEnv } from '../host/child-env.ts';
import { makeOwnFolder } from '../host/own-folder.ts';
import { childrenOf, statOf } from '../host/process-state.ts';
import { processorMs, processorMsOfEnded, sharedOut } from '../host/process-use.ts';
import { spawnOwn } from '../host/spawn.ts';
import { findServer, serverRemedy, type ServerPlaces } from './find-server.ts';
import { CrashPoint, crashPointLibrary } from './crash-point.ts';
import { Client, ClientError, type Libpq, loadLibpq } from './libpq.ts';
import { type Ids, serverUser } from './server-user.ts';
import { type ServerPace, settingArguments } from './settings.ts';
import { giveBackSegment } from './shared-memory.ts';

const run = promisify(execFile);

/** The user of the cluster that may do all. Lanes are another (server.ts). */
export const superuser = 'lockstep';

/** Real milliseconds within which a server must answer: recovery from a crash is among it. */
const startMs = 120_000;
/** Real milliseconds within which its processes must be gone that were sent a SIGKILL. */
const deathMs = 10_000;
/** Real milliseconds for an immediate shutdown; then it is killed. */
const shutDownMs = 3000;

/** What a process needs to connect. @property conninfo a connection string of libpq's */
export interface WayToServer {
  readonly libpq: string;
  readonly conninfo: string;
}

const initArguments = [
  '-U',
  superuser,
  '-A',
  'trust',
  '-E',
  'UTF8',
  '--locale=C',
  '--wal-segsize=1',
  '--no-sync',
  '-N',
];

function noServer(): Error {
  return harnessError(
    'NO_SERVER',
    'There is no PostgreSQL on this machine, and this strategy needs one.',
    serverRemedy,
  );
}

/** An archive of what initdb makes, from the cache. */
async function archive({ bin }: ServerPlaces, runner: Ids | undefined): Promise<string> {
  const version = execFileSync(join(bin, 'postgres'), ['--version'], { encoding: 'utf8' });
  return cachedArtifact({
    kind: 'postgres',
    inputs: [version, ...initArguments],
    fileName: 'cluster.tar',
    label: 'the files of a PostgreSQL cluster',
    build: (folder) =>
      inScratch(async (scratch) => {
        const data = join(scratch, 'data');
        mkdirSync(data);
        chmodSync(scratch, 0o711);
        if (runner !== undefined) chownSync(data, runner.uid, runner.gid);
        const options = { ...runner, env: childEnv(), cwd: data };
        await run(join(bin, 'initdb'), ['-D', data, ...initArguments], options);
        await run('tar', ['-cf', join(folder, 'cluster.tar'), '-C', data, '.']);
      }),
  });
}

/**
 * Stands between the server and us: when we are gone, however we went, its standard input ends, and it ends the server at once.
 */
const keeper = '"$@" </dev/null & server=$!; read -r _; kill -QUIT $server; wait $server';

export class Cluster {
  readonly libpq: Libpq;
  readonly #places: ServerPlaces;
  readonly #runner: Ids | undefined;
  readonly #folder: string;
  readonly #removeFolder: () => void;
  readonly #connectionsMost: number;
  readonly #pace: ServerPace;
  readonly crashPoint: CrashPoint;
  #keeper: (ChildProcess & { readonly pid: number }) | undefined;

  /**
   * Makes a cluster under a folder, and starts its server.
   *
   * @param parent best on tmpfs
   * @param connectionsMost that lanes may have together
   * @param pace in lock step it can be killed inside a statement, and its disk can be full
   * @throws a harness error where this machine has no PostgreSQL, or it does not start
   */
  static async make(parent: string, connectionsMost: number, pace: ServerPace): Promise<Cluster> {
    const places = findServer();
    if (places === undefined) throw noServer();
    const runner = serverUser()?.ids;
    const tar = await archive(places, runner);
    const library = await crashPointLibrary();
    const cluster = new Cluster(parent, places, runner, connectionsMost, pace);
    try {
      cluster.#unpack(tar);
      copyFileSync(library, cluster.#library); // where the server's user may read it
      cluster.start();
      return cluster;
    } catch (error) {
      cluster.close();
      throw error;
    }
  }

  private constructor(
    parent: string,
    places: ServerPlaces,
    runner: Ids | undefined,
    connectionsMost: number,
    pace: ServerPace,
  ) {
    this.#pace = pace;
    this.libpq = loadLibpq(places.libpq);
    const own = makeOwnFolder(parent, 'lockstep-pg-');
    this.#folder = own.folder;
    this.#removeFolder = () => own.remove();
    this.crashPoint = new CrashPoint(this.#shared);
    this.#places = places;
    this.#runner = runner;
    this.#connectionsMost = connectionsMost;
  }

  /** What the server's processes share with us (crash-point.c). */
  get #shared(): string {
    return join(this.#folder, 'crash-point');
  }

  get #library(): string {
    return join(this.#folder, 'crash-point.so');
  }

  get #data(): string {
    return join(this.#folder, 'data');
  }

  #unpack(tar: string): void {
    chmodSync(this.#shared, 0o666);
    chmodSync(this.#folder, 0o711); // the server's user passes through it, and sees nothing
    mkdirSync(this.#data, { mode: 0o700 });
    mkdirSync(this.#socketFolder);
    if (this.#runner !== undefined)
      for (const folder of [this.#data, this.#socketFolder]) chownSync(folder, this.#runner.uid, this.#runner.gid);
    const input = openSync(tar, 'r');
    try {
      const { status, stderr } = spawnSync('tar', ['-xf', '-', '-C', this.#data, '--no-same-owner'], {
        ...this.#runner,
        cwd: this.#data,
        stdio: [input, 'ignore', 'pipe'],
        encoding: 'utf8',
      });
      if (status !== 0)
        throw this.#failed(`The files of a PostgreSQL cluster could not be unpacked: ${stderr.trim()}.`);
    } finally {
      closeSync(input);
    }
  }

  get #socketFolder(): string {
    return join(this.#folder, 's');
  }

  /** Of what asked for it to be started, when it is: recovery from a crash is over then. */
  start(): void {
    const log = openSync(join(this.#folder, 'log'), 'a');
    const { bin } = this.#places;
    const command = [
      join(bin, 'postgres'),
      '-D',
      this.#data,
      '-k',
      this.#socketFolder,
      ...settingArguments(this.#connectionsMost, this.#pace),
    ];
    const preloaded =
      this.#pace === 'lock-step' ? { LD_PRELOAD: this.#library, LOCKSTEP_CRASH_POINT: this.#shared } : {};
    try {
      this.#keeper = spawnOwn('PostgreSQL', ['/bin/sh', '-c', keeper, 'sh', ...command], {
        ...this.#runner,
        cwd: this.#data,
        env: { ...childEnv(), ...preloaded },
        detached: true,
        stdio: ['pipe', log, log],
      });
      this.#keeper.unref();
      (this.#keeper.stdin as unknown as { unref?: () => void } | null)?.unref?.();
    } finally {
      closeSync(log);
    }
    this.#awaitAnswer();
  }

  #awaitAnswer(): void {
    const began = performance.now();
    for (;;) {
      try {
        this.connect('postgres', superuser).close();
        return;
      } catch (error) {
        if (!(error instanceof ClientError)) throw error;
        const ms = performance.now() - began;
        if (ms > startMs || (ms > 1000 && !this.#pids().some(lives)))
          throw this.#failed(`PostgreSQL did not start: ${error.message}${lastWords(this.#log())}`);
        pause(5);
      }
    }
  }

  /** @throws ClientError */
  connect(database: string, user: string): Client {
    return new Client(this.libpq, this.wayTo(database, user).conninfo);
  }

  /** For another process of ours. */
  wayTo(database: string, user: string): WayToServer {
    const conninfo = `host=${this.#socketFolder} dbname=${database} user=${user} application_name=lockstep`;
    return { libpq: this.#places.libpq, conninfo };
  }

  /** Processor time that all its processes have taken, ms; those that have ended in steps of 10. */
  processorMs(): number {
    const pids = this.#pids();
    const [postmaster] = pids;
    const ended = postmaster === undefined ? 0 : processorMsOfEnded(postmaster);
    return pids.reduce((sum, pid) => sum + processorMs(pid), ended);
  }

  /** Memory of all its processes, what they share once. */
  memoryBytes(): number {
    return this.#pids().reduce((sum, pid) => sum + sharedOut(pid), 0);
  }

  /** The server's own process ids: the postmaster's first. */
  #pids(): readonly number[] {
    const servers = this.#keeper === undefined ? [] : childrenOf(this.#keeper.pid);
    return [...servers, ...servers.flatMap((pid) => childrenOf(pid))];
  }

  /**
   * SIGKILL to the server and all its processes: what a crash of it leaves is recovered by {@link start}.
   *
   * @param others process ids of the server's that may not be its children any more
   */
  kill(others: readonly number[] = []): void {
    const pids = [...new Set([...this.#pids(), ...others])];
    for (const pid of pids) signal(pid, 'SIGKILL');
    const began = performance.now();
    while (pids.some(lives)) {
      if (performance.now() - began > deathMs) throw this.#failed('PostgreSQL does not die of SIGKILL.');
      pause(1);
    }
    this.#endKeeper();
    giveBackSegment(this.#data, this.#runner);
    // It is dead, whoever has its number next.
    rmSync(join(this.#data, 'postmaster.pid'), { force: true });
    for (const name of existsSync(this.#socketFolder) ? readdirSync(this.#socketFolder) : [])
      rmSync(join(this.#socketFolder, name), { force: true });
  }

  #endKeeper(): void {
    const running = this.#keeper;
    this.#keeper = undefined;
    running?.stdin?.destroy();
    if (running !== undefined) signal(running.pid, 'SIGKILL');
  }

  /** An immediate shutdown: as a crash for its data, but it gives back the shared memory that the kernel would keep until it is told otherwise. */
  #shutDown(): void {
    const pids = this.#pids();
    const [postmaster] = pids;
    if (postmaster === undefined) return;
    for (const pid of pids) signal(pid, 'SIGCONT');
    signal(postmaster, 'SIGQUIT');
    const began = performance.now();
    while (lives(postmaster) && performance.now() - began < shutDownMs) pause(1);
  }

  close(): void {
    this.#shutDown();
    this.kill();
    this.crashPoint.close();
    this.#removeFolder();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #log(): string {
    try {
      return readFileSync(join(this.#folder, 'log'), 'utf8');
    } catch {
      return '';
    }
  }

  #failed(says: string): Error {
    return harnessError('SERVER_FAILED', says, 'Run `npx lockstep doctor`, and free some space where runs are made.');
  }
}

const cell = new Int32Array(new SharedArrayBuffer(4));

/** Stands still, the event loop with it. @param ms real */
export function pause(ms: number): void {
  Atomics.wait(cell, 0, 0, ms);
}

/** One letter (proc_pid_stat(5)); empty where there is no such process. */
export function stateOf(pid: number): string {
  return statOf(`/proc/${pid}`)[0] ?? '';
}

/** A zombie is dead: nobody collects it before the keeper does. */
export function lives(pid: number): boolean {
  return !['', 'Z', 'X'].includes(stateOf(pid));
}

/** A signal to a process that may be gone. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It is gone.
  }
}
