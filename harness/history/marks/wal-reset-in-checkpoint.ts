// wal-reset-in-checkpoint: a new generation of the WAL began (its header was written) while another connection was
// inside a checkpoint. SQLite up to 3.51.2 may then skip frames (wal.html, "The WAL-reset bug").
import { role } from '../../gate/protocol.ts';
import { decode } from '../../model/record.ts';
import { shmSlot } from '../believed-locks.ts';
import type { Mark } from './mark.ts';

export const walResetInCheckpoint: Mark = {
  name: 'wal-reset-in-checkpoint',
  says: 'wal reset inside a checkpoint: a new WAL header while another connection holds the checkpoint lock',
  at: ['write'],
  reached(record, lane, locks) {
    if (record.role !== role.wal || decode.write(record).offset !== 0) return false;
    const file = (lane.files[record.file] ?? '').replace(/-wal$/, '');
    for (const handle of locks.handles()) {
      if (handle.file !== file || handle.lane === lane.name) continue;
      if ((handle.exclusiveSlots & (1 << shmSlot.checkpoint)) !== 0) return true;
    }
    return false;
  },
};
