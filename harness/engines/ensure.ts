// Makes engines available: finds the shipped one, finds built ones in the cache, builds the missing ones. What stays
// out: fetching sources from the network, which only `engines add` does (add.ts).

import { existsSync } from 'node:fs';
import { usageError } from '../errors.ts';
import { type ArtifactId, artifactKey, artifactPath, cachedArtifact } from './cache.ts';
import { type CatalogueEntry, PREBUILT_ENGINE } from './catalogue.ts';
import { BINDING_FILE, COMPILE_RECIPE, compileBinding } from './compile.ts';
import { type Engine, type EngineId, engineName, getEntry, parseEngineName } from './engine.ts';
import { packageVersion } from './package-dir.ts';
import { prebuiltBinding, prebuiltHash } from './prebuilt.ts';
import { type Progress, silent } from './progress.ts';
import { SHM_MARK_CODE } from './shm-marks.ts';
import { findSource, type SqliteSource } from './source.ts';

/** `needs-fetch`: known, but its source is not here; `lockstep engines add` brings it. */
export type EngineStatus = 'ready' | 'needs-build' | 'needs-fetch';

/**
 * Returns the named engines, and first compiles those that are missing, beside each other as far as there are
 * processors. Never touches the network.
 *
 * @param names such as `3.50.4` or `3.51.2+shm`; each counts once
 * @param options.progress hears of builds; silence when all are ready
 * @returns the engines by name, in the order of `names`
 * @throws a usage error for an unknown name or a source that was not fetched; harness errors of a build or the cache.
 *   One failure does not stop the other builds, which later calls find done.
 */
export async function ensureEngines(
  names: readonly string[],
  { progress = silent }: { readonly progress?: Progress } = {},
): Promise<Map<string, Engine>> {
  const wanted = [...new Set(names)].map(locate);
  const outcomes = await Promise.allSettled(wanted.map((located) => makeEngine(located, progress)));
  const engines = outcomes.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  });
  return new Map(engines.map((engine) => [engine.name, engine]));
}

/**
 * Tells whether an engine can be used at once, without doing anything about it.
 *
 * @throws a usage error for an unknown name
 */
export function engineStatus(name: string): EngineStatus {
  const located = locate(name);
  if (located.prebuilt !== undefined) return 'ready';
  if (!located.source) return 'needs-fetch';
  return existsSync(artifactPath(bindingArtifact(located, located.source))) ? 'ready' : 'needs-build';
}

interface Located {
  readonly id: EngineId;
  readonly entry: CatalogueEntry;
  readonly prebuilt: string | undefined;
  readonly source: SqliteSource | undefined;
}

function locate(name: string): Located {
  const id = parseEngineName(name);
  const entry = getEntry(id.version);
  const shipped = id.variant === 'plain' && id.version === PREBUILT_ENGINE;
  return { id, entry, prebuilt: shipped ? prebuiltBinding() : undefined, source: findSource(entry) };
}

async function makeEngine(located: Located, progress: Progress): Promise<Engine> {
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
    build: (dir) => {
      progress(`${label}: compiling SQLite (about a minute, once)`);
      return compileBinding(id, entry, source, dir);
    },
  });
  return { ...id, name, binding, hash: artifactKey(artifact) };
}

/** The compiler is not an input: two compilers make the same SQLite, and a built engine serves where there is none. */
function bindingArtifact({ id, entry }: Located, source: SqliteSource): ArtifactId {
  const packages = ['better-sqlite3', 'node-addon-api', 'node-api-headers'];
  return {
    kind: 'engine',
    inputs: [
      entry.sha256,
      id.variant === 'shm' ? `shm ${SHM_MARK_CODE}` : 'plain',
      { file: source.defines },
      ...packages.map((name) => `${name}@${packageVersion(name)}`),
      COMPILE_RECIPE,
    ],
    fileName: BINDING_FILE,
  };
}

function notFetchedError(entry: CatalogueEntry): Error {
  return usageError(
    'ENGINE_NOT_ADDED',
    `The source of SQLite ${entry.name} is not on this machine yet.`,
    `Run \`lockstep engines add ${entry.name}\`, which fetches it from the npm registry (better-sqlite3 ${entry.release}).`,
  );
}
