// Reading a database's bytes: against SQLite's own list of pages (dbstat), for many shapes of databases.
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { withDir } from 'tmp-promise';
import { describe, expect, test } from 'vitest';
import { readDatabaseFile } from './database-file.ts';
import { dropEntry, randomBytes, scramble, swapRows } from '../run/faults/page-damage.ts';

function inFolder<T>(body: (folder: string) => T): Promise<T> {
  return withDir(({ path }) => Promise.resolve(body(path)), { unsafeCleanup: true });
}

/** Rows of 40 to 6000 bytes, two indexes of which one has keys longer than a page, a table without rowids, a view. */
function fill(db: Database.Database, rows: number): void {
  db.exec(`
    CREATE TABLE a(k INTEGER PRIMARY KEY, v TEXT, w TEXT);
    CREATE INDEX a_v ON a(v);
    CREATE INDEX a_w ON a(w);
    CREATE TABLE b(k TEXT PRIMARY KEY, v) WITHOUT ROWID;
    CREATE VIEW c AS SELECT k FROM a;
    CREATE TABLE "Tabelle mit Ü" (k UNIQUE)`);
  const insert = db.prepare('INSERT INTO a VALUES(?, ?, ?)');
  const other = db.prepare('INSERT INTO b VALUES(?, ?)');
  db.transaction(() => {
    for (let k = 0; k < rows; k++) {
      insert.run(k * 3, `v${k % 7}`.repeat(1 + (k % 20)), 'w'.repeat(k % 50 === 0 ? 6000 : k % 300));
      other.run(`k${k}`, k);
    }
  })();
}

/** What SQLite says of its b-tree pages. */
function dbstat(path: string) {
  const db = new Database(path, { readonly: true });
  const rows = db
    .prepare("SELECT pageno, name, pagetype FROM dbstat WHERE pagetype <> 'overflow' AND pageno > 1 ORDER BY pageno")
    .all() as readonly { pageno: number; name: string; pagetype: string }[];
  db.close();
  return rows.map(({ pageno, name, pagetype }) => [pageno, name, pagetype === 'leaf']);
}

const read = (path: string) =>
  readDatabaseFile(readFileSync(path), existsSync(`${path}-wal`) ? readFileSync(`${path}-wal`) : undefined);

describe('the pages of a database', () => {
  test.each([512, 1024, 4096, 65_536])('are those that SQLite knows, with pages of %i bytes', async (pageBytes) => {
    await inFolder((folder) => {
      const path = join(folder, 'a.db');
      const db = new Database(path);
      db.pragma(`page_size=${pageBytes}`);
      fill(db, 700);
      db.close();
      const known = read(path);
      expect(known?.pageBytes).toBe(pageBytes);
      expect(known?.pages.map(({ number, owner, kind }) => [number, owner, kind.endsWith('leaf')])).toEqual(
        dbstat(path),
      );
      expect(known?.pages.every(({ inFile }) => inFile)).toBe(true);
    });
  });

  test('are the committed ones, and tell which of them are newer in -wal', async () => {
    await inFolder((folder) => {
      const path = join(folder, 'a.db');
      const db = new Database(path);
      db.pragma('journal_mode=WAL');
      fill(db, 300);
      db.pragma('wal_checkpoint(TRUNCATE)');
      const before = read(path)?.pages.length ?? 0;
      db.exec("UPDATE a SET v = 'new' WHERE k = 0; CREATE TABLE d(x); INSERT INTO d VALUES(1)");
      const committed = read(path);
      db.pragma('cache_size=1');
      db.exec("BEGIN; UPDATE a SET v = 'rolled back'"); // spills into -wal
      db.exec('ROLLBACK');
      for (const suffix of ['', '-wal']) copyFileSync(`${path}${suffix}`, join(folder, `b.db${suffix}`));
      const known = read(join(folder, 'b.db'));
      expect(known).toEqual(committed);
      expect(known?.pages.map(({ number, owner, kind }) => [number, owner, kind.endsWith('leaf')])).toEqual(
        dbstat(join(folder, 'b.db')),
      );
      const inWal = known?.pages.filter(({ inFile }) => !inFile).map(({ owner }) => owner);
      expect([...new Set(inWal)].toSorted()).toEqual(['a', 'a_v', 'd']);
      expect(known?.pages).toHaveLength(before + 1);
      db.close();
    });
  });
});

test('what is no database, or a damaged one, is read as far as it goes', async () => {
  expect(readDatabaseFile(Buffer.alloc(0), undefined)).toBeUndefined();
  expect(readDatabaseFile(Buffer.alloc(4096), undefined)).toBeUndefined();
  await inFolder((folder) => {
    const path = join(folder, 'a.db');
    const db = new Database(path);
    fill(db, 300);
    db.close();
    const whole = readFileSync(path);
    let state = 1;
    const random = () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
    for (let i = 0; i < 200; i++) {
      const file = Buffer.from(whole);
      const at = 100 + Math.floor(random() * (file.length - 200));
      randomBytes(random, 60).copy(file, at);
      const cut = i % 3 === 0 ? file.subarray(0, at) : file;
      const known = readDatabaseFile(cut, i % 2 === 0 ? randomBytes(random, 5000) : undefined);
      expect(known?.pages.length).toBeLessThanOrEqual(whole.length / 4096);
    }
  });
});

describe('damage', () => {
  /** A database with `damage` done to a page of `owner`, as integrity_check sees it. */
  function damaged(
    owner: string,
    kind: string,
    damage: (page: Buffer, usable: number) => Buffer,
  ): Promise<readonly string[]> {
    return inFolder((folder) => {
      const path = join(folder, 'a.db');
      const db = new Database(path);
      fill(db, 700);
      db.close();
      const file = readFileSync(path);
      const known = readDatabaseFile(file, undefined);
      const page = known?.pages.find((one) => one.owner === owner && one.kind === kind && !one.isRoot);
      if (known === undefined || page === undefined) throw new Error('no such page');
      const at = (page.number - 1) * known.pageBytes;
      damage(file.subarray(at, at + known.pageBytes), known.usable).copy(file, at);
      const said: string[] = [];
      try {
        for (const row of new Database(file).prepare('PRAGMA integrity_check').pluck().iterate())
          said.push(String(row));
      } catch (error) {
        said.push(error instanceof Error ? error.message : '');
      }
      return said.toSorted();
    });
  }
  const half = () => 0.5;

  test('a scrambled page', async () => {
    const said = await damaged('a', 'table-leaf', (page) => scramble(page, half).page);
    expect(said.join('\n')).toMatch(/btreeInitPage\(\) returns error code 11/);
  });

  test('two rows swapped', async () => {
    const said = await damaged('a', 'table-leaf', (page) => swapRows(page, half).page);
    expect(said.join('\n')).toMatch(
      /^\*\*\* in database main \*\*\*\nTree \d+ page \d+ cell \d+: Rowid \d+ out of order/,
    );
  });

  test.each(['a_v', 'a_w'])('an entry of %s dropped: that and nothing else', async (index) => {
    const said = await damaged(index, 'index-leaf', (page, usable) => dropEntry(page, usable, half).page);
    expect(said).toEqual([
      expect.stringMatching(new RegExp(`^row \\d+ missing from index ${index}$`)),
      `wrong # of entries in index ${index}`,
    ]);
  });
});
