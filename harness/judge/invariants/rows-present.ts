// Which rows are in the database at the end, by the keys that lanes observe. What stays out: which should be there.
import type { Autopsy } from '../../model/history.ts';
import type { Json } from '../../model/values.ts';

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

/** Keys by table, of what can be read: of a query that failed the rows before and after the damage. */
export function rowsReadable({ queries }: Autopsy): ReadonlyMap<string, ReadonlySet<string>> {
  const rowsOf = (found: Autopsy['queries'][string]) => ('error' in found ? found.rows : found);
  return new Map(
    Object.entries(queries).map(([table, found]) => [
      table,
      new Set(rowsOf(found).map(([key]) => JSON.stringify(key ?? null))),
    ]),
  );
}

/** The part of a query that a key is of, where that cannot be read. */
export function unreadPart({ unread }: Autopsy, query: string, key: Json): Autopsy['unread'][number] | undefined {
  const text = typeof key === 'string' ? key : '';
  return unread.find((part) => part.query === query && text.startsWith(part.prefix));
}

export function isPresent(rows: ReadonlySet<string>, key: Json): boolean {
  return rows.has(JSON.stringify(key));
}
