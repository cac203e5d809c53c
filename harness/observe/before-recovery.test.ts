// What lies on the disk before the examiner's opening the database recovers it: seen, and left as it is.
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { besideOf, examineAlone } from './before-recovery.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-before-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A database as it lies in the middle of what a connection does with it. Result: the path of the copy. */
function cutShort(journal: 'wal' | 'delete', doing: (db: Database.Database) => void): string {
  const path = join(folder, 'a.db');
  const db = new Database(path);
  try {
    db.pragma(`journal_mode=${journal}`);
    db.pragma('cache_size=2');
    db.exec('CREATE TABLE t(v TEXT)');
    if (journal === 'wal') db.pragma('wal_checkpoint(TRUNCATE)');
    doing(db);
    for (const end of ['', '-wal', '-journal'])
      if (existsSync(path + end)) copyFileSync(path + end, join(folder, `copy.db${end}`));
  } finally {
    db.close();
  }
  return join(folder, 'copy.db');
}

const insert =
  "INSERT INTO t WITH n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < 500) SELECT printf('%0200d', i) FROM n";

test('a -wal with committed pages: the file by itself is sound, and has not what they hold', () => {
  const copy = cutShort('wal', (db) => db.exec(insert));
  const bytes = readFileSync(`${copy}-wal`);
  const { hotJournal, walPages } = besideOf(copy);
  expect({ hotJournal, some: walPages > 20 }).toEqual({ hotJournal: false, some: true });
  expect(examineAlone(copy, folder)).toEqual({ opened: 'ok', integrity: ['ok'] });
  expect(readFileSync(`${copy}-wal`)).toEqual(bytes);
  expect(readdirSync(folder).filter((name) => name.startsWith('alone-'))).toEqual([]);
});

test('a hot journal: the file by itself is what a transaction left half done', () => {
  const copy = cutShort('delete', (db) => {
    db.exec(insert);
    db.exec('BEGIN; CREATE INDEX t_v ON t(v); DELETE FROM t WHERE rowid % 3 = 0');
  });
  expect(besideOf(copy)).toEqual({ hotJournal: true, walPages: 0 });
  expect(examineAlone(copy, folder).integrity).not.toEqual(['ok']);
  expect(existsSync(`${copy}-journal`)).toBe(true);
});

test('nothing to recover, and no database at all', () => {
  const copy = cutShort('delete', (db) => db.exec(insert));
  expect(besideOf(copy)).toEqual({ hotJournal: false, walPages: 0 });
  const gone = join(folder, 'gone.db');
  expect(besideOf(gone)).toEqual({ hotJournal: false, walPages: 0 });
  expect(examineAlone(gone, folder)).toEqual({ opened: 'SQLITE_CANTOPEN', integrity: [] });
});
