// acknowledged-commits: what a lane was told is committed is there at the end. Lanes leave observations of kind
// `committed` with `{table, keys}` (rows there from then on) after COMMIT has returned; the scenario's autopsy has a
// query of the table's name whose first column is the key.
import type { Json } from '../lane/world.ts';
import { invariant } from './invariant.ts';

interface Committed {
  readonly table: string;
  readonly keys: readonly Json[];
}

export const acknowledgedCommits = invariant(
  'acknowledged-commits',
  'harm',
  'every row whose COMMIT was acknowledged is in the database at the end',
  function* ({ observations, autopsy }) {
    const present = new Map<string, ReadonlySet<string>>();
    for (const [table, rows] of Object.entries(autopsy.queries)) {
      if ('error' in rows) continue;
      present.set(table, new Set(rows.map(([key]) => JSON.stringify(key ?? null))));
    }
    let lost = 0;
    let acknowledged = 0;
    let first: { readonly step: number; readonly text: string } | undefined;
    for (const { kind, data, step, lane } of observations) {
      if (kind !== 'committed') continue;
      const { table, keys } = data as unknown as Committed;
      const rows = present.get(table);
      acknowledged += keys.length;
      const gone = rows === undefined ? keys : keys.filter((key) => !rows.has(JSON.stringify(key)));
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
