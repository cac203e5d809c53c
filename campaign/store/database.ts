// Where a campaign is kept, as what the rest of the room needs of it: statements, transactions, and what the queue (pg-boss)
// works with. One shape for a folder (PGlite, one process at a time) and a server (PostgreSQL, any number of workers). What
// stays out: which of the two (open.ts), and what is kept (schema.ts).
import type { Db } from 'pg-boss';

type Row = Readonly<Record<string, unknown>>;

/** What takes statements: a database, or a transaction in it. */
export interface Sql {
  /**
   * @param text one statement, parameters as `$1`
   * @returns its rows; numbers of 64 bits come as text
   */
  query(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
}

export interface Database extends Sql {
  /** As a person may see it: a folder, or an address without its password. */
  readonly shown: string;
  readonly kind: 'folder' | 'server';
  /** All or nothing. `body` may be called again when the server was lost or refused it, so it must have no other effect. */
  transaction<T>(body: (sql: Sql) => Promise<T>): Promise<T>;
  /**
   * Makes tables while nobody else does: where several come at once, `IF NOT EXISTS` of two both find nothing. May use other statements
   * of this database.
   */
  making<T>(body: () => Promise<T>): Promise<T>;
  /** The same for the queue. */
  readonly forQueue: Db;
  close(): Promise<void>;
}

/** A transaction as the queue takes it: what it does there is part of that transaction. */
export function queueIn(sql: Sql): Db {
  return {
    executeSql: async (text, values) => ({ rows: [...(await sql.query(text, values ?? []))] }),
  };
}
