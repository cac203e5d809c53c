// no-silent-loss: no data disappears behind a valid empty board. Seen in #33789 (0 tasks, integrity ok, the backups full)
// and in #30687 (a new board of 106 KB with 0 rows, and the gateway goes on). Acknowledged tasks were there, and at the
// end a sound board has none of them; or a new board was made where they were, and not all of them came back. Whether
// backups or moved files still hold them does not matter: nobody was told. What stays out: the loss of some rows of a
// board that is still the same (acknowledged-commits).
import { invariant } from '../../harness/model/invariant.ts';
import { ledgerName } from '../programs/board/write-txn.ts';
import { wordsOf } from './said.ts';
import { count } from '../../harness/model/count.ts';
import { keysAtEnd } from './soundness.ts';

const taskPrefix = 'task:';

export const noSilentLoss = invariant(
  'no-silent-loss',
  'harm',
  'no acknowledged tasks disappear behind a valid empty board',
  function* (history) {
    const atEnd = keysAtEnd(history.autopsy);
    const tasks: string[] = [];
    for (const { kind, step, data } of wordsOf(history.observations, 'committed', 'board-created')) {
      if (kind === 'committed') {
        if (data.table === ledgerName) tasks.push(...data.keys.filter((key) => key.startsWith(taskPrefix)));
        continue;
      }
      const lost = tasks.filter((key) => atEnd?.has(key) !== true).length;
      if (lost === 0) continue;
      const message =
        `${data.by} made a new, empty ${data.board} at step ${step}, though ${count(tasks.length, 'task')} had been ` +
        `acknowledged on it; ${atEnd === undefined ? 'at the end no board can be read' : `${lost} of them never came back`}`;
      yield { message, step };
    }
    if (atEnd === undefined || tasks.length === 0 || tasks.some((key) => atEnd.has(key))) return;
    yield {
      message: `${count(tasks.length, 'task')} had been acknowledged, and the board at the end is valid and has none`,
    };
  },
);
