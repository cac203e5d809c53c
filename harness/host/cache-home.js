// Where Lockstep keeps what it has built or fetched. In plain JavaScript, as compile-cache.js says. What stays out: what lies
// there (cache.ts, user-catalogue.ts).

import { homedir, userInfo } from 'node:os';
import path from 'node:path';

/**
 * A person's home: an empty or relative `$HOME` names none. Where even the system knows none: `/`, as containers have it.
 *
 * @returns {string}
 */
function home() {
  for (const find of [homedir, () => userInfo().homedir]) {
    try {
      const found = find();
      if (path.isAbsolute(found)) return found;
    } catch {
      // No `$HOME`, and the user has no entry in the system's list.
    }
  }
  return '/';
}

/**
 * The absolute path of the cache directory: `$LOCKSTEP_CACHE`, else `$XDG_CACHE_HOME/lockstep`, else
 * `~/.cache/lockstep`. It need not exist, and may not be writable. A relative `$XDG_CACHE_HOME` is ignored (XDG Base
 * Directory Specification).
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {string}
 */
export function cacheHome(env = process.env) {
  if (env['LOCKSTEP_CACHE']) return path.resolve(env['LOCKSTEP_CACHE']);
  const xdg = env['XDG_CACHE_HOME'];
  if (xdg && path.isAbsolute(xdg)) return path.join(xdg, 'lockstep');
  return path.join(home(), '.cache', 'lockstep');
}
