// Whether the board is sound at the end, by the autopsy. What stays out: what the autopsy finds (harness), and what is to
// be said when it is not (the general invariants).
import type { Autopsy } from '../../harness/model/history.ts';
import { ledgerName } from '../programs/board/write-txn.ts';

/** A fresh process opens it, SQLite finds no fault with it, and every index is what its table makes it. */
function isValid({ opened, integrity, quick, foreignKeys, tables }: Autopsy): boolean {
  return (
    opened === 'ok' &&
    [...integrity, ...quick].every((line) => line === 'ok') &&
    foreignKeys === 0 &&
    tables.every(({ rows, indexes }) => indexes.every((index) => index.rows === rows && index.difference === undefined))
  );
}

/** It is valid, and has the tables of a board. */
export function isSound(autopsy: Autopsy): boolean {
  return isValid(autopsy) && !('error' in (autopsy.queries[ledgerName] ?? []));
}

/**
 * The rows of the board that the ledger knows, as keys such as `task:t_1a2b3c4d`; none in a valid database without the
 * tables of a board.
 *
 * @returns undefined when the database is not valid, or nobody asked for them
 */
export function keysAtEnd(autopsy: Autopsy): ReadonlySet<string> | undefined {
  const rows = autopsy.queries[ledgerName];
  if (rows === undefined || !isValid(autopsy)) return undefined;
  return new Set('error' in rows ? [] : rows.flatMap(([key]) => (typeof key === 'string' ? [key] : [])));
}
