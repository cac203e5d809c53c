// close-beside-holder: a process closed its last connection to a database that another process has open.
import { role } from '../../model/operations.ts';
import { connectionsTo, type Mark } from './mark.ts';

export const closeBesideHolder: Mark = {
  name: 'close-beside-holder',
  says: 'last close of a process under a live holder: another process has a connection to the same database',
  at: ['close'],
  reached(record, lane, tables) {
    if (record.role !== role.db) return false;
    const file = lane.files[record.file] ?? '';
    const open = connectionsTo(file, tables);
    const own = open.filter(({ process }) => process === lane.process.name);
    return own.length === 1 && open.length > 1;
  },
};
