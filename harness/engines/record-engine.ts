// `engines add` writes down what it added. What stays out: reading that (user-catalogue.ts).
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { cacheHome } from '../host/cache-home.js';
import { makeFolders } from '../host/make-folders.js';
import { explainCacheError } from './cache.ts';
import { waitForLockFile } from './lock-file.ts';
import { type AddedEngine, addedFile, FORMAT, readAdded } from './user-catalogue.ts';

const LOCK_LIMIT_MS = 10_000;

/**
 * Records an added version, in place of an earlier record of the same name. Safe beside other processes.
 *
 * @throws a usage error when the file is broken; a harness error when it cannot be written
 */
export async function recordAddedEngine({ name, release, sha256 }: AddedEngine): Promise<void> {
  try {
    makeFolders(cacheHome());
    using _lock = await waitForLockFile(`${addedFile()}.lock`, { limitMs: LOCK_LIMIT_MS });
    const engines = [...readAdded().filter((added) => added.name !== name), { name, release, sha256 }];
    const draft = `${addedFile()}.new`;
    rmSync(draft, { force: true }); // what a dead process left
    writeFileSync(draft, `${JSON.stringify({ format: FORMAT, engines }, null, 2)}\n`, { flag: 'wx' });
    renameSync(draft, addedFile());
  } catch (error) {
    throw explainCacheError(error);
  }
}
