// The database as the lanes left it, before the examiner's opening it recovers anything: what lies beside it, and what the
// file is by itself. Looked at in a copy, since opening rolls back a hot journal and empties a -wal for good. What stays out:
// the database after recovery (examiner.ts).
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { committedPages } from './database-file.ts';
import { codeOf } from './attempt.ts';
import { checkLines } from './check-lines.ts';
import type { BeforeRecovery } from '../model/history.ts';

/** Would SQLite roll it back? Its own test is the first byte (pager.c, hasHotJournal), once nobody holds a lock. */
function isHot(journal: string): boolean {
  return existsSync(journal) && (readFileSync(journal)[0] ?? 0) !== 0;
}

/** What lies beside a database that whoever opens it next would take into it. */
export function besideOf(database: string): Pick<BeforeRecovery, 'hotJournal' | 'walPages'> {
  const wal = `${database}-wal`;
  const hasWal = existsSync(wal) && existsSync(database);
  return {
    hotJournal: isHot(`${database}-journal`),
    walPages: hasWal ? committedPages(readFileSync(database), readFileSync(wal)) : 0,
  };
}

/**
 * The database file by itself.
 *
 * @param folder where a copy may lie meanwhile
 */
export function examineAlone(database: string, folder: string): Pick<BeforeRecovery, 'opened' | 'integrity'> {
  if (!existsSync(database)) return { opened: 'SQLITE_CANTOPEN', integrity: [] };
  const scratch = mkdtempSync(join(folder, 'alone-'));
  const alone = join(scratch, 'alone.db');
  copyFileSync(database, alone);
  let db: Database.Database | undefined;
  try {
    const opened = new Database(alone, { fileMustExist: true, timeout: 0 });
    db = opened;
    opened.prepare('SELECT count(*) FROM sqlite_schema').pluck().get();
    return { opened: 'ok', integrity: checkLines(opened, 'integrity_check') };
  } catch (error) {
    return { opened: codeOf(error), integrity: [] };
  } finally {
    db?.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}
