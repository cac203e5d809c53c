// What rows are called, so that what is lost can be named and found again: by table, the mark that each carries.
import type { Connection } from '../../harness/lane/world.ts';

/** All marks in the database, by table, so that a damaged one hides nothing of the others. */
export const ledgerParts = [
  { table: 'tasks', prefix: 'task:', key: 'id' },
  { table: 'task_events', prefix: 'event:', key: "json_extract(payload, '$.mark')" },
  { table: 'task_runs', prefix: 'run:', key: "json_extract(metadata, '$.mark')" },
  { table: 'task_comments', prefix: 'comment:', key: 'substr(body, -8)' },
] as const;

/** The same on a PostgreSQL server. */
export const ledgerPartsOnServer = [
  { table: 'tasks', prefix: 'task:', key: 'id' },
  { table: 'task_events', prefix: 'event:', key: "payload::json ->> 'mark'" },
  { table: 'task_runs', prefix: 'run:', key: "metadata::json ->> 'mark'" },
  { table: 'task_comments', prefix: 'comment:', key: 'right(body, 8)' },
] as const;

/** @throws SqlError where a table cannot be read */
export function rowNames(connection: Connection): readonly string[] {
  return ledgerParts.flatMap(({ table, prefix, key }) =>
    connection.all(`SELECT ${key} AS mark FROM ${table}`).map((row) => `${prefix}${String(row['mark'])}`),
  );
}
