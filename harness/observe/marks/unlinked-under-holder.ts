// unlinked-under-holder: -wal was deleted while another process believed that it holds SHARED on the database.
import { role } from '../../model/operations.ts';
import { connectionsTo, type Mark } from './mark.ts';

export const unlinkedUnderHolder: Mark = {
  name: 'unlinked-under-holder',
  says: '-wal deleted by a process that took itself for the last while another held a connection',
  at: ['delete'],
  reached(record, lane, tables) {
    if (record.role !== role.wal || record.rc !== 0) return false;
    const file = (lane.files[record.file] ?? '').replace(/-wal$/, '');
    return connectionsTo(file, tables).some((one) => one.process !== lane.process.name && tables.locks.holdsAny(one));
  },
};
