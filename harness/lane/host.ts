// What runs inside a simulated process of the Node host: connects it to its channel, then serves jobs. The same file is the
// main program of the process and of each further thread. What stays out: what a job is (run-job.ts), and the World's calls.
import { createRequire, flushCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';
import { setImmediate as turn } from 'node:timers/promises';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { Gate } from './gate-calls.ts';
import { giveUp } from './give-up.ts';
import { serveJob, type ThreadChannel } from './run-job.ts';

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

/** Loads a module; what Node compiled for it is kept at once, since most of these processes end by SIGKILL. */
function loadModule(module: string): { readonly [name: string]: unknown } {
  const loaded = load(fileURLToPath(module)) as { readonly [name: string]: unknown };
  if (!loadedModules.has(module)) flushCompileCache();
  loadedModules.add(module);
  return loaded;
}

/** A detached process stands still until its launcher has exited: the gate dies with the parent that it attaches under. */
function awaitOrphanhood(): void {
  if (!isMainThread) return;
  const stillness = new Int32Array(new SharedArrayBuffer(4));
  while (String(process.ppid) === process.env['LOCKSTEP_LAUNCHER']) Atomics.wait(stillness, 0, 0, 1);
}

/**
 * Serves one job after another, for ever. Between two the event loop turns: only then does Node free what belongs to objects of
 * addons that have gone (node_api.h, finalizers), such as SQLite's statements.
 */
async function serve(): Promise<never> {
  awaitOrphanhood();
  const { binding } = options;
  const control = new Database(':memory:', { nativeBinding: binding });
  control.loadExtension(options.gate);
  const gate = new Gate(control);
  gate.attach(options.in, options.out);
  if (options.writable !== undefined) gate.confine(options.writable); // its threads inherit it
  for (const channel of options.threads ?? []) startThread(channel);
  for (;;) {
    serveJob({ gate, binding, load: loadModule, startThread });
    await turn();
  }
}

try {
  await serve();
} catch (error) {
  giveUp(error);
}
