// What Node loads before the program (`node --import`): makes this process one of a run. What stays out: what it replaces (the other
// files here), and who starts it (run/command-starter.ts).
import { isMainThread } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { OWN_ENGINE } from '../../model/process.ts';
import { Gate, type Statements } from '../gate-calls.ts';
import type { LaneSetting } from '../run-job.ts';
import { giveUp } from '../give-up.ts';
import { threw } from '../threw.ts';
import { installChance, installIds } from './chance.ts';
import { openChannel } from './channel.ts';
import { installInput } from './standard-input.ts';
import { replaceChildren } from './children.ts';
import { installClock } from './clock.ts';
import { replaceLocks } from './locks.ts';
import { beginMachine, installMachine } from './machine.ts';
import { installPlaces } from './places.ts';
import { replaceAtomics } from './atomics.ts';
import { replacePorts } from './ports.ts';
import { endsProcessBy, type Native, type ProcessOfRun, real, type ThreadOfRun } from './process-of-run.ts';
import { SharedMemory } from './shared-memory.ts';
import { replaceWorkers, takeThread, terminatedEnding, threadEnding } from './workers.ts';
import { refuseTheRest } from './refuse.ts';
import { replaceFs } from './replace-fs.ts';
import { openOwn, replaceSqlite } from './replace-sqlite.ts';
import { Waits } from './waits.ts';
import { serve } from './zygote.ts';

/** As lane/give-up.ts. */
const exitGaveUp = 70;

interface Env {
  readonly [name: string]: string;
}

/** Takes what is ours out of the program's environment. */
function takeEnvironment(): Env {
  const ours = Object.entries(process.env).filter(([name]) => name.startsWith('LOCKSTEP_'));
  for (const [name] of ours) delete process.env[name];
  const env = Object.fromEntries(ours.map(([name, value]) => [name, value ?? '']));
  for (const [name, own] of [
    ['NODE_OPTIONS', env['LOCKSTEP_NODE_OPTIONS']],
    ['LD_LIBRARY_PATH', env['LOCKSTEP_LIBRARY']],
    ['LD_PRELOAD', env['LOCKSTEP_ZYGOTE']],
  ] as const) {
    const rest = (process.env[name] ?? '').replace(own ?? '', '').replace(/^[ :]+/, '');
    if (rest === '') delete process.env[name];
    else process.env[name] = rest;
  }
  return env;
}

/** Of the program's environment: what its scenario has not given. */
function usualOf(given: string): ProcessOfRun['usual'] {
  const names = given.split(',');
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !names.includes(name)));
}

/** What it was started with beside its own options (run/node-command.ts). */
function hideFlags(words: readonly string[]): void {
  const flags = new Set(words);
  process.execArgv = process.execArgv.filter((word) => !flags.delete(word));
}

/** How this process ends, where it ends by an error that nobody handles. */
function tellErrors({ gate, setting }: ProcessOfRun): void {
  process.on('uncaughtExceptionMonitor', (error) => {
    if (process.listenerCount('uncaughtException') > 0) return; // the program goes on
    gate.ends(JSON.stringify({ ...threw(error, setting.root, setting.places?.files), open: 0 }));
  });
}

type Known = Pick<ProcessOfRun, 'env' | 'setting' | 'usual'>;

/** What this process is in the run, which is known when it has begun. */
class ThisProcess implements ProcessOfRun {
  readonly gate: Gate;
  readonly thread: ThreadOfRun | undefined;
  readonly memory: SharedMemory;
  #begun: Known | undefined;
  #native: Native | undefined;

  constructor(gate: Gate, thread: ThreadOfRun | undefined) {
    this.gate = gate;
    this.thread = thread;
    this.memory = new SharedMemory(thread?.memory);
  }

  get native(): Native {
    this.#native ??= nativeOf(this.env);
    return this.#native;
  }

  get #known(): Known {
    if (this.#begun === undefined) throw new Error('This process has not entered its run.');
    return this.#begun;
  }

  get env(): Env {
    return this.#known.env;
  }

  get setting(): LaneSetting {
    return this.#known.setting;
  }

  get usual(): ProcessOfRun['usual'] {
    return this.#known.usual;
  }

  enter(env: Env): void {
    const { gate, thread } = this;
    gate.attach(thread?.in ?? env['LOCKSTEP_IN'] ?? '', thread?.out ?? env['LOCKSTEP_OUT'] ?? '');
    if (thread === undefined) gate.confine((env['LOCKSTEP_WRITABLE'] ?? '').split(':')); // others inherit it
    if (thread !== undefined) this.endsThread(env, terminatedEnding); // it may be terminated at its first step
    const setting = JSON.parse(gate.job()) as LaneSetting;
    gate.enter(setting.number, BigInt(setting.seed), setting.root);
    this.#begun = { env, setting, usual: thread?.usual ?? usualOf(env['LOCKSTEP_GIVEN'] ?? '') };
    if (thread === undefined) gate.ends(null);
  }

  /** @param text how the lane of this thread ends, unless it is told otherwise */
  endsThread(env: Env, text: string): void {
    this.#native ??= nativeOf(env);
    this.#native.ends(env['LOCKSTEP_GATE'] ?? '', text);
  }
}

/** threads.c */
function nativeOf(env: Env): Native {
  const module = { exports: {} as Native };
  real.dlopen(module, env['LOCKSTEP_THREADS'] ?? '');
  return module.exports;
}

/** SQLite with the gate: the engine under test, or the end of it. */
function open(env: Env): Database.Database {
  const control = new Database(':memory:', { nativeBinding: env['LOCKSTEP_BINDING'] ?? '' });
  control.loadExtension(env['LOCKSTEP_GATE'] ?? '');
  return control;
}

/**
 * Node has handlers of its own of these, which end it: nobody could tell them from a program's, and so when the process is dead (run/ends.ts).
 * When a listener goes, libuv puts the system's default in its place.
 */
function endBySignals(): void {
  const nothing = (): void => undefined;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, nothing).removeListener(signal, nothing);
}

/** All that no run has a say in: a zygote has it done. Result: the rest. */
function install(env: Env, control: Statements, thread?: ThreadOfRun): (env: Env) => void {
  const gate = new Gate(control);
  gate.engine(env['LOCKSTEP_SQLITE'] ?? '');
  const process_ = new ThisProcess(gate, thread);
  const waits = new Waits(process_);
  const places = installPlaces(process_);
  installChance(process_);
  installMachine();
  replaceFs(process_, places);
  const own = replaceSqlite(process_, env);
  replaceChildren(process_, places, waits);
  replacePorts(process_, waits);
  replaceAtomics(process_, waits);
  replaceLocks(process_);
  const started = replaceWorkers(process_, places, waits, own);
  refuseTheRest();
  return (entered) => {
    if (thread === undefined) endBySignals();
    process_.enter(entered);
    beginMachine();
    places.enter();
    installIds(process_);
    installClock(process_, waits, (code, isLast) => {
      started.endAll();
      if (thread !== undefined) process_.endsThread(entered, threadEnding(code));
      else if (isLast && env['LOCKSTEP_ZYGOTE'] !== undefined) process_.native.exitsWith(Number(code ?? 0));
    });
    if (thread !== undefined) return;
    tellErrors(process_);
    installInput(process_, waits, entered['LOCKSTEP_INPUT']);
    openChannel(process_, waits);
  };
}

/** In a thread that the program has started: it goes on with all that its process is told. */
function beginThread(thread: ThreadOfRun): void {
  const { env } = thread;
  const native = nativeOf(env);
  endsProcessBy(native.quit);
  const options = env['LOCKSTEP_NODE_OPTIONS'] ?? '';
  const own = (process.env['NODE_OPTIONS'] ?? '').replace(options, '').trim();
  if (own === '') delete process.env['NODE_OPTIONS'];
  else process.env['NODE_OPTIONS'] = own;
  hideFlags(options.split(' '));
  try {
    const control = thread.own === undefined ? open(env) : openOwn(thread.own, env['LOCKSTEP_GATE'] ?? '');
    install(env, control, thread)(env);
  } catch (error) {
    real.fs.writeSync(2, `lockstep: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    native.quit(exitGaveUp);
  }
}

/** Serves as a zygote where it is to be one; goes on in what that has forked. */
function begin(): void {
  if (!isMainThread) {
    const thread = takeThread();
    if (thread !== undefined) beginThread(thread); // others are Node's own, and load modules
    return;
  }
  let env = takeEnvironment();
  const { LOCKSTEP_IN: inPath, LOCKSTEP_OUT: outPath = '', LOCKSTEP_ZYGOTE: zygote } = env;
  if (inPath === undefined) return;
  if (zygote !== undefined) nativeOf(env).closesFirst();
  const control = open(env);
  const start = install(env, control);
  if (zygote !== undefined) {
    control.loadExtension(zygote);
    const isOwn = env['LOCKSTEP_SQLITE'] === OWN_ENGINE;
    serve(control, inPath, outPath, isOwn ? undefined : env['LOCKSTEP_BETTER_SQLITE3']);
    env = takeEnvironment();
  }
  hideFlags(env['LOCKSTEP_NODE_FLAGS']?.split(' ') ?? []);
  start(env);
}

try {
  begin();
} catch (error) {
  giveUp(error);
}
