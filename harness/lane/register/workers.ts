// Threads of a Node program (worker_threads) as lanes of its process: Node's own, each with the host loaded before its program. The one that starts
// another stands still until that stands at its first step; so at no time do two of them run. What stays out: their messages (ports.ts).
import { syncBuiltinESMExports } from 'node:module';
import workers, { type WorkerOptions } from 'node:worker_threads';
import type { Places } from './places.ts';
import { asks, endsProcessBy, notFollowed, type ProcessOfRun, type ThreadOfRun } from './process-of-run.ts';
import type { OwnSqlite } from './replace-sqlite.ts';
import type { Waits } from './waits.ts';

/** In front of the thread's own `workerData`. */
const marker = 'lockstep:thread';

interface Told {
  readonly [marker]: ThreadOfRun;
  readonly workerData: unknown;
}

/** What this thread is told by the one that has started it; its program finds its own `workerData` from then on. Undefined in a main thread. */
export function takeThread(): ThreadOfRun | undefined {
  const told = workers.workerData as Told | null | undefined;
  if (workers.isMainThread || typeof told !== 'object' || told?.[marker] === undefined) return undefined;
  Object.assign(workers, { workerData: told.workerData });
  syncBuiltinESMExports();
  return told[marker];
}

/** How a thread comes to have the host loaded, where it does not go by the options of the one that starts it. */
function loading({ env, execArgv }: WorkerOptions, host: string): WorkerOptions {
  const [option = '', file = ''] = host.split(' ');
  if (execArgv !== undefined) return { execArgv: [option, file, ...execArgv] };
  if (typeof env !== 'object' || env === null) return {};
  const own = (env as NodeJS.ProcessEnv)['NODE_OPTIONS'] ?? '';
  return { env: { ...env, NODE_OPTIONS: `${host} ${own}`.trim() } };
}

interface Living {
  readonly lane: string;
  /** As Node numbers it. */
  readonly id: number;
  /** How many threads of its own it has. */
  readonly threads: Int32Array;
  readonly terminate: () => unknown;
}

/** Threads that this one has started and that have not ended. */
class Threads {
  readonly #process: ProcessOfRun;
  readonly #places: Places;
  readonly #waits: Waits;
  readonly #living = new Map<object, Living>();
  /** Those for which the program does not end. */
  readonly #kept = new Set<object>();
  readonly #own: OwnSqlite | undefined;
  #count = 0;

  constructor(process: ProcessOfRun, places: Places, waits: Waits, own: OwnSqlite | undefined) {
    this.#own = own;
    this.#process = process;
    this.#places = places;
    this.#waits = waits;
    waits.addKeeper({ keeps: () => this.#kept.size > 0 });
  }

  /** Its place in the run. Result: its name among the lanes of the process, and what it is told. */
  place(): readonly [name: string, told: ThreadOfRun] {
    const { setting, env, usual, memory } = this.#process;
    const { lane, process: of, program } = setting;
    const name = lane === of ? `worker-${++this.#count}` : `${lane.slice(of.length + 1)}.${++this.#count}`;
    const fifos = asks(this.#process, { kind: 'thread', name, program, args: null }) as { in: string; out: string };
    const threads = new SharedArrayBuffer(4);
    const { cwd } = this.#places;
    return [
      name,
      { ...fifos, env, usual, cwd, pid: process.pid, memory: memory.buffer, threads, own: this.#own?.settle() },
    ];
  }

  /** Where a thread's program lies, and what it is started with. */
  startOf(
    file: string | URL,
    options: WorkerOptions,
    thread: ThreadOfRun,
  ): readonly [file: string | URL, options: WorkerOptions] {
    const host = this.#process.env['LOCKSTEP_NODE_OPTIONS'] ?? '';
    const workerData: Told = { [marker]: thread, workerData: options.workerData };
    const path = options.eval === true ? file : this.#places.programFile(file);
    return [path, { ...options, ...loading(options, host), workerData }];
  }

  /** It is being started: returns when it stands before its first step. */
  starts(worker: object, name: string, { threads }: ThreadOfRun, id: number, terminate: () => unknown): void {
    const lane = `${this.#process.setting.process}/${name}`;
    endsProcessBy(this.#process.native.quit); // Node's own end would wait for it
    this.#living.set(worker, { lane, id, threads: new Int32Array(threads), terminate });
    this.#kept.add(worker);
    this.#countOwn(1);
    this.#waits.onEnd(lane, () => undefined); // Node itself tells of it, in a turn of the loop
    asks(this.#process, { kind: 'thread-started', name });
  }

  keep(worker: object, keeps: boolean): void {
    if (!keeps) this.#kept.delete(worker);
    else if (this.#living.has(worker)) this.#kept.add(worker);
  }

  /** @throws where it has threads of its own: Node waits for them in the kernel, where they would stand for ever */
  checkAlone(worker: object): void {
    const threads = this.#living.get(worker)?.threads;
    if (threads !== undefined && Atomics.load(threads, 0) > 0)
      notFollowed('terminates a thread (worker_threads) that has threads of its own: let those end first');
  }

  /** It has been terminated, and waits for nothing any more. */
  interrupt(worker: object): void {
    const living = this.#living.get(worker);
    if (living !== undefined) asks(this.#process, { kind: 'interrupt', name: living.lane });
  }

  over(worker: object): void {
    const living = this.#living.get(worker);
    if (living === undefined) return;
    this.#living.delete(worker);
    this.#kept.delete(worker);
    this.#countOwn(-1);
    this.#process.memory.forget(living.id);
  }

  /** The end of each, before that of this thread: Node would wait for them in the kernel. */
  endAll(): void {
    for (const { lane, terminate } of this.#living.values()) {
      terminate();
      while (asks(this.#process, { kind: 'wait', name: lane, timeoutMs: undefined }) === undefined);
    }
    this.#living.clear();
  }

  #countOwn(by: 1 | -1): void {
    const { memory, thread } = this.#process;
    memory.countThreads(by);
    if (thread !== undefined) Atomics.add(new Int32Array(thread.threads), 0, by);
  }
}

/**
 * From here on a Worker is a lane.
 *
 * @param own what follows the SQLite that the program brings, where that is the engine
 */
export function replaceWorkers(
  process_: ProcessOfRun,
  places: Places,
  waits: Waits,
  own: OwnSqlite | undefined,
): Pick<Threads, 'endAll'> {
  const threads = new Threads(process_, places, waits, own);
  const Own = workers.Worker;

  class Worker extends Own {
    constructor(file: string | URL, options: WorkerOptions = {}) {
      const [name, told] = threads.place();
      super(...threads.startOf(file, options, told));
      super.unref(); // Node's loop stands still without it
      threads.starts(this, name, told, this.threadId, () => this.terminate());
    }

    override emit(event: string | symbol, ...given: unknown[]): boolean {
      if (event === 'exit') threads.over(this);
      return super.emit(event as 'exit', ...(given as [number]));
    }

    override ref(): void {
      threads.keep(this, true);
    }

    override unref(): void {
      threads.keep(this, false);
      super.unref();
    }

    override terminate(): Promise<number> {
      threads.checkAlone(this);
      const ended = super.terminate();
      threads.interrupt(this);
      return ended;
    }
  }
  Object.assign(workers, {
    Worker,
    postMessageToThread: () =>
      notFollowed('calls postMessageToThread, which waits past its host: let it use a MessagePort'),
  });
  return threads;
}

/** The end of a thread, as its lane says it (lane/end.ts). @param code Node's */
export function threadEnding(code: unknown): string {
  const { how, ...more } =
    code === 0 || code === undefined ? { how: 'returned' } : { how: 'exited', code: Number(code) };
  return JSON.stringify({ how, ...more, open: 0 });
}

/** Of a thread whose own program has no say in it: it was terminated, or threw, which the one that has started it is told. */
export const terminatedEnding = threadEnding(1);
