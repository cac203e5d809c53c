// The environment of every process that Lockstep starts: nothing of the person's shell (time zone, locale, NODE_OPTIONS)
// may reach a run. What stays out: arguments, and where Node keeps what it compiled (compile-cache.js).
import { join } from 'node:path';
import { cacheHome } from './cache-home.js';
import { compileCache } from './compile-cache.js';

/** Environment of examiners, and of processes that run free. */
export function childEnv(): { readonly [name: string]: string } {
  return { TZ: 'UTC', LC_ALL: 'C', ...compileCache() };
}

/** What says where runs are made and what was built is kept (cache-home.js, run/workplace.ts, os.tmpdir), and where programs lie. */
const places = ['HOME', 'LOCKSTEP_CACHE', 'LOCKSTEP_RUNS', 'PATH', 'TMPDIR', 'XDG_CACHE_HOME'];

/** Environment of processes of ours that make runs themselves, or try what runs need: the same places, and no more. */
export function coordinatorEnv(): { readonly [name: string]: string } {
  const given = places.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(given), ...childEnv() };
}

/** Where Node keeps what it compiled for lanes, which may write there: nobody else runs what lies in it. */
export function laneCodeCache(): string {
  return join(cacheHome(), 'node-lanes');
}

/** @param temporary where SQLite puts its temporary files */
export function laneEnv(temporary: string): { readonly [name: string]: string } {
  const env = childEnv();
  const kept = 'NODE_COMPILE_CACHE' in env ? { NODE_COMPILE_CACHE: laneCodeCache() } : {};
  return { ...env, ...kept, SQLITE_TMPDIR: temporary };
}
