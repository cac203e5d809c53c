// The examiner: a separate process, without the gate, that opens a run's database after every lane has ended and says
// what is in it, on the newest SQLite (the one that better-sqlite3 ships): first as the lanes left it, then after the recovery
// that opening it brings about. One request a line in, one answer a line out, blocking on both sides. Where the machine
// itself fails it, it says so instead (host-trouble.ts). What stays out: judgement (judge/).
import { lstatSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { type HostErrno, hostErrnoOf } from '../errors/host-errors.ts';
import { readLines, writeLine } from '../host/lines.ts';
import { attempt, codeOf } from './attempt.ts';
import { checkLines } from './check-lines.ts';
import { besideOf, examineAlone } from './before-recovery.ts';
import type { Autopsy } from '../model/history.ts';
import { HostTrouble, troubleIn } from './host-trouble.ts';
import { readQueries } from './queries.ts';
import type { Queries } from '../model/queries.ts';
import { walkTables } from './table-walk.ts';

/**
 * @property database below `root`
 * @property brief of many disks, each only for what sets one apart: not what the file is by itself before recovery, nor what
 *   quick_check says, which is a part of what integrity_check says
 */
export interface ExamineRequest {
  readonly root: string;
  readonly database: string;
  readonly queries: Queries;
  readonly brief?: true;
}

/** `host`: the machine did not let it look; with the name of the errno. */
export type ExamineAnswer = { readonly autopsy: Autopsy } | { readonly host: HostErrno };

function examine(request: ExamineRequest): Autopsy {
  const { root, database, brief } = request;
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .toSorted()
    .flatMap((name) => {
      const stat = lstatSync(join(root, name));
      return stat.isFile() ? [{ name, bytes: stat.size }] : [];
    });
  const path = join(root, database);
  const beside = besideOf(path);
  // Where there is nothing to recover, the database after it is the file by itself.
  const alone =
    brief !== true && (beside.hotJournal || beside.walPages > 0) ? examineAlone(path, dirname(root)) : undefined;
  const found = examineOpen(request);
  const { opened, integrity } = alone ?? found;
  return { files, before: { ...beside, opened, integrity }, ...found };
}

/** Opens the database, which recovers what there is to recover. */
function examineOpen({ root, database, queries, brief }: ExamineRequest): Omit<Autopsy, 'files' | 'before'> {
  const nothing = { integrity: [], quick: [], foreignKeys: 0, tables: [], queries: {}, unread: [] };
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
      opened,
      integrity: checkLines(db, 'integrity_check'),
      quick: brief === true ? [] : checkLines(db, 'quick_check'),
      foreignKeys: typeof foreignKeys === 'number' ? foreignKeys : -1,
      tables: walkTables(db),
      ...readQueries(db, queries),
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

for await (const line of readLines(0)) writeLine(1, JSON.stringify(answerTo(JSON.parse(line) as ExamineRequest)));
