// Every table of a database against each of its indexes: how many rows a walk of each finds, and whether the index is
// what REINDEX would make of the table. PRAGMA integrity_check does nearly the same; this is the second opinion, which
// also says which entry differs. What stays out: partial indexes, which hold a part of the table, and judgement.
import type Database from 'better-sqlite3';
import { attempt } from './attempt.ts';
import type { TableCount } from '../model/history.ts';

/** Of smaller tables all rows are taken at once, which costs a fraction of one by one. */
const atOnceRowsMax = 2000;

/** Larger tables are counted only: a comparison sorts the table once for each index. */
const comparedRowsMax = 100_000;

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;

interface Index {
  readonly index: string;
  readonly origin: string;
}

interface Table {
  readonly table: string;
  readonly root: number | null;
  /** What follows FROM to walk the table itself. NOT INDEXED does not do for WITHOUT ROWID: there SQLite may take an index. */
  readonly self: string;
  readonly indexes: readonly Index[];
}

/**
 * How an index is walked.
 *
 * @property from what follows FROM
 * @property compared statements of its entries, and of what they should be; undefined when it has an expression
 */
interface IndexWalk {
  readonly index: string;
  readonly from: string;
  readonly compared: { readonly entries: string; readonly expected: string } | undefined;
}

interface TableWalk extends Pick<Table, 'table' | 'root' | 'self'> {
  readonly indexes: readonly IndexWalk[];
}

/** By their schemas: of databases that are examined one after another most have the same. The last few. */
const walks = new Map<string, readonly TableWalk[]>();
const walksMost = 16;

/** A column of an index; `cid` -1 is the rowid, -2 an expression (sqlite.org/pragma.html, index_xinfo). */
interface IndexColumn {
  readonly cid: number;
  readonly name: string | null;
  readonly desc: number;
  readonly coll: string;
}

function tablesOf(db: Database.Database): readonly Table[] {
  const tables = db
    .prepare<[], { name: string; wr: number; root: number | null }>(
      `SELECT name, wr, (SELECT rootpage FROM sqlite_schema WHERE type = 'table' AND name = l.name) AS root
       FROM pragma_table_list AS l
       WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`,
    )
    .all();
  const list = db.prepare<[string], Index>(
    'SELECT name AS "index", origin FROM pragma_index_list(?) WHERE NOT partial ORDER BY name',
  );
  return tables.map(({ name, wr, root }) => {
    const indexes = list.all(name);
    const primary = wr === 1 ? indexes.find(({ origin }) => origin === 'pk') : undefined;
    return {
      table: name,
      root,
      self: `${quoted(name)} ${primary === undefined ? 'NOT INDEXED' : `INDEXED BY ${quoted(primary.index)}`}`,
      indexes: indexes.filter((index) => index !== primary),
    };
  });
}

/** A name of the rowid that no column of the table has taken. */
function rowidOf(db: Database.Database, table: string): string {
  const taken = new Set(
    db.prepare<[string], string>('SELECT lower(name) FROM pragma_table_xinfo(?)').pluck().all(table),
  );
  return ['rowid', 'oid', '_rowid_'].find((name) => !taken.has(name)) ?? 'rowid';
}

function equal(a: unknown, b: unknown): boolean {
  return Buffer.isBuffer(a) && Buffer.isBuffer(b) ? a.equals(b) : Object.is(a, b);
}

function shown(row: readonly unknown[] | undefined): string {
  if (row === undefined) return 'nothing';
  const values = row.map((value) => (Buffer.isBuffer(value) ? `x'${value.toString('hex')}'` : String(value)));
  return `(${values.map((text) => (text.length > 40 ? `${text.slice(0, 40)}…` : text)).join(', ')})`;
}

function walksOf(db: Database.Database): readonly TableWalk[] {
  const schema = JSON.stringify(
    db.prepare('SELECT type, name, tbl_name, rootpage, sql FROM sqlite_schema').raw().all(),
  );
  const known = walks.get(schema);
  if (known !== undefined) return known;
  const made = tablesOf(db).map((table) => ({
    table: table.table,
    root: table.root,
    self: table.self,
    indexes: table.indexes.map(({ index }) => walkOf(db, table, index)),
  }));
  const [oldest] = walks.keys();
  if (walks.size >= walksMost && oldest !== undefined) walks.delete(oldest);
  walks.set(schema, made);
  return made;
}

function walkOf(db: Database.Database, { table, self }: Table, index: string): IndexWalk {
  const from = `${quoted(table)} INDEXED BY ${quoted(index)}`;
  const columns = db.prepare<[string], IndexColumn>('SELECT * FROM pragma_index_xinfo(?)').all(index);
  if (columns.some(({ cid }) => cid === -2)) return { index, from, compared: undefined };
  const rowid = rowidOf(db, table);
  const names = columns.map(({ name }) => (name === null ? rowid : quoted(name)));
  const order = columns.map(
    ({ coll, desc }, i) => `${names[i]} COLLATE ${quoted(coll)} ${desc === 1 ? 'DESC' : 'ASC'}`,
  );
  const rows = `SELECT ${names.join(', ')} FROM`;
  const compared = { entries: `${rows} ${from}`, expected: `${rows} ${self} ORDER BY ${order.join(', ')}` };
  return { index, from, compared };
}

/**
 * Walks an index in its order beside its table sorted by the same columns.
 *
 * @returns the first entry that differs, as text; undefined when none does, or when the index has an expression
 */
function differenceOf(db: Database.Database, { compared }: IndexWalk, atOnce: boolean): string | undefined {
  if (compared === undefined) return undefined;
  const rowsOf = (sql: string): Iterator<unknown[]> => {
    const rows = db.prepare<[], unknown[]>(sql).raw().safeIntegers();
    const all = atOnce ? attempt(() => rows.all()) : undefined;
    return Array.isArray(all) ? all.values() : rows.iterate(); // one by one up to what cannot be read
  };
  const entries = rowsOf(compared.entries);
  const expected = rowsOf(compared.expected);
  try {
    for (let number = 1; ; number++) {
      const entry = entries.next();
      const row = expected.next();
      if (entry.done === true && row.done === true) return undefined;
      const has = entry.done === true ? undefined : entry.value;
      const due = row.done === true ? undefined : row.value;
      if (has === undefined || due === undefined || !has.every((value, i) => equal(value, due[i]))) {
        return `entry ${number} is ${shown(has)}, by the table it is ${shown(due)}`;
      }
    }
  } finally {
    entries.return?.();
    expected.return?.();
  }
}

/** Counts and compares; what cannot be read has its code in the place of the figure. */
export function walkTables(db: Database.Database): readonly TableCount[] {
  const tables = attempt(() => walksOf(db));
  if ('error' in tables) return [];
  const count = (from: string) =>
    attempt(() => db.prepare<[], number>(`SELECT count(*) FROM ${from}`).pluck().get() ?? 0);
  return tables.map((table) => {
    const rows = count(table.self);
    const compared = typeof rows === 'number' && rows <= comparedRowsMax;
    return {
      table: table.table,
      ...(table.root === null ? {} : { root: table.root }),
      rows,
      indexes: table.indexes.map((walk) => {
        const { index } = walk;
        const inIndex = count(walk.from);
        const found = compared ? attempt(() => differenceOf(db, walk, rows <= atOnceRowsMax)) : undefined;
        const difference = typeof found === 'object' ? found.error : found;
        return { index, rows: inIndex, ...(difference === undefined ? {} : { difference }) };
      }),
    };
  });
}
