// An error of the board with the part of the program that met it, as a Python traceback would name it. What stays out:
// what to do about it, which is the caller's policy.
import { FileError, SqlError } from '../../harness/lane/world.ts';

/** Codes beside those of SQLite and errno. */
export const boardCode = {
  /** KanbanDbCorruptError: the health guard refuses the file. */
  corrupt: 'KANBAN_DB_CORRUPT',
  /** The board that was there is gone, and a new one is not made in its place. */
  gone: 'KANBAN_DB_GONE',
  /** `kanban recover` where nothing is kept beside the board. */
  noRecovery: 'KANBAN_NO_RECOVERY',
  /** The file that a connection has open is not the one that the path names any more. */
  replaced: 'KANBAN_DB_REPLACED',
  /** The use was skipped, the file not touched: the board is disabled in this process. */
  disabled: 'KANBAN_BOARD_DISABLED',
  /** After a commit the file is shorter than its header says. */
  tornExtend: 'TORN_EXTEND',
  lockTimeout: 'LOCK_TIMEOUT',
  /** The process that owns the board is gone, or does not answer. */
  proxyGone: 'PROXY_GONE',
  noSuchTask: 'NO_SUCH_TASK',
  /** The locks of an open could not be guarded (policies/ofd-guard). */
  unguarded: 'OFD_UNGUARDED',
  /** DeletedWalGenerationError: the -wal or -shm of this connection was deleted or replaced. */
  generationGone: 'WAL_GENERATION_GONE',
} as const;

/**
 * @property code SQLite's extended result code, an errno, or one of {@link boardCode}
 * @property statement the function that met it, such as `release_stale_claims`
 */
export class BoardError extends Error {
  readonly code: string;
  readonly statement: string;

  constructor(code: string, statement: string, message: string) {
    super(message);
    this.name = 'BoardError';
    this.code = code;
    this.statement = statement;
  }
}

/** Runs `body`; an error of SQLite or of a file operation in it comes out as a {@link BoardError}. The innermost names it. */
export function during<T>(statement: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (error instanceof SqlError || error instanceof FileError)
      throw new BoardError(error.code, statement, error.message);
    throw error;
  }
}

const damaged = /^SQLITE_(CORRUPT|NOTADB)/;
const missingTable = /no such table: (tasks|task_links|task_comments|task_events|task_runs|kanban_notify_subs)\b/;

/** Is this an error of SQLite's about the contents of the file: `sqlite3.DatabaseError`, "malformed" or "not a database"? */
export function saysDamaged({ code }: BoardError): boolean {
  return damaged.test(code);
}

/** Does this error say that the board is not what it should be, rather than busy, full or out of reach? */
export function saysCorrupt(error: BoardError): boolean {
  return (
    saysDamaged(error) ||
    error.code === boardCode.corrupt ||
    error.code === boardCode.gone ||
    (error.code === 'SQLITE_ERROR' && missingTable.test(error.message))
  );
}
