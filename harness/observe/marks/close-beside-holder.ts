// close-beside-holder: a process closed its last connection to a database that another process has open.
import { role } from '../../gate/protocol.ts';
import type { Mark } from './mark.ts';

export const closeBesideHolder: Mark = {
  name: 'close-beside-holder',
  says: 'last close of a process under a live holder: another process has a connection to the same database',
  at: ['close'],
  reached(record, lane, locks) {
    if (record.role !== role.db) return false;
    const file = lane.files[record.file] ?? '';
    const own = [...locks.handles()].filter((handle) => handle.file === file && handle.process === lane.process.name);
    return (
      own.length === 1 &&
      [...locks.handles()].some((handle) => handle.file === file && handle.process !== lane.process.name)
    );
  },
};
