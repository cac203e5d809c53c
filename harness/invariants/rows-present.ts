// Which rows are in the database at the end, by the keys that lanes observe. What stays out: which should be there.
import type { Autopsy } from '../history/history.ts';
import type { Json } from '../lane/world.ts';

/**
 * What a lane observes of a transaction: `committing` before COMMIT, `committed` after it has returned.
 *
 * @property table name of one of the scenario's queries
 * @property keys first column of the rows that are there from then on
 */
export interface KeysOfRows {
  readonly table: string;
  readonly keys: readonly Json[];
}

/** Keys by table, for {@link isPresent}; none for a query that failed. */
export function rowsPresent({ queries }: Autopsy): ReadonlyMap<string, ReadonlySet<string>> {
  const present = new Map<string, ReadonlySet<string>>();
  for (const [table, rows] of Object.entries(queries)) {
    if (!('error' in rows)) present.set(table, new Set(rows.map(([key]) => JSON.stringify(key ?? null))));
  }
  return present;
}

export function isPresent(rows: ReadonlySet<string>, key: Json): boolean {
  return rows.has(JSON.stringify(key));
}
