// What SQLite answered, value or code, as the examiner writes it down: a broken database is no reason to stop, a broken
// machine is.
import Database from 'better-sqlite3';
import { HostTrouble, likelyTrouble } from './host-trouble.ts';

/**
 * The extended result code of an error by name, or its message when it is not SQLite's.
 *
 * @throws HostTrouble for what no database can cause
 */
export function codeOf(error: unknown): string {
  if (error instanceof HostTrouble) throw error;
  if (!(error instanceof Database.SqliteError)) return error instanceof Error ? error.message : String(error);
  const likely = likelyTrouble(error.code);
  if (likely !== undefined) throw new HostTrouble(likely);
  return error.code;
}

export function attempt<T>(body: () => T): T | { readonly error: string } {
  try {
    return body();
  } catch (error) {
    return { error: codeOf(error) };
  }
}
