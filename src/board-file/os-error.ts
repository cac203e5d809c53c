// The OSErrors that the reported code swallows round its raw file operations: what fails counts as not there. Whoever would act on that asks
// {@link unlessMissing}: a file that could not be read just now is there.
import { FileError, SqlError } from '../../harness/lane/world.ts';

/** What `body` gives, or undefined when the system refused a file operation in it with one of these codes. @throws what else it says */
export function unlessRefused<T>(body: () => T, isMeant: (code: string) => boolean): T | undefined {
  try {
    return body();
  } catch (error) {
    if (error instanceof FileError && isMeant(error.code)) return undefined;
    throw error;
  }
}

/** What `body` gives, or undefined when the system refused a file operation in it. */
export function unlessOsError<T>(body: () => T): T | undefined {
  return unlessRefused(body, () => true);
}

/** What `body` gives, or undefined when what it asks for is not there. @throws what else the system says */
export function unlessMissing<T>(body: () => T): T | undefined {
  return unlessRefused(body, (code) => code === 'ENOENT');
}

/** Does it say of a file that it is gone, or no sound database? Not where it could not be read or written just now, or was locked. */
export function saysDamaged(error: unknown): boolean {
  if (error instanceof FileError) return error.code === 'ENOENT';
  return error instanceof SqlError && /^SQLITE_(CORRUPT|NOTADB|ERROR$)/.test(error.code);
}
