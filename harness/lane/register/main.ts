// What Node loads before the program (`node --import`): makes this process one of a run. What stays out: what it replaces (the other
// files here), and who starts it (run/command-starter.ts).
import Database from 'better-sqlite3';
import { Gate } from '../gate-calls.ts';
import type { LaneSetting } from '../run-job.ts';
import { giveUp } from '../give-up.ts';
import { threw } from '../threw.ts';
import { installChance, installIds } from './chance.ts';
import { replaceChildren } from './children.ts';
import { installClock } from './clock.ts';
import { beginMachine, installMachine } from './machine.ts';
import { installPlaces } from './places.ts';
import type { ProcessOfRun } from './process-of-run.ts';
import { refuseTheRest } from './refuse.ts';
import { replaceFs } from './replace-fs.ts';
import { replaceSqlite } from './replace-sqlite.ts';
import { Waits } from './waits.ts';
import { serve } from './zygote.ts';

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
function hideFlags(env: Env): void {
  const flags = new Set(env['LOCKSTEP_NODE_FLAGS']?.split(' '));
  process.execArgv = process.execArgv.filter((word) => !flags.delete(word));
}

/** How this process ends, where it ends by an error that nobody handles. */
function tellErrors({ gate, setting }: ProcessOfRun): void {
  process.on('uncaughtExceptionMonitor', (error) => {
    if (process.listenerCount('uncaughtException') > 0) return; // the program goes on
    gate.ends(JSON.stringify({ ...threw(error, setting.root, setting.places?.files), open: 0 }));
  });
}

/** What this process is in the run, which is known when it has begun. */
class ThisProcess implements ProcessOfRun {
  readonly gate: Gate;
  #begun: Omit<ProcessOfRun, 'gate'> | undefined;

  constructor(gate: Gate) {
    this.gate = gate;
  }

  get #known(): Omit<ProcessOfRun, 'gate'> {
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
    const { gate } = this;
    gate.attach(env['LOCKSTEP_IN'] ?? '', env['LOCKSTEP_OUT'] ?? '');
    gate.confine((env['LOCKSTEP_WRITABLE'] ?? '').split(':'));
    const setting = JSON.parse(gate.job()) as LaneSetting;
    gate.enter(setting.number, BigInt(setting.seed), setting.root);
    gate.ends(null);
    this.#begun = { env, setting, usual: usualOf(env['LOCKSTEP_GIVEN'] ?? '') };
  }
}

/** SQLite with the gate: the engine under test, or the end of it. */
function open(env: Env): Database.Database {
  const control = new Database(':memory:', { nativeBinding: env['LOCKSTEP_BINDING'] ?? '' });
  control.loadExtension(env['LOCKSTEP_GATE'] ?? '');
  return control;
}

/** All that no run has a say in: a zygote has it done. Result: the rest. */
function install(env: Env, control: Database.Database): (env: Env) => void {
  const gate = new Gate(control);
  gate.engine(env['LOCKSTEP_SQLITE'] ?? '');
  const process_ = new ThisProcess(gate);
  const waits = new Waits(process_);
  const places = installPlaces(process_);
  installChance(process_);
  installMachine();
  replaceFs(process_, places);
  replaceSqlite(gate, env);
  replaceChildren(process_, places, waits);
  refuseTheRest();
  return (own) => {
    process_.enter(own);
    beginMachine();
    places.enter();
    installIds(process_);
    installClock(process_, waits);
    tellErrors(process_);
  };
}

/** Serves as a zygote where it is to be one; goes on in what that has forked. */
function begin(): void {
  let env = takeEnvironment();
  const { LOCKSTEP_IN: inPath, LOCKSTEP_OUT: outPath = '', LOCKSTEP_ZYGOTE: zygote } = env;
  if (inPath === undefined) return;
  const control = open(env);
  const start = install(env, control);
  if (zygote !== undefined) {
    control.loadExtension(zygote);
    serve(control, inPath, outPath);
    env = takeEnvironment();
  }
  hideFlags(env);
  start(env);
}

try {
  begin();
} catch (error) {
  giveUp(error);
}
