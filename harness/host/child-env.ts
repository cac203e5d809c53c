// The environment of every process that Lockstep starts: nothing of the person's shell (time zone, locale, NODE_OPTIONS)
// may reach a run. What stays out: arguments, and where Node keeps what it compiled (compile-cache.js).
import { join } from 'node:path';
import { cacheHome } from './cache-home.js';
import { compileCache } from './compile-cache.js';

/** Environment of examiners, and of processes that run free. */
export function childEnv(): { readonly [name: string]: string } {
  return { TZ: 'UTC', LC_ALL: 'C', ...compileCache() };
}

/** Where Node keeps what it compiled for lanes, which may write there: nobody else runs what lies in it. */
export function laneCodeCache(): string {
  return join(cacheHome(), 'node-lanes');
}

/** @param temporary where SQLite puts its temporary files */
export function laneEnv(temporary: string): { readonly [name: string]: string } {
  return { ...childEnv(), NODE_COMPILE_CACHE: laneCodeCache(), SQLITE_TMPDIR: temporary };
}
