// What a scenario asks of its database. What stays out: reading it, which may be damaged (observe/queries.ts).

/**
 * The keys of one table's rows: `prefix` and then what `key` gives. What cannot be read of one table then hides nothing
 * of the others.
 *
 * @property key an SQL expression over the table's columns
 */
export interface QueryPart {
  readonly table: string;
  readonly prefix: string;
  readonly key: string;
}

/** By name: a query whose first column is a key, or the keys of several tables. */
export interface Queries {
  readonly [name: string]: string | readonly QueryPart[];
}
