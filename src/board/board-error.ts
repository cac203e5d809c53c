// An error of the board with the part of the program that met it, as a Python traceback would name it. What stays out:
// what to do about it, which is the caller's policy.
import { FileError, SqlError } from '../../harness/lane/world.ts';

/**
 * @property code SQLite's extended result code, an errno, or KANBAN_DB_CORRUPT
 * @property statement the function that met it, such as `release_stale_claims`
 */
export class BoardError extends Error {
  readonly code: string;
  readonly statement: string;

  constructor(code: string, statement: string, message: string) {
    super(message);
    this.name = 'BoardError';
    this.code = code;
    this.statement = statement;
  }
}

/** Runs `body`; an error of SQLite or of a file operation in it comes out as a {@link BoardError}. The innermost names it. */
export function during<T>(statement: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (error instanceof SqlError || error instanceof FileError)
      throw new BoardError(error.code, statement, error.message);
    throw error;
  }
}
