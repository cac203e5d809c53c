// The OSErrors that the reported code swallows round its raw file operations: what fails counts as not there. Whoever would act on that asks
// {@link unlessMissing}: a file that could not be read just now is there.
import { FileError, SqlError } from '../../harness/lane/world.ts';

/** What `body` gives, or undefined when the system refused a file operation in it. */
export function unlessOsError<T>(body: () => T): T | undefined {
  try {
    return body();
  } catch (error) {
    if (error instanceof FileError) return undefined;
    throw error;
  }
}

/** What `body` gives, or undefined when what it asks for is not there. @throws what else the system says */
export function unlessMissing<T>(body: () => T): T | undefined {
  try {
    return body();
  } catch (error) {
    if (error instanceof FileError && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Does it say of a file that it is gone, or no sound database? Not where it could not be read or written just now, or was locked. */
export function saysDamaged(error: unknown): boolean {
  if (error instanceof FileError) return error.code === 'ENOENT';
  return error instanceof SqlError && /^SQLITE_(CORRUPT|NOTADB|ERROR$)/.test(error.code);
}
