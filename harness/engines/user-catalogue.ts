// The SQLite versions that a user added: a small JSON file in the cache directory, written by `engines add`. It
// pins the hash of what was fetched, so that the same name means the same source later. What stays out: the sources
// themselves (source.ts).

import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { usageError } from '../errors.ts';
import { machineLimit } from '../machine-limits.ts';
import { makeFolders } from '../make-folders.ts';
import { readRegular } from '../regular-file.ts';
import { explainCacheError } from './cache.ts';
import { cacheHome } from './cache-home.ts';
import type { CatalogueEntry } from './catalogue.ts';
import { hasWalResetBug } from './wal-reset-bug.ts';

const FORMAT = 1;
const LOCK_LIMIT_MS = 10_000;
const BYTES_MAX = 1024 * 1024;

const fileSchema = z.strictObject({
  format: z.literal(FORMAT),
  engines: z.array(
    z.strictObject({
      name: z.string().regex(/^3\.\d+\.\d+$/),
      release: z.string().regex(/^\d+\.\d+\.\d+$/),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  ),
});

type AddedEngine = z.infer<typeof fileSchema>['engines'][number];

const filePath = (): string => path.join(cacheHome(), 'engines.json');

/**
 * The entries that were added on this machine; none when nothing was.
 *
 * @throws a usage error when the file is not what this version of Lockstep writes
 */
export function userCatalogue(): readonly CatalogueEntry[] {
  return readAdded().map((added) => ({
    ...added,
    walResetBug: hasWalResetBug(added.name),
    says: `added here; ${hasWalResetBug(added.name) ? 'has the WAL-reset bug' : 'WAL-reset bug fixed'}`,
  }));
}

/**
 * Records an added version, in place of an earlier record of the same name. Safe beside other processes.
 *
 * @throws a usage error when the file is broken; a harness error when it cannot be written
 */
export async function recordAddedEngine({ name, release, sha256 }: AddedEngine): Promise<void> {
  const { waitForLockFile } = await import('./lock-file.ts');
  try {
    makeFolders(cacheHome());
    using _lock = await waitForLockFile(`${filePath()}.lock`, { limitMs: LOCK_LIMIT_MS });
    const engines = [...readAdded().filter((added) => added.name !== name), { name, release, sha256 }];
    const draft = `${filePath()}.new`;
    rmSync(draft, { force: true }); // what a dead process left
    writeFileSync(draft, `${JSON.stringify({ format: FORMAT, engines }, null, 2)}\n`, { flag: 'wx' });
    renameSync(draft, filePath());
  } catch (error) {
    throw explainCacheError(error);
  }
}

function readAdded(): readonly AddedEngine[] {
  if (!existsSync(filePath())) return [];
  try {
    return fileSchema.parse(JSON.parse(readRegular(filePath(), BYTES_MAX).toString())).engines;
  } catch (error) {
    const limit = machineLimit(error, `The list of added engines, ${filePath()}, could not be read`);
    if (limit !== undefined) throw limit;
    throw usageError(
      'ENGINE_LIST_BROKEN',
      `The list of added engines, ${filePath()}, cannot be read: ${describe(error)}.`,
      'Delete that file and add the engines again with `lockstep engines add`.',
      error,
    );
  }
}

function describe(error: unknown): string {
  if (error instanceof z.ZodError) {
    return error.issues.map((issue) => `${issue.path.join('.') || 'the document'}: ${issue.message}`).join('; ');
  }
  return error instanceof Error ? error.message : String(error);
}
