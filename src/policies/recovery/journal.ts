// An operations journal and snapshots beside the board. A transaction is acknowledged when its line is on the disk and its COMMIT
// has returned; the board's own row says to which line it has come. A board that is behind, of another generation, missing or
// damaged is made anew of snapshot and journal, by whoever finds it so, while all other writers wait.
import { timestamp } from '../../board-file/backups.ts';
import { during } from '../../board-file/board-error.ts';
import { writeState } from '../../board-file/recovery/board-state.ts';
import { listing, putAway, underRecoveryLock } from '../../board-file/recovery/folder.ts';
import { audit, auditIsDue, nextAuditMs } from '../../board-file/recovery/audit.ts';
import {
  bringForward,
  bringUp,
  firstLook,
  lookThoroughly,
  placeOfNext,
  takeIn,
} from '../../board-file/recovery/keeper.ts';
import { appendLine, cutSegment, entryLine, takeLineBack } from '../../board-file/recovery/operations-journal.ts';
import type { BoardUse } from '../corruption/corruption.ts';
import type { Recovery } from './recovery.ts';

const lockWaitsMs = 30_000;
const by = 'recover';

function locked<T>({ world, file }: BoardUse, who: string, body: () => T): T {
  return underRecoveryLock(world, file, lockWaitsMs, who, body);
}

/** Where only the journal is left, a board has been here as well. */
function isKnown({ world, file }: Pick<BoardUse, 'world' | 'file'>): boolean {
  const { snapshots, segments } = listing(world, file);
  return snapshots.length + segments.length > 0;
}

export const journal: Recovery = {
  says: 'each transaction is in a journal beside the board before its COMMIT; with snapshots it brings the board back',
  waitsMsMost: lockWaitsMs,
  // A notifier looks every 5 s, a dispatcher compares all rows every 60 s, and either may wait for the lock.
  recoversMsMost: 100_000,
  keepsAll: true,
  locked,
  opening(use) {
    const { world, file } = use;
    return during(by, () => {
      if ((world.files.stat(file)?.size ?? 0) > 0) return true;
      if (!isKnown(use)) return false;
      locked(use, by, () => {
        if ((world.files.stat(file)?.size ?? 0) === 0) bringForward(world, file, 'missing');
      });
      return true;
    });
  },
  mayCreate: (use) => during(by, () => !isKnown(use)),
  opened(use, connection) {
    const { world, file, dispatches } = use;
    return during(by, () => {
      const looksRight = firstLook(world, file, connection) === 'as-left';
      const mustAudit = looksRight && auditIsDue(world, file, connection, dispatches);
      if (looksRight && !mustAudit) return true;
      return locked(use, by, () => {
        let seen = lookThoroughly(world, file, connection);
        if (seen.standing === 'unknown') {
          if (takeIn(world, file, connection, true)) return true;
          seen = lookThoroughly(world, file, connection);
        }
        const { standing, state } = seen;
        if (standing !== 'as-left') {
          bringUp(world, file, 'another', lookThoroughly);
          return false;
        }
        // A writer was between its line and its COMMIT, or a line was taken back and lies there until the next one: that is no reason not to look.
        const isDue = mustAudit || (!looksRight && auditIsDue(world, file, connection, dispatches));
        return isDue && state !== undefined ? audit(world, file, connection, state) : true;
      });
    });
  },
  begun({ world, file }, connection) {
    return during(by, () => {
      const place = placeOfNext(world, file, connection);
      if (place === undefined) return undefined;
      return {
        recording: ({ by: who, rows, statements }) =>
          during('journal', () => {
            const { base, at, sequence } = place;
            const line = entryLine({ sequence, by: who, rows, statements });
            writeState(connection, { sequence, base, length: at + line.length });
            let isWritten = false;
            return {
              write() {
                appendLine(world, file, base, at, line);
                isWritten = true;
              },
              takeBack() {
                if (isWritten) takeLineBack(world, file, base, at, line.length);
                else cutSegment(world, file, base, at);
              },
            };
          }),
      };
    });
  },
  bringForward: ({ world, file }, why) =>
    during(by, () => {
      if (why === 'damaged') bringForward(world, file, why);
      else bringUp(world, file, why, lookThoroughly);
    }),
  dueMs: ({ world, file }) => nextAuditMs(world, file),
  forget({ world, file }) {
    const { snapshots } = listing(world, file);
    if (isKnown({ world, file })) putAway(world, file, snapshots.at(-1)?.generation ?? timestamp(world.now()));
  },
};
