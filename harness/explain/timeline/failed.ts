// Is the result of a step an error? A VFS says no in many ways that are part of every run; those are no errors. What stays
// out: errors that SQLite found by itself, without a VFS call that failed (a damaged page): lanes tell them.
import { constants } from 'node:os';
import type { TraceStep } from '../../observe/trace.ts';

/** Somebody else has the lock: an answer. */
const busy = /^SQLITE_(BUSY|LOCKED)/;

/**
 * What SQLite takes as an answer, by where it comes from (pager.c, wal.c):
 * a short read of a database or journal is a new file, or its end, and the rest counts as zeros; of a -wal it is an error,
 * since SQLite reads only frames that the wal-index promises. A -wal to be deleted that is gone already is gone, while a
 * journal that is gone cannot end its transaction. SQLITE_NOTFOUND (12) of xFileControl is a question that this VFS does not know.
 */
function isAnswer({ op, rc, role }: TraceStep): boolean {
  if (rc === 'SQLITE_IOERR_SHORT_READ') return role !== 'wal';
  if (rc === 'SQLITE_IOERR_DELETE_NOENT') return role === 'wal';
  return op === 'fileControl' && rc === '12';
}

/** Of a raw file operation: no such file, a file that is there already, a lock that somebody else has. */
const { ENOENT, EEXIST, EWOULDBLOCK } = constants.errno;
const answers: ReadonlySet<number | string> = new Set([0, ENOENT, EEXIST, EWOULDBLOCK]);

/** Steps that are no file operations: their number says something else, such as that a mutex was taken. */
const noFile: ReadonlySet<string> = new Set(['tell', 'ask', 'mark', 'sleep', 'busySleep', 'start', 'end', 'observe']);

/**
 * Did a step end with an error, by itself or by a fault of the plan: SQLITE_IOERR…, FULL, CANTOPEN, CORRUPT, READONLY, …
 * of SQLite's own operations, EIO, ENOSPC, EACCES, … of raw ones? Not SQLITE_BUSY, nor what SQLite takes as an answer.
 */
export function isFailed(step: TraceStep): boolean {
  const { op, rc } = step;
  if (noFile.has(op)) return false;
  if (typeof rc === 'number') return step.injected === true ? rc !== 0 : !answers.has(rc);
  if (rc === 'SQLITE_OK' || busy.test(rc)) return false;
  return step.injected === true || !isAnswer(step);
}
