// An error that nobody had a sentence for: a limit or a place of the machine, or else a defect. What stays out: errors with
// sentences of their own (harness/errors/errors.ts).
import { harnessError, LockstepError } from '../harness/errors/errors.ts';
import { machineLimit } from '../harness/errors/machine-limits.ts';

/** By errno, what is wrong with a place. */
const places: readonly unknown[] = ['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG'];

/** Any error, with a stable code and a sentence that says what to do. */
export function explained(error: unknown): LockstepError {
  if (error instanceof LockstepError) return error;
  const message = error instanceof Error ? error.message : String(error);
  // Node says some in words only: where it cannot read what a module needs, or remove a folder.
  const limit = machineLimit(error, 'It could not go on') ?? machineLimit(message, 'It could not go on');
  if (limit !== undefined) return limit;
  if (error instanceof Error && 'code' in error && places.includes(error.code))
    return harnessError(
      'PLACE_UNUSABLE',
      `${message}.`,
      'Make room or give access there, or name another place.',
      error,
    );
  const remedy = 'This is a defect of Lockstep: run it again with --verbose and report what it prints.';
  return harnessError('INTERNAL', message, remedy, error);
}
