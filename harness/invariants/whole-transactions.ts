// whole-transactions: no transaction is there in part. Lanes leave observations of kind `committing` with
// `{table, keys}` before COMMIT, whatever then becomes of it: all keys are there at the end, or none.
import { damagedByPlan } from './damaged-by-plan.ts';
import { invariant } from './invariant.ts';
import { isPresent, type KeysOfRows, rowsPresent } from './rows-present.ts';

export const wholeTransactions = invariant(
  'whole-transactions',
  'harm',
  'the rows of one transaction are all in the database, or none is',
  function* (history) {
    if (damagedByPlan(history)) return;
    const { observations, autopsy } = history;
    const present = rowsPresent(autopsy);
    for (const { kind, data, step, lane } of observations) {
      if (kind !== 'committing') continue;
      const { table, keys } = data as unknown as KeysOfRows;
      const rows = present.get(table);
      if (rows === undefined) continue;
      const there = keys.filter((key) => isPresent(rows, key)).length;
      if (there > 0 && there < keys.length) {
        yield {
          message: `${there} of the ${keys.length} rows of a transaction of ${lane} are there (table ${table})`,
          step,
        };
      }
    }
  },
);
