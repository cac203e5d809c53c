// `lockstep engines add`: makes a SQLite version available that did not come with the installation. The only place
// in this room that uses the network. What stays out: building (ensure.ts).

import { copyFile, readFile } from 'node:fs/promises';
import path from 'node:path';
import { usageError } from '../errors/errors.ts';
import { cachedArtifact } from './cache.ts';
import type { CatalogueEntry } from './catalogue.ts';
import { allEntries, compareVersions, type Engine, findEntry } from './engine.ts';
import { sha256 } from './digests.ts';
import { ensureEngines, type EnsureOptions } from './ensure.ts';
import { fetchRelease } from './fetch-release.ts';
import { silent } from './progress.ts';
import { inScratch } from './scratch.ts';
import { findSource, readVerified, sourceArtifact } from './source.ts';
import { headerConstant } from './sqlite-header.ts';
import { recordAddedEngine } from './record-engine.ts';
import { hasWalResetBug } from './wal-reset-bug.ts';

/** better-sqlite3 13's binding fills in `sqlite3_module.xIntegrity`, which came with this version (changes.html). */
const OLDEST_SQLITE = '3.44.0';

/**
 * Adds a SQLite version: fetches its source when it is not here, records it when it is not in the catalogue, builds it.
 *
 * @param spec a SQLite version (`3.51.1`), or the better-sqlite3 release that carries it (`12.5.0`)
 * @returns the plain engine; its deep variant is built when it is first asked for
 * @throws usage errors: not a version, a SQLite version that no known release carries, a release that does not exist,
 *   is too old, or carries a version that another release carries already; harness errors: no network, no compiler, a source that
 *   is not the one in the catalogue, the cache; the signal's reason
 */
export async function addEngine(spec: string, options: EnsureOptions = {}): Promise<Engine> {
  const entry = knownEntry(spec) ?? (await adoptRelease(spec, options));
  if (!findSource(entry)) await fetchSource(entry, options, (dir) => fetchRelease(entry.release, dir, options.signal));
  const engines = await ensureEngines([entry.name], options);
  return engines.get(entry.name) as Engine;
}

/** The entry that `spec` names; undefined when it is a better-sqlite3 release that is not known. */
function knownEntry(spec: string): CatalogueEntry | undefined {
  if (!/^\d+\.\d+\.\d+$/.test(spec)) {
    throw usageError(
      'NOT_A_VERSION',
      `"${spec}" is neither a SQLite version nor a better-sqlite3 release.`,
      'Give three numbers: a SQLite version such as 3.51.1, or a better-sqlite3 release such as 12.5.0. The +shm variant needs no adding.',
    );
  }
  const entry = allEntries().find(({ name, release }) => name === spec || release === spec);
  if (!entry && spec.startsWith('3.')) throw unknownSqliteError(spec);
  return entry;
}

/** Fetches a release that is not known, learns which SQLite it carries, and records it. */
async function adoptRelease(release: string, { progress = silent, signal }: EnsureOptions): Promise<CatalogueEntry> {
  return inScratch(async (work) => {
    progress(`better-sqlite3 ${release}: fetching from the npm registry`);
    await fetchRelease(release, work, signal);
    const entry = await describeRelease(release, work);
    const known = findEntry(entry.name);
    if (known?.sha256 === entry.sha256) return known;
    if (known) throw nameTakenError(entry, known);
    await fetchSource(entry, { signal }, async (dir) => {
      for (const file of ['sqlite3.c', 'sqlite3.h', 'defines.gypi'])
        await copyFile(path.join(work, file), path.join(dir, file));
    });
    await recordAddedEngine(entry);
    return entry;
  });
}

async function describeRelease(release: string, dir: string): Promise<CatalogueEntry> {
  const name = headerConstant(await readFile(path.join(dir, 'sqlite3.h'), 'utf8'), 'SQLITE_VERSION') ?? 'unknown';
  if (compareVersions(name, OLDEST_SQLITE) < 0) throw tooOldError(release, name);
  const source = await readFile(path.join(dir, 'sqlite3.c'));
  return { name, release, sha256: sha256(source), walResetBug: hasWalResetBug(name), says: 'added here' };
}

/** Puts an entry's source into the cache, where findSource sees it, after its hash was checked. */
async function fetchSource(
  entry: CatalogueEntry,
  { progress = silent, signal }: EnsureOptions,
  fill: (dir: string) => Promise<void>,
): Promise<void> {
  const label = `SQLite ${entry.name}`;
  await cachedArtifact({
    ...sourceArtifact(entry),
    label,
    progress,
    signal,
    build: async (dir) => {
      progress(`${label}: fetching better-sqlite3 ${entry.release} from the npm registry`);
      await fill(dir);
      readVerified(path.join(dir, 'sqlite3.c'), entry);
    },
  });
}

function unknownSqliteError(version: string): Error {
  const known = allEntries().map(({ name, release }) => `${name} (${release})`);
  return usageError(
    'UNKNOWN_SQLITE',
    `Lockstep does not know which better-sqlite3 release carries SQLite ${version}. Known are ${known.join(', ')}.`,
    'Give the better-sqlite3 release instead, if there is one; its release notes name the SQLite version.',
  );
}

function tooOldError(release: string, version: string): Error {
  return usageError(
    'SQLITE_TOO_OLD',
    `better-sqlite3 ${release} carries SQLite ${version}; Lockstep runs ${OLDEST_SQLITE} and newer.`,
    'Give a newer release.',
  );
}

function nameTakenError(found: CatalogueEntry, known: CatalogueEntry): Error {
  return usageError(
    'ENGINE_NAME_TAKEN',
    `better-sqlite3 ${found.release} carries SQLite ${found.name} in another form than ${known.release}, from which Lockstep takes it.`,
    `Use the known one: \`lockstep engines add ${known.name}\`.`,
  );
}
