// One command at a time writes into a folder: whoever comes second is told so at once, and nothing of the first is
// overwritten. What stays out: single files that nobody else has a name for (harness/host/write-whole.ts).
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { tryLockFile } from '../harness/engines/lock-file.ts';
import { harnessError, usageError } from '../harness/errors/errors.ts';

/** Stays in the folder: a lock that was removed could be held by two. Held by flock(2), so a dead process holds nothing. */
const lockName = '.lockstep-lock';

/** The option that names the folder, for the sentences. */
type FolderOption = '--out' | '--store';

const elsewhere = (option: FolderOption): string => `Name another folder with ${option}`;

/** A folder that is held; let go when disposed, or when this process dies. */
export interface Held extends Disposable {
  /** Throws a harness error when the folder that was held is not there any more, or another has its name. */
  check(): void;
}

/**
 * Holds a folder as long as this command writes into it.
 *
 * @param folder an existing folder that can be written
 * @param option that names it; default `--out`
 * @throws a usage error when another process holds it, or when it cannot be locked
 */
export function holdFolder(folder: string, option: FolderOption = '--out'): Held {
  const lock = join(folder, lockName);
  const held = tryHold(lock, option);
  if (held === undefined) {
    throw usageError(
      'OUT_IN_USE',
      `Another lockstep is writing into ${folder}.`,
      `${elsewhere(option)}, or wait until the other has ended.`,
    );
  }
  const identity = (): string => {
    const { dev, ino } = statSync(lock, { throwIfNoEntry: false }) ?? {};
    return `${dev} ${ino}`;
  };
  const own = identity();
  return {
    check() {
      if (identity() === own) return;
      throw harnessError(
        'OUT_REMOVED',
        `The folder ${folder} was removed or emptied while it was written into.`,
        `${elsewhere(option)}, and give the command again.`,
      );
    },
    [Symbol.dispose]: () => held[Symbol.dispose](),
  };
}

function tryHold(lock: string, option: FolderOption): Disposable | undefined {
  try {
    return tryLockFile(lock);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw usageError(
      'OUT_NOT_LOCKABLE',
      `${lock} cannot be locked: ${reason}`,
      `${elsewhere(option)}, on a local disk.`,
      error,
    );
  }
}
