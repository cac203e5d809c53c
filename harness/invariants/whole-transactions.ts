// whole-transactions: no transaction is there in part. Lanes leave observations of kind `committing` with
// `{table, keys}` before COMMIT, whatever then becomes of it: all keys are there at the end, or none.
import type { Json } from '../lane/world.ts';
import { invariant } from './invariant.ts';

export const wholeTransactions = invariant(
  'whole-transactions',
  'harm',
  'the rows of one transaction are all in the database, or none is',
  function* ({ observations, autopsy }) {
    for (const { kind, data, step, lane } of observations) {
      if (kind !== 'committing') continue;
      const { table, keys } = data as unknown as { readonly table: string; readonly keys: readonly Json[] };
      const rows = autopsy.queries[table];
      if (rows === undefined || 'error' in rows) continue;
      const present = new Set(rows.map(([key]) => JSON.stringify(key ?? null)));
      const there = keys.filter((key) => present.has(JSON.stringify(key))).length;
      if (there > 0 && there < keys.length) {
        yield {
          message: `${there} of the ${keys.length} rows of a transaction of ${lane} are there (table ${table})`,
          step,
        };
      }
    }
  },
);
