// io-hiccup: a volume answers EIO for a while, then is well again: what a detached cloud volume or a loose cable does.
// Each operation fails with the code that SQLite's unix VFS has for it; raw file operations with EIO. What goes on: giving
// back (unlock, close, unmap), which needs no volume; memory that is mapped; and whether a file is there, for which the VFS
// knows no error (unixAccess).
import type { FaultOf } from '../../model/fault.ts';
import { type Operation, op, operations, role } from '../../model/operations.ts';
import { decode } from '../../model/record.ts';
import { resultCodes } from '../../model/result-codes.ts';
import type { FaultKind, StepAhead } from './fault.ts';

const codes: { readonly [name in Operation]?: string } = {
  open: 'SQLITE_CANTOPEN',
  read: 'SQLITE_IOERR_READ',
  write: 'SQLITE_IOERR_WRITE',
  truncate: 'SQLITE_IOERR_TRUNCATE',
  sync: 'SQLITE_IOERR_FSYNC',
  fileSize: 'SQLITE_IOERR_FSTAT',
  lock: 'SQLITE_IOERR_LOCK',
  checkReserved: 'SQLITE_IOERR_CHECKRESERVEDLOCK',
  shmMap: 'SQLITE_IOERR_SHMMAP',
  shmLock: 'SQLITE_IOERR_SHMLOCK',
  delete: 'SQLITE_IOERR_DELETE',
  fileRead: 'SQLITE_IOERR_READ',
  fileWrite: 'SQLITE_IOERR_WRITE',
  stat: 'SQLITE_IOERR_FSTAT',
  rename: 'SQLITE_IOERR',
  unlink: 'SQLITE_IOERR_DELETE',
  copy: 'SQLITE_IOERR_READ',
  link: 'SQLITE_IOERR',
  list: 'SQLITE_IOERR_READ',
  flock: 'SQLITE_IOERR_LOCK',
  lstat: 'SQLITE_IOERR_FSTAT',
  rmdir: 'SQLITE_IOERR_DELETE',
  chmod: 'SQLITE_IOERR',
  utime: 'SQLITE_IOERR',
  fdOpen: 'SQLITE_CANTOPEN',
  fdRead: 'SQLITE_IOERR_READ',
  fdWrite: 'SQLITE_IOERR_WRITE',
  fdTruncate: 'SQLITE_IOERR_TRUNCATE',
  fdSync: 'SQLITE_IOERR_FSYNC',
  fdStat: 'SQLITE_IOERR_FSTAT',
  fdLock: 'SQLITE_IOERR_LOCK',
  fdChmod: 'SQLITE_IOERR',
};

/** What a volume that answers EIO does to a step: name of the code that its operation fails with; undefined where it needs no volume. */
export function eioCode(step: Pick<StepAhead, 'op' | 'a' | 'b' | 'sum'>): string | undefined {
  if (step.op === op.shmLock && decode.shmLock(step).action === 'unlock') return undefined;
  return codes[operations[step.op] ?? 'end'];
}

const failing = Object.keys(codes).map((name) => op[name as Operation]);

export const ioHiccup = {
  kind: 'io-hiccup',
  says: 'reading, writing, syncing, locking and mapping fail with EIO for a virtual time',
  strike({ ms, lane, process, files }, host) {
    const codeOf = (step: StepAhead): number | undefined => resultCodes[eioCode(step) ?? ''];
    const roles = files?.map((name) => role[name]);
    const until = { timeMs: host.nowMs + ms };
    host.fail({ codeOf, ops: failing, roles, lane, process, once: false, until });
  },
} satisfies FaultKind<FaultOf<'io-hiccup'>>;
