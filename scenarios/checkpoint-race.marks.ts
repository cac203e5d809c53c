// The window of checkpoint-race, read off a history.
import type { HistoryMark } from '../harness/model/scenario.ts';
import { processOf } from '../harness/model/names.ts';

/** Said by a person, who has no connection, and by the harness. */
const noActs: ReadonlySet<string> = new Set(['operator', 'quiet']);

/**
 * What both suspected causes need, and what no fix takes away: in WAL mode a checkpoint is part of COMMIT, and with a
 * rollback journal COMMIT writes the database. Whether the other process gets in, or waits, is for the fix to decide.
 */
export const actedInsideCommit: HistoryMark = {
  name: 'acted-inside-commit',
  says: 'a process acted while another stood in the middle of COMMIT, the checkpoint in it included',
  count({ observations }) {
    const committing = new Set<string>();
    let commits = 0;
    for (const { lane, kind } of observations) {
      if (noActs.has(kind)) continue;
      committing.delete(lane);
      for (const other of committing) {
        if (processOf(other) === processOf(lane)) continue;
        committing.delete(other);
        commits++;
      }
      if (kind === 'committing') committing.add(lane);
    }
    return commits;
  },
};
