// disk-full: no block is free from then on, until it is lifted. Each step fails as SQLite's unix VFS fails on ENOSPC
// (os_unix.c): a write with SQLITE_FULL, a wal-index that must grow with SQLITE_IOERR_SHMSIZE, an open that must make the
// file with SQLITE_CANTOPEN; a raw write or copy, and an open that makes a file, with ENOSPC. Every write fails, also one over bytes that are there, as on
// a file system that copies on write. Truncating, unlinking and renaming go on: they give space back, or need none. A PostgreSQL server's tables
// and indexes do not grow, and its WAL has room (postgres/crash-point.c).
import type { FaultOf } from '../../model/fault.ts';
import { op } from '../../model/operations.ts';
import { decode } from '../../model/record.ts';
import { resultCodes } from '../../model/result-codes.ts';
import type { FaultHost, FaultKind, StepAhead } from './fault.ts';

const { SQLITE_FULL, SQLITE_CANTOPEN, SQLITE_IOERR_SHMSIZE } = resultCodes;

/** SQLITE_OPEN_CREATE (sqlite3.h). */
const openCreate = 4;
/** Bytes of one region of the wal-index (wal.c, WALINDEX_PGSZ). */
const regionBytes = 32_768;

function createsFile(step: StepAhead, host: FaultHost): boolean {
  return (decode.open(step).flags & openCreate) !== 0 && host.sizeOf(step.file) === undefined;
}

/** The wal-index is reached through its database's file. */
function growsIndex(step: StepAhead, host: FaultHost): boolean {
  const { page, extend } = decode.shmMap(step);
  return extend !== 0 && (host.sizeOf(`${step.file}-shm`) ?? 0) < (page + 1) * regionBytes;
}

/** Operations that need space, and how each fails. */
const needs = new Map<number, (step: StepAhead, host: FaultHost) => number | undefined>([
  [op.write, () => SQLITE_FULL],
  [op.shmMap, (step, host) => (growsIndex(step, host) ? SQLITE_IOERR_SHMSIZE : undefined)],
  [op.open, (step, host) => (createsFile(step, host) ? SQLITE_CANTOPEN : undefined)],
  [op.fileWrite, () => SQLITE_FULL],
  [op.copy, () => SQLITE_FULL],
  [op.fdWrite, () => SQLITE_FULL],
  [
    op.fdOpen,
    ({ text, file }, host) => (!text.startsWith('r') && host.sizeOf(file) === undefined ? SQLITE_FULL : undefined),
  ],
]);

export const diskFull = {
  kind: 'disk-full',
  says: 'no space is left on the disk, for everybody, until lifted',
  strike({ until }, host) {
    host.fillServerDisk(true);
    host.fail({
      codeOf: (step) => needs.get(step.op)?.(step, host),
      ops: [...needs.keys()],
      once: false,
      until,
      lifted: () => host.fillServerDisk(false),
    });
  },
} satisfies FaultKind<FaultOf<'disk-full'>>;
