// The comparison of indexes with their tables, on databases that are sound, and on some that lie without the count showing it.
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { walkTables } from './table-walk.ts';

function databaseOf(sql: string): Database.Database {
  const db = new Database(':memory:');
  db.unsafeMode();
  db.exec(sql);
  return db;
}

/** The two indexes trade their trees: each has as many entries as its table has rows, and they are those of the other. */
function swap(db: Database.Database, one: string, two: string): void {
  db.exec(`PRAGMA writable_schema=ON;
    UPDATE sqlite_schema SET rootpage = (SELECT sum(rootpage) FROM sqlite_schema WHERE name IN ('${one}', '${two}')) - rootpage
    WHERE name IN ('${one}', '${two}');
    PRAGMA writable_schema=RESET`);
}

const differences = (db: Database.Database) =>
  walkTables(db).flatMap(({ indexes }) => indexes.flatMap(({ difference }) => difference ?? []));

const plain = `CREATE TABLE t(a, b); CREATE INDEX t_a ON t(a); CREATE INDEX t_b ON t(b);
  INSERT INTO t VALUES(1, 30), (2, 20), (3, 10)`;
const withoutRowid = `CREATE TABLE w(k TEXT, a, b, PRIMARY KEY(k)) WITHOUT ROWID; CREATE INDEX w_a ON w(a);
  CREATE INDEX w_b ON w(b); INSERT INTO w VALUES('x', 1, 30), ('y', 2, 20), ('z', 3, 10)`;

test('sound indexes of every kind have no difference', () => {
  const db = databaseOf(`${plain}; ${withoutRowid};
    CREATE TABLE r("rowid" TEXT COLLATE NOCASE PRIMARY KEY, v REAL, n INTEGER, d BLOB, g AS (n + 1));
    CREATE INDEX r_v ON r(v DESC, "rowid"); CREATE INDEX r_d ON r(d); CREATE INDEX r_g ON r(g COLLATE RTRIM);
    CREATE INDEX r_expression ON r(lower("rowid")); CREATE INDEX r_part ON r(n) WHERE n > 3;
    CREATE INDEX "odd ""name" ON r(n);
    INSERT INTO r VALUES('a', 1, 2, x'00ff'), ('B', 2.5, 9223372036854775807, NULL), ('c', NULL, 7, x'')`);
  expect(differences(db)).toEqual([]);
  expect(walkTables(db).map(({ table, rows }) => [table, rows])).toEqual([
    ['r', 3],
    ['t', 3],
    ['w', 3],
  ]);
  expect(walkTables(db).flatMap(({ indexes }) => indexes.map(({ index }) => index))).toEqual([
    'odd "name',
    'r_d',
    'r_expression',
    'r_g',
    'r_v',
    'sqlite_autoindex_r_1',
    't_a',
    't_b',
    'w_a',
    'w_b',
  ]);
});

test('entries that are not those of the table, in the right number; REINDEX cures it', () => {
  const db = databaseOf(plain);
  swap(db, 't_a', 't_b');
  expect(walkTables(db)).toEqual([
    {
      table: 't',
      root: 2,
      rows: 3,
      indexes: [
        { index: 't_a', rows: 3, difference: 'entry 1 is (10, 3), by the table it is (1, 1)' },
        { index: 't_b', rows: 3, difference: 'entry 1 is (1, 1), by the table it is (10, 3)' },
      ],
    },
  ]);
  db.exec('REINDEX');
  expect(differences(db)).toEqual([]);
});

test('the same in a table WITHOUT ROWID', () => {
  const db = databaseOf(withoutRowid);
  swap(db, 'w_a', 'w_b');
  expect(differences(db)).toEqual([
    'entry 1 is (10, z), by the table it is (1, x)',
    'entry 1 is (1, x), by the table it is (10, z)',
  ]);
});

test('entries that are there in another order', () => {
  const db = databaseOf(`CREATE TABLE t(a); CREATE INDEX t_up ON t(a); CREATE INDEX t_down ON t(a DESC);
    INSERT INTO t VALUES(1), (2), (3)`);
  swap(db, 't_up', 't_down');
  expect(differences(db)).toEqual([
    'entry 1 is (1, 1), by the table it is (3, 3)',
    'entry 1 is (3, 3), by the table it is (1, 1)',
  ]);
});

test('an index that cannot be read says with which code, though its entries could be counted', () => {
  const db = databaseOf(`${plain}; CREATE TABLE other(a)`);
  swap(db, 't_a', 'other');
  const [, t] = walkTables(db);
  expect(t?.indexes[0]).toMatchObject({ index: 't_a', difference: 'SQLITE_CORRUPT' });
});
