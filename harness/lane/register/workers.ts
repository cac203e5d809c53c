// Threads of a Node program (worker_threads) as lanes of its process: Node's own, each with the host loaded before its program. The one that starts
// another stands still until that stands at its first step; so at no time do two of them run. What stays out: their messages (ports.ts).
import { syncBuiltinESMExports } from 'node:module';
import workers, { type WorkerOptions } from 'node:worker_threads';
import type { Places } from './places.ts';
import { asks, notFollowed, type ProcessOfRun, type ThreadOfRun } from './process-of-run.ts';
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

/** Threads that this one has started and that have not ended. */
export interface Started {
  /** The end of each, before that of this thread: Node waits for them in the kernel, where they would stand for ever. */
  readonly endAll: () => void;
}

/** How a thread comes to have the host loaded, where it does not go by the options of the one that starts it. */
function loading({ env, execArgv }: WorkerOptions, host: string): WorkerOptions {
  const [option = '', file = ''] = host.split(' ');
  if (execArgv !== undefined) return { execArgv: [option, file, ...execArgv] };
  if (typeof env !== 'object' || env === null) return {};
  const own = (env as NodeJS.ProcessEnv)['NODE_OPTIONS'] ?? '';
  return { env: { ...env, NODE_OPTIONS: `${host} ${own}`.trim() } };
}

/**
 * From here on a Worker is a lane.
 *
 * @param ownSqlite which SQLite the gate has gone over to
 */
export function replaceWorkers(
  process_: ProcessOfRun,
  places: Places,
  waits: Waits,
  ownSqlite: () => string | undefined,
): Started {
  const { memory } = process_;
  const kept = new Set<object>();
  const living = new Map<object, { readonly lane: string; readonly terminate: () => void }>();
  let count = 0;
  waits.addKeeper({ keeps: () => kept.size > 0 });
  const countOwn = (by: 1 | -1): void => {
    memory.countThreads(by);
    if (process_.thread !== undefined) Atomics.add(new Int32Array(process_.thread.threads), 0, by);
  };
  const Own = workers.Worker;

  class Worker extends Own {
    readonly #threads: Int32Array;
    readonly #lane: string;
    readonly #id: number;

    constructor(file: string | URL, options: WorkerOptions = {}) {
      const { lane, process: of, program } = process_.setting;
      const name = lane === of ? `worker-${++count}` : `${lane.slice(of.length + 1)}.${++count}`;
      const channel = asks(process_, { kind: 'thread', name, program, args: null }) as { in: string; out: string };
      const threads = new SharedArrayBuffer(4);
      const { env, usual } = process_;
      const thread: ThreadOfRun = {
        ...channel,
        env,
        usual,
        cwd: places.cwd,
        pid: process.pid,
        memory: memory.buffer,
        threads,
        own: ownSqlite(),
      };
      const told: Told = { [marker]: thread, workerData: options.workerData };
      super(places.programFile(file), {
        ...options,
        ...loading(options, env['LOCKSTEP_NODE_OPTIONS'] ?? ''),
        workerData: told,
      });
      super.unref();
      this.#threads = new Int32Array(threads);
      this.#lane = `${of}/${name}`;
      this.#id = this.threadId;
      kept.add(this);
      living.set(this, { lane: this.#lane, terminate: () => void this.terminate() });
      countOwn(1);
      waits.onEnd(this.#lane, () => undefined); // Node itself tells of it, in a turn of the loop
      asks(process_, { kind: 'thread-started', name });
    }

    override emit(event: string | symbol, ...given: unknown[]): boolean {
      if (event === 'exit') this.#over();
      return super.emit(event as 'exit', ...(given as [number]));
    }

    override ref(): void {
      if (living.has(this)) kept.add(this);
    }

    override unref(): void {
      kept.delete(this);
      super.unref();
    }

    override terminate(): Promise<number> {
      if (Atomics.load(this.#threads, 0) > 0)
        notFollowed('terminates a thread (worker_threads) that has threads of its own: let those end first');
      const ended = super.terminate();
      if (living.has(this)) asks(process_, { kind: 'interrupt', name: this.#lane });
      return ended;
    }

    #over(): void {
      if (!living.delete(this)) return;
      kept.delete(this);
      countOwn(-1);
      memory.forget(this.#id);
    }
  }
  Object.assign(workers, {
    Worker,
    postMessageToThread: () =>
      notFollowed('calls postMessageToThread, which waits past its host: let it use a MessagePort'),
  });
  return {
    endAll: () => {
      for (const { lane, terminate } of living.values()) {
        terminate();
        while (asks(process_, { kind: 'wait', name: lane, timeoutMs: undefined }) === undefined);
      }
      living.clear();
    },
  };
}

/** The end of a thread, as its lane says it (lane/end.ts). @param code Node's */
export function threadEnding(code: unknown): string {
  const { how, ...more } = code === 0 || code === undefined ? { how: 'returned' } : { how: 'exited', code: Number(code) };
  return JSON.stringify({ how, ...more, open: 0 });
}

/** Of a thread whose own program has no say in it: it was terminated, or threw, which the one that has started it is told. */
export const terminatedEnding = threadEnding(1);

