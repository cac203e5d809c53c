// What SQLite answered, value or code, as the examiner writes it down: a broken database is no reason to stop.
import Database from 'better-sqlite3';

/** The extended result code of an error by name, or its message when it is not SQLite's. */
export function codeOf(error: unknown): string {
  if (error instanceof Database.SqliteError) return error.code;
  return error instanceof Error ? error.message : String(error);
}

export function attempt<T>(body: () => T): T | { readonly error: string } {
  try {
    return body();
  } catch (error) {
    return { error: codeOf(error) };
  }
}
