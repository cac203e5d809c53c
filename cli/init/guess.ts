// What a folder shows of the program in it: how it is started, which database it shares, what is in that. Guesses, to be corrected by
// whoever reads them. What stays out: asking (ask.ts) and writing (scenario-text.ts).
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';

/**
 * @property schema statements that make the tables; empty where there is no database to read
 * @property query one that gives keys; undefined where no table is known
 */
interface Guessed {
  readonly command: string | undefined;
  readonly database: string;
  readonly schema: string;
  readonly query: string | undefined;
}

/** @param database as a person names it; undefined: the first that lies there, or that the program names */
export function guess(folder: string, database: string | undefined): Guessed {
  const command = commandIn(folder);
  const found = database ?? globSync('*.{db,sqlite,sqlite3}', { cwd: folder }).toSorted()[0];
  return { command, database: found ?? namedIn(folder, command) ?? 'app.db', ...contentsOf(folder, found) };
}

/** The first database that a program names in its text. */
function namedIn(folder: string, command: string | undefined): string | undefined {
  const text = textOf(join(folder, command?.split(' ')[1] ?? ''));
  return /(?<=['"`\s])[\w-]+\.(?:db|sqlite3?)(?=['"`\s])/.exec(text)?.[0];
}

/** Words that only a program which uses SQLite has. */
const usesSqlite = /\bsqlite3?\b/i;

function commandIn(folder: string): string | undefined {
  const candidates = globSync('*.{py,js,mjs,cjs,ts,sh}', { cwd: folder }).toSorted();
  const ours = /^lockstep\.|\.(?:config|scenario|test|d)\./;
  const uses = candidates.filter((name) => !ours.test(name) && usesSqlite.test(textOf(join(folder, name))));
  const [first] = uses;
  if (first === undefined) return startScript(folder);
  if (first.endsWith('.py')) return `python3 ${first}`;
  return first.endsWith('.sh') ? `sh ${first}` : `node ${first}`;
}

/** Of package.json, where it is a program that could run as it is. */
function startScript(folder: string): string | undefined {
  try {
    const { scripts } = JSON.parse(textOf(join(folder, 'package.json'))) as { scripts?: { start?: unknown } };
    const start = scripts?.start;
    return typeof start === 'string' && /^(?:node|python3?|sh) [\w./-]+(?: [\w./=-]+)*$/.test(start)
      ? start
      : undefined;
  } catch {
    return undefined; // none, or not JSON: then it says nothing
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function contentsOf(folder: string, database: string | undefined): Pick<Guessed, 'schema' | 'query'> {
  const nothing = { schema: '', query: undefined };
  if (database === undefined) return nothing;
  try {
    const db = new Database(join(folder, database), { readonly: true, fileMustExist: true });
    try {
      const made = db.prepare(
        "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid",
      );
      const all = made.all() as readonly { readonly type: string; readonly name: string; readonly sql: string }[];
      const table = all.find(({ type }) => type === 'table')?.name;
      const journal = db.pragma('journal_mode', { simple: true }) === 'wal' ? ['PRAGMA journal_mode=WAL'] : [];
      return {
        schema: [...journal, ...all.map(({ sql }) => sql)].map((statement) => `${statement};`).join('\n'),
        query: table === undefined ? undefined : `SELECT ${keyOf(db, table)} FROM ${quoted(table)}`,
      };
    } finally {
      db.close();
    }
  } catch {
    return nothing; // no database, or one that cannot be read: the person knows what is in it
  }
}

function keyOf(db: Database.Database, table: string): string {
  const keys = db
    .prepare('SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk')
    .pluck()
    .all(table) as string[];
  const [only] = keys;
  return keys.length === 1 && only !== undefined ? quoted(only) : 'rowid';
}

function quoted(name: string): string {
  return /^[a-z_]\w*$/i.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
