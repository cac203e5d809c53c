// acknowledged-commits: what a lane was told is committed is there at the end. Lanes leave observations of kind
// `committed` with `{table, keys}` (rows there from then on) after COMMIT has returned; the scenario's autopsy has a
// query of the table's name whose first column is the key.
import { damagedByPlan } from './damaged-by-plan.ts';
import { invariant } from './invariant.ts';
import { isPresent, type KeysOfRows, rowsPresent } from './rows-present.ts';

export const acknowledgedCommits = invariant(
  'acknowledged-commits',
  'harm',
  'every row whose COMMIT was acknowledged is in the database at the end',
  function* (history) {
    if (damagedByPlan(history)) return;
    const { observations, autopsy } = history;
    const present = rowsPresent(autopsy);
    let lost = 0;
    let acknowledged = 0;
    let first: { readonly step: number; readonly text: string } | undefined;
    for (const { kind, data, step, lane } of observations) {
      if (kind !== 'committed') continue;
      const { table, keys } = data as unknown as KeysOfRows;
      const rows = present.get(table);
      acknowledged += keys.length;
      const gone = rows === undefined ? keys : keys.filter((key) => !isPresent(rows, key));
      lost += gone.length;
      if (gone.length > 0) first ??= { step, text: `${table} ${JSON.stringify(gone[0])}, acknowledged to ${lane}` };
    }
    if (first !== undefined) {
      yield {
        message: `${lost} of ${acknowledged} acknowledged rows are gone; the first is ${first.text}`,
        step: first.step,
      };
    }
  },
);
