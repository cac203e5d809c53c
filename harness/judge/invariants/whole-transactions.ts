// whole-transactions: no transaction is there in part. Lanes leave observations of kind `committing` with
// `{table, keys}` before COMMIT, whatever then becomes of it: all keys are there at the end, or none.
import { type DiskState, diskStates, lossIsExplained } from './damaged-by-plan.ts';
import { invariant } from '../../model/invariant.ts';
import { isPresent, type KeysOfRows, rowsReadable, unreadPart } from './rows-present.ts';

export const wholeTransactions = invariant(
  'whole-transactions',
  'harm',
  'the rows of one transaction are all in the database, or none is',
  function* (history) {
    const told = new Set<number>();
    for (const state of diskStates(history)) {
      if (state.givenUp === true || state.promise === 'nothing') continue;
      for (const { message, step } of brokenIn(state)) {
        if (told.has(step)) continue;
        told.add(step);
        yield { message: `${state.says}${message}`, step };
      }
    }
  },
);

function* brokenIn(state: DiskState): Iterable<{ readonly message: string; readonly step: number }> {
  const present = rowsReadable(state.autopsy);
  for (const { kind, data, step, lane } of state.observations) {
    if (kind !== 'committing') continue;
    const { table, keys } = data as unknown as KeysOfRows;
    const rows = present.get(table);
    if (rows === undefined) continue;
    const there = keys.filter((key) => isPresent(rows, key)).length;
    const gone = keys.filter((key) => !isPresent(rows, key));
    // What is in a table that cannot be read nobody knows.
    if (
      there === 0 ||
      !gone.some((key) => unreadPart(state.autopsy, table, key) === undefined && !lossIsExplained(table, key, state))
    )
      continue;
    yield {
      message: `${there} of the ${keys.length} rows of a transaction of ${lane} are there (table ${table})`,
      step,
    };
  }
}
