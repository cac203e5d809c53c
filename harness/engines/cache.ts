// The artefact cache: what was built once is not built again. An artefact is a directory with one main file, named
// after the hash of everything it was made from; it is built beside its place and moved there in one rename, so it
// is either whole or absent. One process builds, the others wait for it. What happens to it later shows by its digests, and
// what is damaged is built anew. What stays out: what is built, and how.
//
//   <cache>/<kind>/<key>/<fileName>   a finished artefact, with its digests beside it (digests.ts)
//   <cache>/<kind>/<key>.lock         held by its builder (flock, so a dead builder holds nothing)
//   <cache>/<kind>/<key>.tmp-XXXXXX/  being built, or left by a builder that died; or damaged, on its way out

import { createHash } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { mkdtemp, open, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { atExit } from '../host/at-exit.ts';
import { harnessError, LockstepError } from '../errors/errors.ts';
import { machineLimit } from '../errors/machine-limits.ts';
import { makeFolders } from '../host/make-folders.js';
import { cacheHome } from '../host/cache-home.js';
import { type ArtifactState, artifactState, writeDigests } from './digests.ts';
import { libcName } from './libc.ts';
import { installationDamaged } from './package-dir.ts';
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
 * @property signal ends waiting for another builder; the build itself must heed it, too
 */
export interface ArtifactRequest extends ArtifactId {
  readonly build: (dir: string) => Promise<void>;
  readonly label: string;
  readonly progress?: Progress | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** An artefact's name: the sha256, in hexadecimal, over kind, inputs, file name, platform, processor and C library. */
export function artifactKey({ kind, inputs, fileName }: ArtifactId): string {
  const hash = createHash('sha256');
  const add = (part: string | Uint8Array): void => {
    hash.update(`${Buffer.byteLength(part)}:`).update(part);
  };
  for (const part of [kind, fileName, process.platform, process.arch, libcName()]) add(part);
  for (const input of inputs) add(typeof input === 'object' && 'file' in input ? readInput(input.file) : input);
  return hash.digest('hex');
}

function readInput(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    throw installationDamaged(file, error);
  }
}

/** The absolute path at which an artefact's main file lies once it is built. */
export function artifactPath(id: ArtifactId): string {
  return path.join(cacheHome(), id.kind, artifactKey(id), id.fileName);
}

/**
 * Looks whether an artefact can be used, without doing anything about it.
 *
 * @throws a harness error where this process may open, or hold, no more
 */
export function lookAt(id: ArtifactId): ArtifactState {
  return stateOf(artifactPath(id));
}

function stateOf(file: string): ArtifactState {
  try {
    return artifactState(path.dirname(file), path.basename(file));
  } catch (error) {
    throw machineLimit(error, `${file} could not be read`) ?? error;
  }
}

/**
 * Returns the absolute path of an artefact's main file, and builds the artefact first when it is missing or damaged.
 *
 * @throws a harness error when the cache cannot be written or is full, or when the artefact is another user's; whatever
 *   `build` throws; the signal's reason, when nothing of the build is left
 */
export async function cachedArtifact(request: ArtifactRequest): Promise<string> {
  const file = artifactPath(request);
  const state = stateOf(file);
  if (state === 'whole') return file;
  if (state === 'foreign') throw foreignError(file);
  try {
    if (state === 'damaged') request.progress?.(`${request.label}: the one in the cache is damaged`);
    await buildUnderLock(request, file);
  } catch (error) {
    throw request.signal?.aborted === true ? request.signal.reason : explainCacheError(error);
  }
  return file;
}

async function buildUnderLock(request: ArtifactRequest, file: string): Promise<void> {
  const { label, progress = silent, signal } = request;
  const finalDir = path.dirname(file);
  // Loaded only here: koffi takes 20 ms, and most calls find their artefact.
  const { waitForLockFile } = await import('./lock-file.ts');
  makeFolders(path.dirname(finalDir));
  using asker = askFor(file);
  const onWait = () => {
    if (asker.isFirst) progress(`${label}: another process is building it, waiting`);
  };
  using _lock = await waitForLockFile(`${finalDir}.lock`, { limitMs: WAIT_LIMIT_MS, onWait, signal });
  const state = stateOf(file);
  if (state === 'whole') return;
  await sweep(path.dirname(finalDir), path.basename(finalDir));

  await inDraft(finalDir, async (dir) => {
    await request.build(dir);
    signal?.throwIfAborted();
    writeDigests(dir);
    for (const name of await readdir(dir)) await syncFile(path.join(dir, name));
    if (state !== 'missing') await moveAside(finalDir);
    await rename(dir, finalDir);
  });
}

/** Artefacts that this process builds, or waits for, already. */
const asked = new Set<string>();

/** @returns `isFirst`: if somebody holds the artefact's lock, it is another process */
function askFor(file: string): Disposable & { readonly isFirst: boolean } {
  const isFirst = !asked.has(file);
  asked.add(file);
  return { isFirst, [Symbol.dispose]: () => void (isFirst && asked.delete(file)) };
}

/** Gives a folder beside the artefact's place to `fill`; it is gone after a failure, and when this process exits. */
async function inDraft(finalDir: string, fill: (dir: string) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(`${finalDir}.tmp-`);
  const forget = atExit(() => rmSync(dir, REMOVAL));
  try {
    await fill(dir);
  } catch (error) {
    await rm(dir, REMOVAL);
    throw error;
  } finally {
    forget();
  }
}

/** A program that is being killed may still write its last file. */
const REMOVAL = { recursive: true, force: true, maxRetries: 5, retryDelay: 20 } as const;

/** In a rename, so that whoever asks for the path meanwhile finds it missing for no longer than it takes to do the next. */
async function moveAside(finalDir: string): Promise<void> {
  const aside = await mkdtemp(`${finalDir}.tmp-`);
  try {
    await rename(finalDir, path.join(aside, 'damaged'));
  } finally {
    await rm(aside, REMOVAL).catch(() => {}); // what may not be removed is in nobody's way
  }
}

/** Removes what dead builders left: all of `ownKey`, whose lock is held, and of each other key that nobody builds. */
async function sweep(kindDir: string, ownKey: string): Promise<void> {
  const { tryLockFile } = await import('./lock-file.ts');
  for (const entry of await readdir(kindDir)) {
    const key = /^([0-9a-f]{64})\.tmp-/.exec(entry)?.[1];
    if (key === undefined) continue;
    try {
      using lock = key === ownKey ? undefined : tryLockFile(path.join(kindDir, `${key}.lock`));
      if (lock || key === ownKey) await rm(path.join(kindDir, entry), REMOVAL);
    } catch {
      // Another user's, who removes it himself. It is in nobody's way.
    }
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
  const limit = machineLimit(error, `Lockstep could not build what belongs into ${cacheHome()}`);
  if (limit !== undefined) return limit;
  if (!('path' in error && typeof error.path === 'string' && isInCache(error.path))) return error;
  return harnessError(
    'CACHE_UNWRITABLE',
    `The cache directory ${cacheHome()} cannot be written: ${reason(error)}.`,
    'Make it writable, or set LOCKSTEP_CACHE to a directory that is.',
    error,
  );
}

/** In the cache, or above it: a folder that cannot be made. */
function isInCache(file: string): boolean {
  const [home, other] = [`${cacheHome()}${path.sep}`, `${file}${path.sep}`];
  return other.startsWith(home) || home.startsWith(other);
}

function foreignError(file: string): LockstepError {
  return harnessError(
    'CACHE_FOREIGN',
    `${file} belongs to another user, who could change it while Lockstep runs it.`,
    'Set LOCKSTEP_CACHE to a directory of your own (one that root has filled is fine, too).',
  );
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The error for a cache without space, which a build may also meet inside a compiler. */
export function cacheFullError(cause: unknown): LockstepError {
  return harnessError(
    'CACHE_FULL',
    `There is no space left for ${cacheHome()}.`,
    'Free some space there (an engine takes 2 MB, compiling it some 30 MB for a while), or set LOCKSTEP_CACHE to another disk.',
    cause,
  );
}
