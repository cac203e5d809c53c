// What runs inside a simulated process: waits at its channel for a job, runs the program, says how it ended, waits
// again. The same file is the main program of the process and of each further thread. What stays out: the World's
// calls themselves (the files beside this one).
import { createRequire, flushCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { hostErrnoOf } from '../errors/host-errors.ts';
import { Gate } from './gate-calls.ts';
import { expectOutOfMemory, giveUp } from './give-up.ts';
import type { ConnectionSettings } from './connection.ts';
import type { LaneEnd } from './end.ts';
import type { Program } from './world.ts';
import type { Json } from '../model/values.ts';
import { ExitRequest, LaneWorld } from './lane-world.ts';
import { threw } from './threw.ts';

/** How a thread of a lane process is started. */
interface HostOptions {
  readonly binding: string;
  readonly gate: string;
  readonly in: string;
  readonly out: string;
  /** Folders below which this process may write from now on, where the kernel can hold it to that; of the main thread only. */
  readonly writable?: readonly string[];
  /** Threads to start at once, beside the main one: they wait for jobs of their own. */
  readonly threads?: readonly ThreadChannel[];
}

interface ThreadChannel {
  readonly in: string;
  readonly out: string;
}

/** What the coordinator asks of a lane for one run. */
export interface Job {
  readonly lane: string;
  readonly process: string;
  readonly number: number;
  /** 64 bits, decimal. */
  readonly seed: string;
  readonly root: string;
  readonly module: string;
  readonly export: string;
  readonly args: Json;
  /** The plan makes SQLite run out of memory. */
  readonly outOfMemory: boolean;
  /** Settings for every connection (model/plan.ts). */
  readonly sqlite: ConnectionSettings;
}

const options = (isMainThread ? JSON.parse(process.argv[2] ?? '{}') : workerData) as HostOptions;
const load = createRequire(import.meta.url);

function startThread(channel: ThreadChannel): void {
  const { binding, gate: library } = options;
  try {
    const worker = new Worker(new URL(import.meta.url), {
      workerData: { binding, gate: library, ...channel },
      stdin: false,
    });
    worker.unref();
  } catch (error) {
    giveUp(error); // the system makes no thread: no event for the program that wanted one
  }
}

const loadedModules = new Set<string>();

/** Loads the program; what Node compiled for it is kept at once, since most of these processes end by SIGKILL. */
function programOf(job: Job): Program {
  const loaded = load(fileURLToPath(job.module)) as { readonly [name: string]: unknown };
  if (!loadedModules.has(job.module)) flushCompileCache();
  loadedModules.add(job.module);
  const program = loaded[job.export];
  if (typeof program !== 'function') throw new TypeError(`There is no program ${job.export} in its module.`);
  return program as Program;
}

function run(job: Job, world: LaneWorld): LaneEnd {
  let program: Program;
  try {
    program = programOf(job);
  } catch (error) {
    if (hostErrnoOf(error) !== undefined) throw error;
    return { ...threw(error, job.root), how: 'unloadable', open: 0 };
  }
  try {
    program(world, job.args);
    return { how: 'returned', open: world.openCount() };
  } catch (error) {
    if (error instanceof ExitRequest || hostErrnoOf(error) !== undefined) throw error;
    return { ...threw(error, job.root), open: world.openCount() };
  }
}

/** A detached process stands still until its launcher has exited: the gate dies with the parent that it attaches under. */
function awaitOrphanhood(): void {
  if (!isMainThread) return;
  const stillness = new Int32Array(new SharedArrayBuffer(4));
  while (String(process.ppid) === process.env['LOCKSTEP_LAUNCHER']) Atomics.wait(stillness, 0, 0, 1);
}

/** Serves one job after another, for ever: the gate ends this process when the coordinator is gone. */
function serve(): void {
  awaitOrphanhood();
  const control = new Database(':memory:', { nativeBinding: options.binding });
  control.loadExtension(options.gate);
  const gate = new Gate(control);
  gate.attach(options.in, options.out);
  if (options.writable !== undefined) gate.confine(options.writable); // its threads inherit it
  for (const channel of options.threads ?? []) startThread(channel);
  for (;;) {
    const job = JSON.parse(gate.job()) as Job;
    expectOutOfMemory(job.outOfMemory);
    gate.enter(job.number, BigInt(job.seed), job.root);
    const world = new LaneWorld(gate, { ...job, binding: options.binding, startThread });
    gate.leave(JSON.stringify(run(job, world)));
  }
}

try {
  serve();
} catch (error) {
  giveUp(error);
}
