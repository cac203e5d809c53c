// The scenario's queries, and reading them from a database that may be damaged: what can be read of a damaged table is read
// from both its ends. What stays out: which rows should be there (invariants/).
import type { Queries, QueryPart } from '../model/queries.ts';
import type Database from 'better-sqlite3';
import type { Json } from '../model/values.ts';
import { codeOf } from './attempt.ts';
import type { Autopsy, Unread } from '../model/history.ts';

/** NOT INDEXED: the table itself, not what an index says of it. */
function sqlOf({ prefix, key, table }: QueryPart, order: '' | 'ORDER BY rowid DESC'): string {
  const value = prefix === '' ? key : `'${prefix.replaceAll("'", "''")}' || (${key})`;
  return `SELECT ${value} FROM "${table.replaceAll('"', '""')}" NOT INDEXED ${order}`;
}

interface Read {
  readonly rows: readonly Json[][];
  readonly error: string | undefined;
  readonly message?: string;
}

/** A pragma that only asks: SQLite takes some of these, as `journal_mode`, for statements that may write. */
const asks = /^\s*PRAGMA\s+\w+\s*;?\s*$/i;

function read(db: Database.Database, sql: string): Read {
  const rows: Json[][] = [];
  try {
    const statement = db.prepare(sql);
    if (!statement.readonly && !asks.test(sql)) throw new TypeError('it would change the database');
    for (const row of statement.raw().iterate()) rows.push(row as Json[]);
    return { rows, error: undefined };
  } catch (error) {
    const said = error instanceof Error ? { message: error.message } : {};
    return { rows, error: codeOf(error), ...said };
  }
}

/** All rows of a part that can be read, from its first row on, and where there is damage, from its last row back to that. */
function readPart(db: Database.Database, part: QueryPart): Read {
  const forwards = read(db, sqlOf(part, ''));
  if (forwards.error === undefined) return forwards;
  const both = [...forwards.rows, ...read(db, sqlOf(part, 'ORDER BY rowid DESC')).rows];
  return { ...forwards, rows: [...new Map(both.map((row) => [JSON.stringify(row), row])).values()] };
}

export function readQueries(db: Database.Database, queries: Queries): Pick<Autopsy, 'queries' | 'unread'> {
  const found: { [name: string]: Autopsy['queries'][string] } = {};
  const unread: Unread[] = [];
  for (const [query, given] of Object.entries(queries)) {
    const parts =
      typeof given === 'string'
        ? [{ table: null, prefix: '', ...read(db, given) }]
        : given.map((part) => ({ ...part, ...readPart(db, part) }));
    const rows = parts.flatMap((part) => part.rows);
    const first = parts.find(({ error }) => error !== undefined);
    const why = first?.message === undefined ? {} : { message: first.message };
    found[query] = first?.error === undefined ? rows : { error: first.error, ...why, rows };
    for (const { table, prefix, error } of parts) if (error !== undefined) unread.push({ query, table, prefix, error });
  }
  return { queries: found, unread };
}
