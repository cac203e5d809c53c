// write_txn(): BEGIN IMMEDIATE, the body, COMMIT, with what the harness must know about it: which rows are about to be
// committed, and which were acknowledged. Every row that a transaction adds carries a random mark by which it is found
// again, since row numbers are given out twice after a loss. What stays out: how the marks are checked (invariants/).
import type { Connection, World } from '../../harness/lane/world.ts';
import { during } from './board-error.ts';

/** Name of the query that lists all marks in the database, and of the table in the observations. */
export const ledgerName = 'board';

/** All marks in the database, for the autopsy. */
export const ledgerQuery = `
  SELECT 'task:' || id FROM tasks NOT INDEXED
  UNION ALL SELECT 'event:' || json_extract(payload, '$.mark') FROM task_events NOT INDEXED
  UNION ALL SELECT 'run:' || json_extract(metadata, '$.mark') FROM task_runs NOT INDEXED
  UNION ALL SELECT 'comment:' || substr(body, -8) FROM task_comments NOT INDEXED`;

/** What the body of a transaction tells of the rows it adds. */
export interface Ledger {
  add(kind: 'task' | 'event' | 'run' | 'comment', mark: string): void;
}

/** 8 hex digits. */
export function newMark(world: World): string {
  return Math.floor(world.random() * 2 ** 32)
    .toString(16)
    .padStart(8, '0');
}

/** Seconds since the Unix epoch, the board's unit of time. */
export function seconds(world: World): number {
  return Math.floor(world.now() / 1000);
}

/**
 * Runs a transaction of the function `by` and leaves its observations: `committing` before COMMIT, `committed` after it
 * has returned.
 *
 * @throws BoardError, after a ROLLBACK
 */
export function writeTxn<T>(world: World, connection: Connection, by: string, body: (ledger: Ledger) => T): T {
  const keys: string[] = [];
  const data = { table: ledgerName, keys, by };
  const result = during(by, () =>
    connection.immediate(() => {
      const value = body({ add: (kind, mark) => keys.push(`${kind}:${mark}`) });
      if (keys.length > 0) world.observe('committing', data);
      return value;
    }),
  );
  if (keys.length > 0) world.observe('committed', data);
  return result;
}
