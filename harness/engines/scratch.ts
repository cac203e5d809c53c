// A folder for the time of one work, in the temporary directory: gone with the work, with this process, or, after a SIGKILL,
// with the next process that makes one. What stays out: what is kept (cache.ts).

import { tmpdir } from 'node:os';
import { atExit } from '../host/at-exit.ts';
import { harnessError } from '../errors/errors.ts';
import { machineLimit } from '../errors/machine-limits.ts';

/**
 * Runs `work` in a folder of its own.
 *
 * @throws a harness error when the folder cannot be made; whatever `work` throws
 */
export async function inScratch<T>(work: (dir: string) => Promise<T>): Promise<T> {
  const made = await make();
  const forget = atExit(() => made.remove());
  try {
    return await work(made.folder);
  } finally {
    forget();
    made.remove();
  }
}

async function make() {
  // Loaded only here: koffi takes 20 ms.
  const { makeOwnFolder } = await import('../host/own-folder.ts');
  try {
    return makeOwnFolder(tmpdir(), 'lockstep-scratch-');
  } catch (error) {
    const doing = `No folder could be made in the temporary directory ${tmpdir()}`;
    const said = error instanceof Error ? error.message : String(error);
    throw (
      machineLimit(error, doing) ??
      harnessError(
        'NO_TEMPORARY_FOLDER',
        `${doing}: ${said}.`,
        'Free some space there, or set TMPDIR to another directory.',
        error,
      )
    );
  }
}
