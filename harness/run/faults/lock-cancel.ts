// lock-cancel: the process opens, reads and closes the database file raw, which drops every POSIX lock it holds on it
// (howtocorrupt.html, section 2.2). The variant `all` does the same to -wal and -shm: from 3.51.0 on, SQLite resists
// the variant `db`.
import type { FaultOf } from '../../model/fault.ts';
import { type FaultKind, victimProcess } from './fault.ts';

export const lockCancel = {
  kind: 'lock-cancel',
  says: 'the process opens, reads and closes the database raw: its POSIX locks are gone (files: db | all)',
  strike(spec, host) {
    const process = victimProcess(spec, host);
    if (process === undefined) return;
    const database = spec.database ?? host.database;
    host.rawRead(process, spec.files === 'db' ? [database] : [database, `${database}-wal`, `${database}-shm`]);
  },
} satisfies FaultKind<FaultOf<'lock-cancel'>>;
