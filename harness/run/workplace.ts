// Where runs live: a directory on tmpfs (/dev/shm), else in the temporary directory, that is gone when the coordinator
// is, and swept by the next one when a SIGKILL left it behind. What stays out: what is in it.
import { accessSync, constants } from 'node:fs';
import { tmpdir } from 'node:os';
import { harnessError } from '../errors/errors.ts';
import { makeOwnFolder, type OwnFolder, sweep } from '../host/own-folder.ts';

/** A directory of the coordinator's own. */
export type Workplace = OwnFolder;

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

const prefix = 'lockstep-';

/** Removes what coordinators have left that were killed. Best effort: the next one does so again. */
export function sweepWorkplaces(): void {
  try {
    sweep(runsFolder(), prefix);
  } catch {
    // There is no such folder any more, or it cannot be read: whoever makes one next says so.
  }
}

/**
 * Makes a directory for one coordinator, and removes those that dead ones left.
 *
 * @param parent default: {@link runsFolder}
 */
export function makeWorkplace(parent: string = runsFolder()): Workplace {
  try {
    return makeOwnFolder(parent, prefix);
  } catch (error) {
    throw harnessError(
      'RUNS_FOLDER_FAILED',
      `A directory for the runs could not be made in ${parent}: ${error instanceof Error ? error.message : String(error)}.`,
      'Free some space there, or set LOCKSTEP_RUNS to another directory.',
      error,
    );
  }
}
