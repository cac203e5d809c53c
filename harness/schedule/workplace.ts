// Where runs live: a directory on tmpfs (/dev/shm), else in the temporary directory, that is gone when the coordinator
// is, and swept by the next one when a SIGKILL left it behind. What stays out: what is in it.
import { accessSync, closeSync, constants, existsSync, mkdtempSync, openSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { harnessError } from '../errors.ts';
import { tryFlock } from '../native.ts';

const prefix = 'lockstep-';
const lockName = 'lock';

/** A directory of the coordinator's own. */
export interface Workplace {
  readonly folder: string;
  /** Removes it with all that is in it. */
  remove(): void;
}

/** Directories that can hold runs, best first. LOCKSTEP_RUNS comes before all. */
export function candidates(): readonly string[] {
  const given = process.env['LOCKSTEP_RUNS'];
  return given === undefined || given === '' ? ['/dev/shm', tmpdir()] : [given];
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The directory under which runs will be made. Throws a sentence when there is none. */
export function runsFolder(): string {
  const folder = candidates().find(isWritable);
  if (folder === undefined) {
    throw harnessError(
      'NO_RUNS_FOLDER',
      `None of ${candidates().join(', ')} can be written, so there is no place for the databases of the runs.`,
      'Set LOCKSTEP_RUNS to a directory that you can write, best on tmpfs.',
    );
  }
  return folder;
}

/** Removes what dead coordinators left: their flock went with them. */
function sweep(parent: string): void {
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(prefix)) continue;
    const folder = join(parent, name);
    try {
      const fd = openSync(join(folder, lockName), 'r');
      try {
        if (tryFlock(fd, 'exclusive')) rmSync(folder, { recursive: true, force: true });
      } finally {
        closeSync(fd);
      }
    } catch {
      // Another's, or just being made or removed: not ours to judge.
    }
  }
}

/** A directory and the descriptor of the flock(2) that says it is in use. */
function makeLocked(parent: string): { readonly folder: string; readonly fd: number } {
  for (;;) {
    try {
      const folder = mkdtempSync(join(parent, prefix));
      const lock = join(folder, lockName);
      const fd = openSync(lock, 'w');
      // Another's sweep may come between the two lines above and this one, and take it for left behind.
      if (tryFlock(fd, 'exclusive') && existsSync(lock)) return { folder, fd };
      closeSync(fd);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT' && existsSync(parent)) continue;
      throw harnessError(
        'RUNS_FOLDER_FAILED',
        `A directory for the runs could not be made in ${parent}: ${error instanceof Error ? error.message : String(error)}.`,
        'Free some space there, or set LOCKSTEP_RUNS to another directory.',
        error,
      );
    }
  }
}

/** Makes a directory for one coordinator and holds it by a flock(2) until it is removed. */
export function makeWorkplace(): Workplace {
  const parent = runsFolder();
  sweep(parent);
  const { folder, fd } = makeLocked(parent);
  return {
    folder,
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
      closeSync(fd);
    },
  };
}
