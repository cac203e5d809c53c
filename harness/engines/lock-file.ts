// Lock files of the cache: at most one process builds one artefact, and a builder that dies lets go (flock(2)). What
// stays out: the locks of simulated processes, which pass through the gate.

import { closeSync, constants } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { harnessError } from '../errors/errors.ts';
import { tryFlock } from '../host/native.ts';
import { openRegular } from '../host/regular-file.ts';

const POLL_MS = 50;

/**
 * Tries once to take the exclusive lock of a file, which is created when missing.
 *
 * The lock belongs to the open file description, and the descriptor is close-on-exec (libuv opens all files so):
 * compilers that the holder starts do not keep it alive.
 *
 * @returns the held lock, released when disposed or when this process dies; undefined when another holds it
 * @throws the file system's error when the file cannot be opened; a harness error when it cannot be locked, or when something
 *   else is in its place
 */
export function tryLockFile(file: string): Disposable | undefined {
  const fd = openRegular(file, constants.O_RDWR | constants.O_CREAT);
  try {
    if (tryFlock(fd, 'exclusive')) return { [Symbol.dispose]: () => closeSync(fd) };
  } catch (error) {
    closeSync(fd);
    throw harnessError(
      'CACHE_NOT_LOCKABLE',
      `The file ${file} cannot be locked; some network file systems have no flock(2).`,
      'Set LOCKSTEP_CACHE to a directory on a local disk.',
      error,
    );
  }
  closeSync(fd);
  return undefined;
}

/**
 * @property limitMs real milliseconds after which waiting is given up
 * @property onWait called once, when another holds it
 * @property signal ends the waiting, which then rejects with the signal's reason
 */
export interface LockWait {
  readonly limitMs: number;
  readonly onWait?: () => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Waits until this process holds the exclusive lock of a file.
 *
 * @throws as {@link tryLockFile}; a harness error when the limit is reached; the signal's reason
 */
export async function waitForLockFile(file: string, { limitMs, onWait, signal }: LockWait): Promise<Disposable> {
  const deadline = performance.now() + limitMs;
  for (let attempt = 0; performance.now() < deadline; attempt += 1) {
    signal?.throwIfAborted();
    const lock = tryLockFile(file);
    if (lock) return lock;
    if (attempt === 0) onWait?.();
    await sleep(POLL_MS);
  }
  throw harnessError(
    'CACHE_LOCK_TIMEOUT',
    `Another process has held ${file} for ${Math.round(limitMs / 1000)} seconds.`,
    'End the other process, or set LOCKSTEP_CACHE to another directory.',
  );
}
