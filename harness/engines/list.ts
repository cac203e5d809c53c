// What `lockstep engines` and `lockstep list` show. What stays out: how it is printed.

import { DEFAULT_ENGINE } from './catalogue.ts';
import { allEntries } from './engine.ts';
import { type EngineStatus, engineStatus } from './ensure.ts';

/** A status as a person reads it. */
export const statusSays: { readonly [status in EngineStatus]: string } = {
  ready: 'ready',
  'needs-build': 'needs-build',
  'needs-fetch': 'needs-fetch',
  damaged: 'damaged: will be built anew',
  'needs-reinstall': 'damaged: reinstall with `npm ci`',
  foreign: "another user's: set LOCKSTEP_CACHE",
};

/** One plain engine; each can also be asked for with `+shm`. `release` is the better-sqlite3 release it comes from. */
export interface EngineListing {
  readonly name: string;
  readonly release: string;
  readonly status: EngineStatus;
  readonly walResetBug: boolean;
  readonly isDefault: boolean;
  readonly says: string;
}

/**
 * All known engines, oldest first, without building or fetching any.
 *
 * @throws a usage error when the list of added engines is broken
 */
export function listEngines(): readonly EngineListing[] {
  return allEntries().map(({ name, release, walResetBug, says }) => ({
    name,
    release,
    status: engineStatus(name),
    walResetBug,
    isDefault: name === DEFAULT_ENGINE,
    says,
  }));
}
