// What Node loads before the program (`node --import`): makes this process one of a run. What stays out: what it replaces (the other
// files here), and who starts it (run/command-starter.ts).
import Database from 'better-sqlite3';
import { Gate } from '../gate-calls.ts';
import type { LaneSetting } from '../run-job.ts';
import { giveUp } from '../give-up.ts';
import { threw } from '../threw.ts';
import { installChance } from './chance.ts';
import { replaceChildren } from './children.ts';
import { installClock } from './clock.ts';
import { installPlaces } from './places.ts';
import type { ProcessOfRun } from './process-of-run.ts';
import { refuseTheRest } from './refuse.ts';
import { replaceFs } from './replace-fs.ts';
import { replaceSqlite } from './replace-sqlite.ts';
import { Waits } from './waits.ts';

/** Takes what is ours out of the program's environment. */
function takeEnvironment(): { readonly [name: string]: string } {
  const ours = Object.entries(process.env).filter(([name]) => name.startsWith('LOCKSTEP_'));
  for (const [name] of ours) delete process.env[name];
  const env = Object.fromEntries(ours.map(([name, value]) => [name, value ?? '']));
  for (const [name, own] of [
    ['NODE_OPTIONS', env['LOCKSTEP_NODE_OPTIONS']],
    ['LD_LIBRARY_PATH', env['LOCKSTEP_LIBRARY']],
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

/** How this process ends, where it ends by an error that nobody handles. */
function tellErrors({ gate, setting }: ProcessOfRun): void {
  process.on('uncaughtExceptionMonitor', (error) => {
    if (process.listenerCount('uncaughtException') > 0) return; // the program goes on
    gate.ends(JSON.stringify({ ...threw(error, setting.root, setting.places?.files), open: 0 }));
  });
}

function start(env: { readonly [name: string]: string }): void {
  const { LOCKSTEP_GATE: library = '', LOCKSTEP_BINDING: binding = '', LOCKSTEP_WRITABLE: writable = '' } = env;
  const control = new Database(':memory:', { nativeBinding: binding });
  control.loadExtension(library);
  const gate = new Gate(control);
  gate.engine(env['LOCKSTEP_SQLITE'] ?? '');
  gate.attach(env['LOCKSTEP_IN'] ?? '', env['LOCKSTEP_OUT'] ?? '');
  gate.confine(writable.split(':'));
  const setting = JSON.parse(gate.job()) as LaneSetting;
  gate.enter(setting.number, BigInt(setting.seed), setting.root);
  gate.ends(null);
  const process_: ProcessOfRun = { gate, setting, env, usual: usualOf(env['LOCKSTEP_GIVEN'] ?? '') };
  const waits = new Waits(process_);
  const places = installPlaces(process_);
  installChance(process_);
  replaceFs(process_, places);
  replaceSqlite(binding, env['LOCKSTEP_BETTER_SQLITE3'] ?? '');
  replaceChildren(process_, places, waits);
  refuseTheRest();
  installClock(process_, waits);
  tellErrors(process_);
}

const env = takeEnvironment();
if (env['LOCKSTEP_IN'] !== undefined) {
  try {
    start(env);
  } catch (error) {
    giveUp(error);
  }
}
