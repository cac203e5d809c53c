// The SQLite versions that a user added: a small JSON file in the cache directory. It pins the hash of what was fetched, so that the same
// name means the same source later. What stays out: writing it (record-engine.ts) and the sources themselves (source.ts).

import { existsSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { type LockstepError, usageError } from '../errors/errors.ts';
import { machineLimit } from '../errors/machine-limits.ts';
import { boundedList } from '../model/reading/bounded-list.ts';
import { complaintsText } from '../model/reading/complaints.ts';
import { readJson } from '../model/reading/json-text.ts';
import { readRegular } from '../host/regular-file.ts';
import { cacheHome } from '../host/cache-home.js';
import type { CatalogueEntry } from './catalogue.ts';
import { hasWalResetBug } from './wal-reset-bug.ts';

export const FORMAT = 1;
const BYTES_MAX = 1024 * 1024;

const fileSchema = z.strictObject({
  format: z.literal(FORMAT),
  engines: boundedList(
    z.strictObject({
      name: z.string().regex(/^3\.\d{1,4}\.\d{1,4}$/),
      release: z.string().regex(/^\d{1,6}\.\d{1,6}\.\d{1,6}$/),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
    }),
    1000,
    'engines',
  ),
});

export type AddedEngine = z.infer<typeof fileSchema>['engines'][number];

export const addedFile = (): string => path.join(cacheHome(), 'engines.json');

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

/** What the file says; nothing where there is none. */
export function readAdded(): readonly AddedEngine[] {
  if (!existsSync(addedFile())) return [];
  let text: string;
  try {
    text = readRegular(addedFile(), BYTES_MAX).toString();
  } catch (error) {
    const limit = machineLimit(error, `The list of added engines, ${addedFile()}, could not be read`);
    if (limit !== undefined) throw limit;
    throw broken(`cannot be read: ${error instanceof Error ? error.message : String(error)}.`, error);
  }
  return parseAdded(text);
}

/** @throws a usage error when the text is not what this version of Lockstep writes */
function parseAdded(text: string): readonly AddedEngine[] {
  const read = readJson(text);
  if (read.problem !== undefined) throw broken(`${read.says}.`);
  const parsed = fileSchema.safeParse(read.json);
  if (!parsed.success) throw broken(`is not valid:\n${complaintsText(parsed.error)}`, parsed.error);
  return parsed.data.engines;
}

function broken(what: string, cause?: unknown): LockstepError {
  return usageError(
    'ENGINE_LIST_BROKEN',
    `The list of added engines, ${addedFile()}, ${what}`,
    'Delete that file and add the engines again with `lockstep engines add`.',
    cause,
  );
}
