// The machine fails the examiner: it looks alone, without faults, at files that lie there, so an I/O error is no property
// of the database. SQLite says which kind of call failed but not why, so the calls are tried once more by hand. What stays
// out: errors of the run itself (run/host-records.ts).
import { closeSync, ftruncateSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type HostErrno, hostErrnoOf } from '../errors/host-errors.ts';

/** @property likely what it was, if trying again does not show it */
export class HostTrouble extends Error {
  readonly likely: HostErrno;
  constructor(likely: HostErrno) {
    super(likely);
    this.likely = likely;
  }
}

/** What a result code of SQLite says of the machine; undefined where the database can be the reason. */
export function likelyTrouble(code: string): HostErrno | undefined {
  if (code === 'SQLITE_NOMEM' || code === 'SQLITE_IOERR_NOMEM') return 'ENOMEM';
  if (code === 'SQLITE_FULL') return 'ENOSPC';
  // A file that ends too early is a finding.
  return code.startsWith('SQLITE_IOERR') && code !== 'SQLITE_IOERR_SHORT_READ' ? 'EIO' : undefined;
}

/** Descriptors that SQLite needs for one database, its sidecars and temporary files. */
const descriptorsNeeded = 8;
/** By so much more than the largest file SQLite may need to write: a whole -wal. */
const bytesMore = 1 << 20;

/** Tries what SQLite does with these files: many open at once, all read, one larger written. Result: what fails. */
export function troubleIn(root: string): HostErrno | undefined {
  const scratch = `${root}.scratch`;
  const opened: number[] = [];
  try {
    for (let i = 0; i < descriptorsNeeded; i++) opened.push(openSync('/dev/null', 'r'));
    let largest = 0;
    for (const name of readdirSync(root)) {
      const path = join(root, name);
      if (!statSync(path).isFile()) continue;
      largest = Math.max(largest, readFileSync(path).length);
    }
    const fd = openSync(scratch, 'w');
    opened.push(fd);
    ftruncateSync(fd, largest + bytesMore);
    writeSync(fd, 'x', largest + bytesMore);
    return undefined;
  } catch (error) {
    return hostErrnoOf(error);
  } finally {
    for (const fd of opened) closeSync(fd);
    rmSync(scratch, { force: true });
  }
}
