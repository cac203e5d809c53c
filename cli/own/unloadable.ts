// The error of a person's own module that cannot be loaded: with the place where it threw, as a person would look for it.
import { LockstepError, usageError } from '../../harness/errors/errors.ts';
import { machineLimit } from '../../harness/errors/machine-limits.ts';
import { placeOf } from '../../harness/errors/scenario-error.ts';

/** @param what the module, as the beginning of a sentence */
export function unloadable(what: string, error: unknown): LockstepError {
  if (error instanceof LockstepError) return error;
  const limit = machineLimit(error, `${what} could not be loaded`);
  if (limit !== undefined) return limit;
  const said = error instanceof Error ? `${error.name}: ${error.message}${placeOf(error)}` : String(error);
  return usageError('MODULE_UNLOADABLE', `${what} cannot be loaded: ${said}`, 'Correct the file.', error);
}
