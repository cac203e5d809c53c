// The artefact cache: what was built once is not built again. An artefact is a directory with one main file, named
// after the hash of everything it was made from; it is built beside its place and moved there in one rename, so it
// is either whole or absent. One process builds, the others wait for it. What stays out: what is built, and how.
//
//   <cache>/<kind>/<key>/<fileName>   a finished artefact
//   <cache>/<kind>/<key>.lock         held by its builder (flock, so a dead builder holds nothing)
//   <cache>/<kind>/<key>.tmp-XXXXXX/  being built, or left by a builder that died

import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, open, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { harnessError, LockstepError } from '../errors.ts';
import { cacheHome } from './cache-home.ts';
import { libcName } from './libc.ts';
import { type Progress, silent } from './progress.ts';

/** Longer than the limits of all compiler runs of one build together. */
const WAIT_LIMIT_MS = 30 * 60_000;

/**
 * What names an artefact.
 *
 * @property kind a folder name: `engine`, `gate`
 * @property inputs all that the result depends on, in a fixed order: text, bytes, or a file by its contents
 * @property fileName the main file of the artefact
 */
export interface ArtifactId {
  readonly kind: string;
  readonly inputs: readonly (string | Uint8Array | { readonly file: string })[];
  readonly fileName: string;
}

/**
 * @property build writes the artefact into the empty directory `dir`; the main file must be there when it resolves
 * @property label how progress lines name the artefact
 */
export interface ArtifactRequest extends ArtifactId {
  readonly build: (dir: string) => Promise<void>;
  readonly label: string;
  readonly progress?: Progress;
}

/** An artefact's name: the sha256, in hexadecimal, over kind, inputs, file name, platform, processor and C library. */
export function artifactKey({ kind, inputs, fileName }: ArtifactId): string {
  const hash = createHash('sha256');
  const add = (part: string | Uint8Array): void => {
    hash.update(`${Buffer.byteLength(part)}:`).update(part);
  };
  for (const part of [kind, fileName, process.platform, process.arch, libcName()]) add(part);
  for (const input of inputs) add(typeof input === 'object' && 'file' in input ? readFileSync(input.file) : input);
  return hash.digest('hex');
}

/** The absolute path at which an artefact's main file lies once it is built. */
export function artifactPath(id: ArtifactId): string {
  return path.join(cacheHome(), id.kind, artifactKey(id), id.fileName);
}

/**
 * Returns the absolute path of an artefact's main file, and builds the artefact first when it is missing.
 *
 * @throws a harness error when the cache cannot be written or is full; whatever `build` throws
 */
export async function cachedArtifact(request: ArtifactRequest): Promise<string> {
  const file = artifactPath(request);
  if (existsSync(file)) return file;
  try {
    await buildUnderLock(request, path.dirname(file));
  } catch (error) {
    throw explainCacheError(error);
  }
  return file;
}

async function buildUnderLock(request: ArtifactRequest, finalDir: string): Promise<void> {
  const { progress = silent, label } = request;
  // Loaded only here: koffi takes 20 ms, and most calls find their artefact.
  const { waitForLockFile } = await import('./lock-file.ts');
  await mkdir(path.dirname(finalDir), { recursive: true });
  using _lock = await waitForLockFile(`${finalDir}.lock`, WAIT_LIMIT_MS, () =>
    progress(`${label}: another process is building it, waiting`),
  );
  if (existsSync(path.join(finalDir, request.fileName))) return;
  await sweep(path.dirname(finalDir), path.basename(finalDir));

  const dir = await mkdtemp(`${finalDir}.tmp-`);
  try {
    await request.build(dir);
    await syncFile(path.join(dir, request.fileName));
    await rm(finalDir, { recursive: true, force: true });
    await rename(dir, finalDir);
  } catch (error) {
    await rm(dir, { recursive: true, force: true });
    throw error;
  }
}

/** Removes what dead builders left: all of `ownKey`, whose lock is held, and of each other key that nobody builds. */
async function sweep(kindDir: string, ownKey: string): Promise<void> {
  const { tryLockFile } = await import('./lock-file.ts');
  for (const entry of await readdir(kindDir)) {
    const key = /^([0-9a-f]{64})\.tmp-/.exec(entry)?.[1];
    if (key === undefined) continue;
    using lock = key === ownKey ? undefined : tryLockFile(path.join(kindDir, `${key}.lock`));
    if (lock || key === ownKey) await rm(path.join(kindDir, entry), { recursive: true, force: true });
  }
}

/** Flushes a file before the rename makes it visible: after a power loss a visible artefact must not be empty. */
async function syncFile(file: string): Promise<void> {
  const handle = await open(file, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Turns a file system error that concerns the cache into a sentence; returns others as they are. */
export function explainCacheError(error: unknown): unknown {
  if (error instanceof LockstepError || !(error instanceof Error) || !('code' in error)) return error;
  if (error.code === 'ENOSPC' || error.code === 'EDQUOT') return cacheFullError(error);
  if (!('path' in error && typeof error.path === 'string' && error.path.startsWith(cacheHome()))) return error;
  return harnessError(
    'CACHE_UNWRITABLE',
    `The cache directory ${cacheHome()} cannot be written: ${error.message}.`,
    'Make it writable, or set LOCKSTEP_CACHE to a directory that is.',
    error,
  );
}

/** The error for a cache without space, which a build may also meet inside a compiler. */
export function cacheFullError(cause: unknown): LockstepError {
  return harnessError(
    'CACHE_FULL',
    `There is no space left for ${cacheHome()}.`,
    'Free some space there and in the temporary directory (an engine takes 2 MB, compiling it some 30 MB for a while), or set LOCKSTEP_CACHE to another disk.',
    cause,
  );
}
