// The examiner: a separate process, without the gate, that opens a run's database after every lane has ended and says
// what is in it, on the newest SQLite (the one that better-sqlite3 ships). One request a line in, one answer a line
// out, blocking on both sides. What stays out: judgement (invariants/).
import { readdirSync, readSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Json } from '../lane/world.ts';
import type { Autopsy, TableCount } from './history.ts';

/** @property database below `root` */
export interface ExamineRequest {
  readonly root: string;
  readonly database: string;
  readonly queries: { readonly [name: string]: string };
}

function codeOf(error: unknown): string {
  if (error instanceof Database.SqliteError) return error.code;
  return error instanceof Error ? error.message : String(error);
}

function attempt<T>(body: () => T): T | { readonly error: string } {
  try {
    return body();
  } catch (error) {
    return { error: codeOf(error) };
  }
}

function lines(db: Database.Database, pragma: string): readonly string[] {
  const got = attempt(() => db.prepare(`PRAGMA ${pragma}(10)`).pluck().all() as string[]);
  return 'error' in got ? [got.error] : got;
}

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;

function tablesOf(db: Database.Database): readonly TableCount[] {
  const rows = attempt(
    () =>
      db
        .prepare(
          `SELECT t.name, i.name FROM sqlite_schema t LEFT JOIN sqlite_schema i
           ON i.type = 'index' AND i.tbl_name = t.name AND (i.sql IS NULL OR i.sql NOT LIKE '% WHERE %')
           WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.rootpage > 0 ORDER BY 1, 2`,
        )
        .raw()
        .all() as [string, string | null][],
  );
  if ('error' in rows) return [];
  const count = (sql: string) => attempt(() => db.prepare(sql).pluck().get() as number);
  const tables = new Map<
    string,
    { table: string; rows: TableCount['rows']; indexes: TableCount['indexes'][number][] }
  >();
  for (const [table, index] of rows) {
    const known = tables.get(table) ?? {
      table,
      rows: count(`SELECT count(*) FROM ${quoted(table)} NOT INDEXED`),
      indexes: [],
    };
    tables.set(table, known);
    if (index !== null) {
      known.indexes.push({ index, rows: count(`SELECT count(*) FROM ${quoted(table)} INDEXED BY ${quoted(index)}`) });
    }
  }
  return [...tables.values()];
}

function examine({ root, database, queries }: ExamineRequest): Autopsy {
  const files = readdirSync(root)
    .toSorted()
    .flatMap((name) => {
      const stat = statSync(join(root, name));
      return stat.isFile() ? [{ name, bytes: stat.size }] : [];
    });
  const nothing = { files, integrity: [], quick: [], foreignKeys: 0, tables: [], queries: {} };
  let db: Database.Database;
  try {
    db = new Database(join(root, database), { fileMustExist: true, timeout: 0 });
  } catch (error) {
    return { ...nothing, opened: codeOf(error) };
  }
  try {
    const first = attempt(() => db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get());
    const opened = typeof first === 'object' && first !== null && 'error' in first ? String(first.error) : 'ok';
    const foreignKeys = attempt(() => db.prepare('PRAGMA foreign_key_check').all().length);
    return {
      files,
      opened,
      integrity: lines(db, 'integrity_check'),
      quick: lines(db, 'quick_check'),
      foreignKeys: typeof foreignKeys === 'number' ? foreignKeys : -1,
      tables: tablesOf(db),
      queries: Object.fromEntries(
        Object.entries(queries).map(([name, sql]) => [name, attempt(() => db.prepare(sql).raw().all() as Json[][])]),
      ),
    };
  } finally {
    db.close();
  }
}

const chunk = Buffer.alloc(1 << 16);
let waiting = '';
for (;;) {
  const n = readSync(0, chunk, 0, chunk.length, null);
  if (n === 0) break; // the coordinator is gone
  waiting += chunk.toString('utf8', 0, n);
  for (let end = waiting.indexOf('\n'); end >= 0; end = waiting.indexOf('\n')) {
    const request = JSON.parse(waiting.slice(0, end)) as ExamineRequest;
    waiting = waiting.slice(end + 1);
    const answer = Buffer.from(`${JSON.stringify(examine(request))}\n`);
    for (let at = 0; at < answer.length; ) at += writeSync(1, answer, at);
  }
}
