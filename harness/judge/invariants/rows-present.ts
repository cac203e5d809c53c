// Which rows are in the database at the end, by the keys that lanes observe. What stays out: which should be there.
import type { Autopsy, Observation } from '../../model/history.ts';
import type { Json } from '../../model/values.ts';

/**
 * What a lane observes of a transaction: `committing` before COMMIT, `committed` after it has returned.
 *
 * @property table name of one of the scenario's queries
 * @property keys first column of the rows that are there from then on
 * @property gone of `committing`: rows that it takes away, `any` where they are not known: from then on they may be missing
 */
export interface KeysOfRows {
  readonly table: string;
  readonly keys: readonly Json[];
  readonly gone?: readonly Json[] | 'any';
}

/** What was made of lists: of a run whose power goes at a thousand moments the same one is asked for again and again. */
const made = new WeakMap<readonly Observation[], ReadonlyMap<number, readonly Json[]>>();

/** Of each observation of committed rows, by its place in the list, the keys that nobody has begun to take away since. */
export function keysToBeThere(observations: readonly Observation[]): ReadonlyMap<number, readonly Json[]> {
  const known = made.get(observations) ?? expectedKeys(observations);
  made.set(observations, known);
  return known;
}

function expectedKeys(observations: readonly Observation[]): ReadonlyMap<number, readonly Json[]> {
  const expected = new Map<number, Map<string, Json>>();
  /** By table and key: places. */
  const places = new Map<string, Map<string, number[]>>();
  for (const [place, { kind, data }] of observations.entries()) {
    if (kind !== 'committed' && kind !== 'committing') continue;
    const { table, keys, gone = [] } = data as unknown as KeysOfRows;
    const known = places.get(table) ?? new Map<string, number[]>();
    places.set(table, known);
    for (const key of gone === 'any' ? [...known.keys()] : gone.map((one) => JSON.stringify(one))) {
      for (const before of known.get(key) ?? []) expected.get(before)?.delete(key);
      known.delete(key);
    }
    if (kind === 'committing') continue;
    expected.set(place, new Map(keys.map((key) => [JSON.stringify(key), key])));
    for (const key of keys.map((one) => JSON.stringify(one))) known.set(key, [...(known.get(key) ?? []), place]);
  }
  return new Map([...expected].map(([place, keys]) => [place, [...keys.values()]]));
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
