// What SQLite's own checks say of a database, a line each. What stays out: what the lines mean (judge/).
import type Database from 'better-sqlite3';
import { attempt } from './attempt.ts';

/** Where a check fails in the middle, the lines before are kept, and the code is the last. */
export function checkLines(db: Database.Database, pragma: 'integrity_check' | 'quick_check'): readonly string[] {
  const said: string[] = [];
  const got = attempt(() => {
    for (const line of db.prepare(`PRAGMA ${pragma}(10)`).pluck().iterate()) said.push(String(line));
    return null;
  });
  return got === null ? said : [...said, got.error];
}
