// The OSErrors that the reported code swallows round its raw file operations: what fails counts as not there.
import { FileError } from '../../harness/lane/world.ts';

/** What `body` gives, or undefined when the system refused a file operation in it. */
export function unlessOsError<T>(body: () => T): T | undefined {
  try {
    return body();
  } catch (error) {
    if (error instanceof FileError) return undefined;
    throw error;
  }
}
