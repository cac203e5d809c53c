// SQLite's backup API by steps (c3ref/backup_finish.html), of which better-sqlite3 shows only a promise that steps by itself: beneath it lies
// this, under a symbol of its own. What stays out: the native host, whose stand-in for better-sqlite3 shows it (native/backup-of.ts).
import type Database from 'better-sqlite3';

/** A copy that is being made. */
export interface StartedBackup {
  transfer(pages: number): { readonly totalPages: number; readonly remainingPages: number };
  close(): void;
}

/** The object that better-sqlite3's functions are methods of (its lib/util.js, `cppdb`). */
interface Beneath {
  backup(database: Database.Database, attached: string, path: string, isNew: boolean): StartedBackup;
}

/** @param path of the copy, absolute; where it is there already, its contents are replaced */
export function backupOf(database: Database.Database, path: string): StartedBackup {
  const [symbol] = Object.getOwnPropertySymbols(database);
  const beneath = (database as unknown as { readonly [key: symbol]: Beneath })[symbol ?? Symbol()];
  if (beneath === undefined) throw new TypeError('This better-sqlite3 hides its backups otherwise.');
  return beneath.backup(database, 'main', path, false);
}
