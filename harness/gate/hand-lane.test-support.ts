// A lane driven by hand, for the gate's tests: a process, or a thread of it, that knows better-sqlite3 and the gate's SQL
// functions and nothing else of Lockstep. It does the work whose source text it is sent. What stays out: the driver
// (hand.test-support.ts).
import { join } from 'node:path';
import { runInThisContext } from 'node:vm';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';

/** What work can reach. Work is sent as text, so it must not use names from around it. */
export interface HandWorld {
  readonly root: string;
  readonly args: readonly string[];
  /** Lives as long as the thread: carries what was found outside a run into a run's result. */
  readonly kept: { [name: string]: unknown };
  /** The connection that has the gate's functions. */
  readonly control: Database.Database;
  /** A connection that is closed after the run, if the work does not close it. */
  open(file: string, options?: Database.Options): Database.Database;
  /** A connection that stays open after the run. */
  leave(file: string): Database.Database;
  /** Calls `lockstep_<name>`. */
  gate(name: string, ...values: readonly (bigint | number | string | null)[]): unknown;
  /** Starts a further lane on two FIFOs. */
  thread(inPath: string, outPath: string): void;
  /** Does work in a thread that never attaches, and waits for its result. */
  elsewhere(work: string, ...args: readonly string[]): unknown;
}

export type Work = (world: HandWorld) => unknown;

export interface HandOptions {
  readonly binding: string;
  readonly gate: string;
  readonly in: string;
  readonly out: string;
  /** Work before the gate is attached. */
  readonly early?: string;
}

/** One run, or with `lane` -1 work outside of runs, before the next job. */
export interface HandJob {
  readonly lane: number;
  readonly seed: string;
  readonly root: string;
  readonly work: string;
  readonly args: readonly string[];
}

interface Elsewhere extends HandOptions {
  readonly work: string;
  readonly args: readonly string[];
  readonly result: SharedArrayBuffer;
}

const options = (isMainThread ? JSON.parse(process.argv[2] ?? '{}') : workerData) as HandOptions | Elsewhere;
const kept: HandWorld['kept'] = {};
const held: Database.Database[] = [];
const control = new Database(':memory:', { nativeBinding: options.binding });
control.loadExtension(options.gate);

const calls = new Map<string, Database.Statement>();
function gate(name: string, ...values: readonly (bigint | number | string | null)[]): unknown {
  const call =
    calls.get(name) ?? control.prepare(`select lockstep_${name}(${values.map(() => '?').join(',')})`).pluck();
  calls.set(name, call);
  return call.get(...values);
}

function elsewhere(work: string, ...args: readonly string[]): unknown {
  const result = new SharedArrayBuffer(1 << 16);
  const length = new Int32Array(result, 0, 1);
  const worker = new Worker(new URL(import.meta.url), { workerData: { ...options, work, args, result } });
  worker.unref();
  Atomics.wait(length, 0, 0);
  return JSON.parse(Buffer.from(new Uint8Array(result, 4, length[0])).toString()) as unknown;
}

function doWork(work: string, root: string, args: readonly string[]): unknown {
  const leave = (file: string, more: Database.Options = {}): Database.Database =>
    new Database(file === ':memory:' ? file : join(root, file), { nativeBinding: options.binding, ...more });
  const open: HandWorld['open'] = (file, more) => {
    const database = leave(file, more);
    held.push(database); // garbage collection must not close it in the middle of a run
    return database;
  };
  const thread = (inPath: string, outPath: string): void => {
    new Worker(new URL(import.meta.url), { workerData: { ...options, in: inPath, out: outPath } }).unref();
  };
  const call = runInThisContext(`(${work})`) as Work;
  try {
    return call({ root, args, kept, control, open, leave, gate, thread, elsewhere });
  } catch (error) {
    return { error: error instanceof Error && 'code' in error ? error.code : String(error), message: String(error) };
  }
}

if ('result' in options) {
  const text = Buffer.from(JSON.stringify(doWork(options.work, '', options.args)) ?? 'null');
  new Uint8Array(options.result, 4).set(text);
  const length = new Int32Array(options.result, 0, 1);
  Atomics.store(length, 0, text.length);
  Atomics.notify(length, 0);
} else {
  if (options.early !== undefined) kept['early'] = doWork(options.early, '', []);
  gate('attach', options.in, options.out);
  for (;;) {
    const job = JSON.parse(String(gate('job'))) as HandJob;
    if (job.lane < 0) {
      kept['outside'] = doWork(job.work, job.root, job.args);
      continue;
    }
    gate('enter', job.lane, BigInt(job.seed), job.root);
    gate('leave', JSON.stringify(doWork(job.work, job.root, job.args) ?? null));
    for (const database of held.splice(0)) database.close();
  }
}
