// Makes engines available: finds the shipped one, finds built ones in the cache, builds the missing ones. What stays
// out: fetching sources from the network, which only `engines add` does (add.ts).

import { OWN_ENGINE } from '../model/process.ts';
import { LockstepError, usageError } from '../errors/errors.ts';
import { type ArtifactId, artifactKey, cachedArtifact, lookAt } from './cache.ts';
import { type CatalogueEntry, PREBUILT_ENGINE } from './catalogue.ts';
import {
  BINDING_FILE,
  COMPILE_RECIPE,
  compileBinding,
  compileSqlite,
  SQLITE_OBJECT,
  SQLITE_RECIPE,
} from './compile.ts';
import { type Engine, type EngineId, engineName, getEntry, parseEngineName } from './engine.ts';
import { packageVersion } from './package-dir.ts';
import { prebuiltBinding, prebuiltHash } from './prebuilt.ts';
import { type Progress, silent } from './progress.ts';
import { SHM_MARK_CODE } from './shm-marks.ts';
import { findSource, type SqliteSource } from './source.ts';

/**
 * `needs-build`: compiled on first use, as is what is `damaged` in the cache. `needs-fetch`: known, but its source is not here;
 * `lockstep engines add` brings it. `needs-reinstall`: damaged in node_modules. `foreign`: another user's, in a shared cache.
 */
export type EngineStatus = 'ready' | 'needs-build' | 'damaged' | 'needs-fetch' | 'needs-reinstall' | 'foreign';

/**
 * @property progress hears of builds; silence when all are ready
 * @property signal ends builds, and the wait for another's
 */
export interface EnsureOptions {
  readonly progress?: Progress;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Returns the named engines, and first compiles those that are missing, beside each other as far as there are
 * processors. Never touches the network.
 *
 * @param names such as `3.50.4` or `3.51.2+shm`; each counts once
 * @returns the engines by name, in the order of `names`
 * @throws a usage error for an unknown name or a source that was not fetched; harness errors of a build or the cache.
 *   One failure does not stop the other builds, which later calls find done. The signal's reason, when nothing of a build runs
 *   or is left any more.
 */
export async function ensureEngines(
  names: readonly string[],
  options: EnsureOptions = {},
): Promise<Map<string, Engine>> {
  const wanted = [...new Set(names)].map((name) => locate(parseEngineName(name)));
  const outcomes = await Promise.allSettled(wanted.map((located) => makeEngine(located, options)));
  const engines = outcomes.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  });
  return new Map(engines.map((engine) => [engine.name, engine]));
}

/**
 * Tells whether an engine can be used at once, without doing anything about it.
 *
 * @throws a usage error for an unknown name; a harness error where this process may open, or hold, no more
 */
export function engineStatus(name: string): EngineStatus {
  if (name === OWN_ENGINE) return 'ready';
  const id = parseEngineName(name);
  try {
    const located = locate(id);
    if (located.prebuilt !== undefined) {
      prebuiltHash(located.prebuilt); // throws for a damaged one
      return 'ready';
    }
    if (!located.source) return 'needs-fetch';
    const state = lookAt(bindingArtifact(located, located.source));
    return state === 'whole' ? 'ready' : state === 'missing' ? 'needs-build' : state;
  } catch (error) {
    if (error instanceof LockstepError && error.code === 'INSTALLATION_DAMAGED') return 'needs-reinstall';
    throw error;
  }
}

interface Located {
  readonly id: EngineId;
  readonly entry: CatalogueEntry;
  readonly prebuilt: string | undefined;
  readonly source: SqliteSource | undefined;
}

function locate(id: EngineId): Located {
  const entry = getEntry(id.version);
  const shipped = id.variant === 'plain' && id.version === PREBUILT_ENGINE;
  return { id, entry, prebuilt: shipped ? prebuiltBinding() : undefined, source: findSource(entry) };
}

async function makeEngine(located: Located, { progress = silent, signal }: EnsureOptions): Promise<Engine> {
  const { id, entry, prebuilt, source } = located;
  const name = engineName(id);
  if (prebuilt !== undefined) return { ...id, name, binding: prebuilt, hash: prebuiltHash(prebuilt) };
  if (!source) throw notFetchedError(entry);

  const artifact = bindingArtifact(located, source);
  const label = `engine ${name}`;
  const binding = await cachedArtifact({
    ...artifact,
    label,
    progress,
    signal,
    build: (dir) => {
      progress(`${label}: compiling its binding for Node (half a minute, once)`);
      const sqlite = (told: AbortSignal) => makeObject(located, source, { progress, signal: told });
      return compileBinding(id, entry, sqlite, source, dir, signal);
    },
  });
  return { ...id, name, binding, hash: artifactKey(artifact) };
}

/**
 * The object of an engine's SQLite, compiled when it is missing: to link it into a program of our own.
 *
 * @param name such as `3.50.4` or `3.51.2+shm`
 * @returns its absolute path
 * @throws as {@link ensureEngines}
 */
export function sqliteObject(name: string, options: EnsureOptions = {}): Promise<string> {
  const { source, ...located } = engineSource(name);
  return makeObject(located, source, options);
}

/**
 * What an engine is compiled from.
 *
 * @param name such as `3.50.4` or `3.51.2+shm`
 * @throws a usage error for an unknown name, or a source that was not fetched
 */
export function engineSource(name: string): {
  readonly id: EngineId;
  readonly entry: CatalogueEntry;
  readonly source: SqliteSource;
} {
  const { id, entry, source } = locate(parseEngineName(name));
  if (!source) throw notFetchedError(entry);
  return { id, entry, source };
}

function makeObject(
  { id, entry }: Pick<Located, 'id' | 'entry'>,
  source: SqliteSource,
  { progress = silent, signal }: EnsureOptions,
): Promise<string> {
  const label = `engine ${engineName(id)}`;
  return cachedArtifact({
    kind: 'sqlite',
    inputs: [...sourceInputs(id, entry, source), SQLITE_RECIPE],
    fileName: SQLITE_OBJECT,
    label,
    progress,
    signal,
    build: (dir) => {
      progress(`${label}: compiling SQLite (about a minute, once)`);
      return compileSqlite(id, entry, source, dir, signal);
    },
  });
}

/** Of the source of SQLite, all that matters. */
function sourceInputs(id: EngineId, entry: CatalogueEntry, source: SqliteSource): ArtifactId['inputs'] {
  return [entry.sha256, id.variant === 'shm' ? `shm ${SHM_MARK_CODE}` : 'plain', { file: source.defines }];
}

/** The compiler is not an input: two compilers make the same SQLite, and a built engine serves where there is none. */
function bindingArtifact({ id, entry }: Located, source: SqliteSource): ArtifactId {
  const packages = ['better-sqlite3', 'node-addon-api', 'node-api-headers'];
  return {
    kind: 'engine',
    inputs: [
      ...sourceInputs(id, entry, source),
      ...packages.map((name) => `${name}@${packageVersion(name)}`),
      COMPILE_RECIPE,
    ],
    fileName: BINDING_FILE,
  };
}

function notFetchedError(entry: CatalogueEntry): Error {
  return usageError(
    'ENGINE_NOT_ADDED',
    `The source of SQLite ${entry.name} is not on this machine yet, or was damaged in the cache.`,
    `Run \`lockstep engines add ${entry.name}\`, which fetches it from the npm registry (better-sqlite3 ${entry.release}).`,
  );
}
