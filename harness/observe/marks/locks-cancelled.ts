// locks-cancelled: a process opened and closed a database file raw while one of its own connections held locks on it.
import { posix } from 'node:path';
import { op } from '../../model/operations.ts';
import { openerOf } from '../../model/step.ts';
import type { Mark } from './mark.ts';

export const locksCancelled: Mark = {
  name: 'locks-cancelled',
  says: 'locks cancelled while a connection is open: a raw open and close of a file that SQLite holds locks on',
  at: ['raw', 'fileRead', 'fileWrite', 'copy', 'funlock', 'fdClose'],
  reached(record, lane, { files, locks }) {
    if (record.op === op.fdClose) {
      const closed = files.descriptorAt(openerOf(record, lane), record.handle)?.inode;
      return files
        .open()
        .filter(({ role, process }) => role === 'db' && process === lane.process.name)
        .some(
          (file) => (file.inode === closed && locks.holdsAny(file)) || (file.shm !== undefined && file.shm === closed),
        );
    }
    if (record.rc !== 0) return false;
    const touched = [lane.files[record.file] ?? ''];
    if (record.op === op.copy) touched.push(record.text);
    const names = touched.map((name) => posix.normalize(name));
    return files.open().some((file) => {
      if (file.role !== 'db' || file.process !== lane.process.name) return false;
      if (names.includes(file.name) && locks.holdsAny(file)) return true;
      return file.shm !== undefined && names.includes(`${file.name}-shm`);
    });
  },
};
