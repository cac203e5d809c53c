// no-silent-loss: what was acknowledged is there, or comes back, or is named. Seen in #33789 (0 tasks, integrity ok, the backups
// full) and in #30687 (a new board of 106 KB with 0 rows, and the gateway goes on).
//
// Where nothing promises to bring a board back, it asks that no data disappear behind a valid empty one: acknowledged tasks were
// there, and at the end a sound board has none of them; or a new board was made where they were, and not all of them came back.
// Whether backups or moved files still hold them does not matter: nobody was told.
//
// Where a recovery promises it, each acknowledged row is on the board once its time is over, whatever became of the board, or of what
// lies beside it; where both were damaged, it is there or named in what was told. A
// recovery does harm of its own too: rows twice, rows that were rolled back, a task that was done and is not any more.
// What stays out: the loss of some rows of a board that is still the same (acknowledged-commits), and a board that a person
// wanted new (promise.ts).
import type { History } from '../../harness/model/history.ts';
import { invariant } from '../../harness/model/invariant.ts';
import { ledgerName } from '../programs/board/write-txn.ts';
import { wordsOf } from './said.ts';
import { count } from '../../harness/model/count.ts';
import { askedFor, boardFrom, isTimeOver, lostWithBoth, promiseOf } from './promise.ts';
import { keysAtEnd } from './soundness.ts';

const taskPrefix = 'task:';

/** Name of the query of all tasks with their statuses. */
export const statusesName = 'statuses';

export const noSilentLoss = invariant(
  'no-silent-loss',
  'harm',
  'what was acknowledged is there, comes back in time, or is named; and nothing comes back that was not, or older than it was',
  function* (history) {
    if (promiseOf(history).recoversMsMost === null) {
      yield* behindAnEmptyBoard(askedFor(history));
      return;
    }
    yield* wronglyBack(history);
    if (!isTimeOver(history)) return;
    yield* notBack(history);
    yield* olderBack(history);
  },
);

function* behindAnEmptyBoard(history: History) {
  const atEnd = keysAtEnd(history.autopsy);
  const from = boardFrom(history);
  const tasks: string[] = [];
  for (const { kind, step, data } of wordsOf(history.observations, 'committed', 'board-created')) {
    if (step <= from) continue;
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
}

/** Rows of which somebody was told where they are. */
function rescuedRows({ observations }: History): readonly string[] {
  return wordsOf(observations, 'board-replaced').flatMap(({ data }) => data.rows);
}

function* notBack(history: History) {
  const from = boardFrom(history);
  const acknowledged = wordsOf(history.observations, 'committed').filter(
    ({ step, data }) => step > from && data.table === ledgerName,
  );
  const [first] = acknowledged;
  if (first === undefined) return;
  const atEnd = keysAtEnd(history.autopsy);
  const { rows, unnamed, before, gone } = lostWithBoth(history);
  if (gone) return;
  if (atEnd === undefined) {
    yield { message: 'rows had been acknowledged, and no board that can be read has come back', step: first.step };
    return;
  }
  const named = new Set([...rescuedRows(history), ...rows]);
  const unknown = acknowledged.flatMap(({ step, lane, data }) => {
    const keys = data.keys.filter((key) => !atEnd.has(key) && !named.has(key));
    return keys.length === 0 || step < before ? [] : [{ step, lane, keys }];
  });
  if (unknown.length <= unnamed) return;
  const missing = unknown.flatMap(({ step, lane, keys }) => keys.map((key) => ({ step, lane, key })));
  const [lost] = missing;
  if (lost === undefined) return;
  const told = new Set(wordsOf(history.observations, 'board-recovered').flatMap(({ data }) => data.lost));
  const why = told.has(lost.key) ? 'though they were named, which is no excuse here' : 'and nobody named them';
  yield {
    message:
      `${count(missing.length, 'acknowledged row')} did not come back, ${why}; the first is ${lost.key}, ` +
      `acknowledged to ${lost.lane}`,
    step: lost.step,
  };
}

function* wronglyBack({ observations, autopsy }: History) {
  const rows = autopsy.queries[ledgerName] ?? [];
  const keys = ('error' in rows ? rows.rows : rows).flatMap(([key]) => (typeof key === 'string' ? [key] : []));
  const atEnd = new Set<string>();
  for (const key of keys) {
    if (atEnd.has(key)) yield { message: `${key} is on the board twice` };
    atEnd.add(key);
  }
  for (const { step, lane, data } of wordsOf(observations, 'rolled-back')) {
    const back = data.keys.find((key) => atEnd.has(key));
    if (back === undefined) continue;
    yield { message: `${back} is on the board, though ${lane} was told that its transaction was rolled back`, step };
  }
}

/** A person may have put an older state there; by the end of the time it is gone again. */
function* olderBack(history: History) {
  const { observations, autopsy } = history;
  const { rows, unnamed, before } = lostWithBoth(history);
  if (rows.size + unnamed > 0) return; // told to be lost; a change adds no row that could be named
  const statuses = autopsy.queries[statusesName] ?? [];
  const statusOf = new Map(('error' in statuses ? statuses.rows : statuses).map(([id, status]) => [id, status]));
  for (const { step, data } of wordsOf(observations, 'run-ended')) {
    const status = statusOf.get(data.task);
    if (
      step < before ||
      data.outcome !== 'completed' ||
      status === undefined ||
      status === 'done' ||
      status === 'archived'
    )
      continue;
    yield {
      message: `${data.task} was done, acknowledged to ${data.by}, and is ${JSON.stringify(status)} at the end: an older state came back`,
      step,
    };
  }
}
