// wal-reset-in-checkpoint: a new generation of the WAL began (its header was written) while another connection was
// inside a checkpoint. SQLite up to 3.51.2 may then skip frames (wal.html, "The WAL-reset bug").
import { role } from '../../model/operations.ts';
import { decode } from '../../model/record.ts';
import { openerOf } from '../../model/step.ts';
import type { OpenFile } from '../file-table.ts';
import { connectionsTo, type Mark } from './mark.ts';

export const walResetInCheckpoint: Mark = {
  name: 'wal-reset-in-checkpoint',
  says: 'wal reset inside a checkpoint: a new WAL header while another connection holds the checkpoint lock',
  at: ['write'],
  reached(record, lane, tables) {
    if (record.role !== role.wal || decode.write(record).offset !== 0) return false;
    const file = (lane.files[record.file] ?? '').replace(/-wal$/, '');
    const own = tables.files.at(openerOf(record, lane), record.handle)?.database;
    const isAnother = (one: OpenFile): boolean => (own === undefined ? one.lane !== lane.name : one !== own);
    return connectionsTo(file, tables).some((one) => isAnother(one) && tables.locks.hasCheckpointLock(one));
  },
};
