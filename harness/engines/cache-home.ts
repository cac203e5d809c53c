// Where Lockstep keeps what it has built or fetched. What stays out: what lies there (cache.ts, user-catalogue.ts).

import { homedir } from 'node:os';
import path from 'node:path';

/**
 * The absolute path of the cache directory: `$LOCKSTEP_CACHE`, else `$XDG_CACHE_HOME/lockstep`, else
 * `~/.cache/lockstep`. It need not exist. A relative `$XDG_CACHE_HOME` is ignored (XDG Base Directory Specification).
 */
export function cacheHome(env: NodeJS.ProcessEnv = process.env): string {
  if (env['LOCKSTEP_CACHE']) return path.resolve(env['LOCKSTEP_CACHE']);
  const xdg = env['XDG_CACHE_HOME'];
  if (xdg && path.isAbsolute(xdg)) return path.join(xdg, 'lockstep');
  return path.join(homedir(), '.cache', 'lockstep');
}
