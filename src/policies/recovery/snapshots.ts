// Consistent snapshots beside the board, the last two, verified. A board that is missing, or older than the newest, is put
// back from it: what had been committed since is lost, and only how much of it can be told.
import { during } from '../../board-file/board-error.ts';
import { readState, writeState } from '../../board-file/recovery/board-state.ts';
import { bringForward, bringUp, lookWithoutJournal, snapshotAgain, takeIn } from '../../board-file/recovery/keeper.ts';
import { journal } from './journal.ts';
import type { Recovery } from './recovery.ts';

const by = 'recover';

export const snapshots: Recovery = {
  ...journal,
  says: 'snapshots beside the board, one a tick of the dispatcher: what is missing or older is put back from the newest',
  keepsAll: false,
  opened(use, connection) {
    const { world, file, dispatches } = use;
    return during(by, () => {
      const { standing } = lookWithoutJournal(world, file, connection);
      if (standing === 'as-left' && !dispatches) return true;
      return journal.locked(use, by, () => {
        const { standing: now } = lookWithoutJournal(world, file, connection);
        if (now === 'unknown') takeIn(world, file, connection, false);
        if (now === 'another') bringUp(world, file, 'another', lookWithoutJournal);
        if (now === 'as-left' && dispatches) snapshotAgain(world, file, connection);
        return now !== 'another';
      });
    });
  },
  begun({ world, file }, connection) {
    return during(by, () => {
      if (lookWithoutJournal(world, file, connection).standing !== 'as-left') return undefined;
      return {
        recording() {
          const sequence = (readState(connection)?.sequence ?? 0) + 1;
          writeState(connection, { sequence, base: 0, length: 0 });
          return { write: () => undefined, takeBack: () => undefined };
        },
      };
    });
  },
  bringForward: ({ world, file }, why) =>
    during(by, () => {
      if (why === 'damaged') bringForward(world, file, why);
      else bringUp(world, file, why, lookWithoutJournal);
    }),
  dueMs: () => Infinity,
};
