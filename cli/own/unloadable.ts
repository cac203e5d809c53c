// The error of a person's own module that cannot be loaded: with the place where it threw, as a person would look for it.
import { LockstepError, usageError } from '../../harness/errors/errors.ts';
import { machineLimit } from '../../harness/errors/machine-limits.ts';
import { placeOf } from '../../harness/errors/scenario-error.ts';

/** What Node says of a module which it takes for none, since the nearest package.json says so, as that of `npm init` does. */
const takenForNone = /^(?:Cannot use import statement outside a module|Unexpected token 'export')/;

/** @param what the module, as the beginning of a sentence */
export function unloadable(what: string, error: unknown): LockstepError {
  if (error instanceof LockstepError) return error;
  const limit = machineLimit(error, `${what} could not be loaded`);
  if (limit !== undefined) return limit;
  const said = error instanceof Error ? `${error.name}: ${error.message}${placeOf(error)}` : String(error);
  const remedy =
    error instanceof SyntaxError && takenForNone.test(error.message)
      ? 'Say in package.json that modules are the rule (`npm pkg set type=module`), or let the name of the file end in .mts.'
      : 'Correct the file.';
  return usageError('MODULE_UNLOADABLE', `${what} cannot be loaded: ${said}`, remedy, error);
}
