// wal-reset-in-checkpoint: a new generation of the WAL began (its header was written) while another connection was
// inside a checkpoint. SQLite up to 3.51.2 may then skip frames (wal.html, "The WAL-reset bug").
import { role } from '../../model/operations.ts';
import { decode } from '../../model/record.ts';
import { connectionsTo, type Mark } from './mark.ts';

export const walResetInCheckpoint: Mark = {
  name: 'wal-reset-in-checkpoint',
  says: 'wal reset inside a checkpoint: a new WAL header while another connection holds the checkpoint lock',
  at: ['write'],
  reached(record, lane, tables) {
    if (record.role !== role.wal || decode.write(record).offset !== 0) return false;
    const file = (lane.files[record.file] ?? '').replace(/-wal$/, '');
    return connectionsTo(file, tables).some((one) => one.lane !== lane.name && tables.locks.hasCheckpointLock(one));
  },
};
