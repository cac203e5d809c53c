// Folders of our own in a place that is shared: /dev/shm, /tmp, or what LOCKSTEP_RUNS names. Each is gone with its owner, or
// is removed by the next process when a SIGKILL left it behind. What stays out: where, and what for.
//
//   <parent>/<prefix>XXXXXX/       0700
//   <parent>/<prefix>XXXXXX/lock   the marker, held by flock(2) as long as the owner lives
//
// A name proves nothing. Removed is only a real directory of our own user with our marker in it, whose lock nobody holds.
// The owner takes the lock before it writes the marker, and a sweep reads the marker after it took the lock: so a marker
// that can be read under the lock has a dead owner, and a folder that is just being made has none.
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { tryFlock } from './native.ts';
import { openRegular, readAll } from './regular-file.ts';

const markerName = 'lock';
const marker = Buffer.from('Lockstep made this folder for itself (format 1), and removes it with all that is in it.\n');

/** A sweep holds a lock for microseconds, unless it is stopped in that very moment. */
const patienceMs = 100;

export interface OwnFolder {
  readonly folder: string;
  /** Removes it with all that is in it. */
  remove(): void;
}

/**
 * Makes a folder for this process, and removes those that dead owners left under the same prefix.
 *
 * @param parent an existing folder
 * @throws the file system's error; a harness error where flock(2) does not work
 */
export function makeOwnFolder(parent: string, prefix: string): OwnFolder {
  sweep(parent, prefix);
  for (;;) {
    const folder = mkdtempSync(join(parent, prefix));
    let fd: number | undefined;
    try {
      fd = openRegular(join(folder, markerName), constants.O_RDWR | constants.O_CREAT | constants.O_EXCL);
      const locked = fd;
      if (hold(locked)) {
        writeSync(locked, marker);
        return { folder, remove: () => removeAndClose(folder, locked) };
      }
      removeAndClose(folder, fd);
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      if (fd !== undefined) closeSync(fd);
      throw error;
    }
  }
}

function hold(fd: number): boolean {
  for (let waitedMs = 0; waitedMs < patienceMs; waitedMs++) {
    if (tryFlock(fd, 'exclusive')) return true;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
  }
  return false;
}

function removeAndClose(folder: string, fd: number): void {
  try {
    const opened = openFolder(folder);
    try {
      remove(folder, opened);
    } finally {
      closeSync(opened);
    }
  } catch {
    rmSync(folder, { recursive: true, force: true }); // such as where no more files may be open
  } finally {
    closeSync(fd);
  }
}

/**
 * Removes the folders that dead owners left.
 *
 * @param parent as for {@link makeOwnFolder}, with the same `prefix`
 * @throws the file system's error where the parent cannot be read
 */
export function sweep(parent: string, prefix: string): void {
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(prefix) || name.length !== prefix.length + 6) continue;
    try {
      sweepOne(join(parent, name));
    } catch {
      // Another's, or just being made or removed: not ours to judge.
    }
  }
}

function sweepOne(folder: string): void {
  const opened = openFolder(folder);
  try {
    const { uid, mode } = fstatSync(opened);
    if (uid === process.getuid?.() && (mode & 0o066) === 0 && isDead(inside(folder, opened))) remove(folder, opened);
  } finally {
    closeSync(opened);
  }
}

function openFolder(folder: string): number {
  return openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
}

/** A path that leads into the folder that was opened, whatever has taken its name meanwhile; on Linux. */
function inside(folder: string, opened: number): string {
  return existsSync('/proc/self/fd') ? `/proc/self/fd/${opened}` : folder;
}

function isDead(folder: string): boolean {
  const fd = openRegular(join(folder, markerName), constants.O_RDWR);
  try {
    // Without a name: removed by another, which let go of the lock just now.
    return tryFlock(fd, 'exclusive') && fstatSync(fd).nlink > 0 && readAll(fd, marker.length).equals(marker);
  } finally {
    closeSync(fd);
  }
}

/** The marker goes last, so that what a SIGKILL leaves of a removal still has it. No link is followed. */
function remove(folder: string, opened: number): void {
  const within = inside(folder, opened);
  const names = readdirSync(within).filter((name) => name !== markerName);
  for (const name of [...names, markerName]) rmSync(join(within, name), { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
}
