// The examiner: a separate process, without the gate, that opens a run's database after every lane has ended and says
// what is in it, on the newest SQLite (the one that better-sqlite3 ships). One request a line in, one answer a line
// out, blocking on both sides. Where the machine itself fails it, it says so instead (host-trouble.ts). What stays out:
// judgement (invariants/).
import { lstatSync, readdirSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { type HostErrno, hostErrnoOf } from '../host-errors.ts';
import type { Json } from '../lane/world.ts';
import { attempt, codeOf } from './attempt.ts';
import type { Autopsy, QueryError } from './history.ts';
import { HostTrouble, troubleIn } from './host-trouble.ts';
import { walkTables } from './table-walk.ts';

/** @property database below `root` */
export interface ExamineRequest {
  readonly root: string;
  readonly database: string;
  readonly queries: { readonly [name: string]: string };
}

/** `host`: the machine did not let it look; with the name of the errno. */
export type ExamineAnswer = { readonly autopsy: Autopsy } | { readonly host: HostErrno };

/** What a check says. Where it fails in the middle, the lines before are kept, and the code is the last. */
function lines(db: Database.Database, pragma: string): readonly string[] {
  const said: string[] = [];
  const got = attempt(() => {
    for (const line of db.prepare(`PRAGMA ${pragma}(10)`).pluck().iterate()) said.push(String(line));
    return null;
  });
  return got === null ? said : [...said, got.error];
}

/** A pragma that only asks: SQLite takes some of these, as `journal_mode`, for statements that may write. */
const asks = /^\s*PRAGMA\s+\w+\s*;?\s*$/i;

function rowsOf(db: Database.Database, sql: string): readonly (readonly Json[])[] | QueryError {
  try {
    const statement = db.prepare(sql);
    if (!statement.readonly && !asks.test(sql)) throw new TypeError('it would change the database');
    return statement.raw().all() as Json[][];
  } catch (error) {
    const said = error instanceof Error ? { message: error.message } : {};
    return { error: codeOf(error), ...said };
  }
}

function examine({ root, database, queries }: ExamineRequest): Autopsy {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .toSorted()
    .flatMap((name) => {
      const stat = lstatSync(join(root, name));
      return stat.isFile() ? [{ name, bytes: stat.size }] : [];
    });
  const nothing = { files, integrity: [], quick: [], foreignKeys: 0, tables: [], queries: {} };
  let db: Database.Database;
  try {
    db = new Database(join(root, database), { fileMustExist: true, timeout: 0 });
  } catch (error) {
    if (codeOf(error).startsWith('SQLITE_CANTOPEN') && troubleIn(root) !== undefined) throw new HostTrouble('EMFILE');
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
      tables: walkTables(db),
      queries: Object.fromEntries(Object.entries(queries).map(([name, sql]) => [name, rowsOf(db, sql)])),
    };
  } finally {
    db.close();
  }
}

function answerTo(request: ExamineRequest): ExamineAnswer {
  try {
    return { autopsy: examine(request) };
  } catch (error) {
    const host = error instanceof HostTrouble ? (troubleIn(request.root) ?? error.likely) : hostErrnoOf(error);
    if (host === undefined) throw error;
    return { host };
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
    const answer = Buffer.from(`${JSON.stringify(answerTo(request))}\n`);
    for (let at = 0; at < answer.length; ) at += writeSync(1, answer, at);
  }
}
