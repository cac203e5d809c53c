// locks-cancelled: a process opened and closed a database file raw while one of its own connections held locks on it.
import { op } from '../../gate/protocol.ts';
import { lockLevel } from '../believed-locks.ts';
import type { Mark } from './mark.ts';

export const locksCancelled: Mark = {
  name: 'locks-cancelled',
  says: 'locks cancelled while a connection is open: a raw open and close of a file that SQLite holds locks on',
  at: ['raw', 'fileRead', 'fileWrite', 'copy', 'funlock'],
  reached(record, lane, locks) {
    if (record.rc !== 0) return false;
    const touched = [lane.files[record.file] ?? ''];
    if (record.op === op.copy) touched.push(record.text);
    for (const handle of locks.handles()) {
      if (handle.process !== lane.process.name) continue;
      if (handle.level >= lockLevel.shared && touched.includes(handle.file)) return true;
      if (handle.shm !== undefined && touched.includes(`${handle.file}-shm`)) return true;
    }
    return false;
  },
};
