// A campaign on a PostgreSQL server: a pool of connections, each statement and transaction asked again when the connection is
// lost. What stays out: what is kept.
import pg from 'pg';
import { type Database, queueIn, type Sql } from './database.ts';
import { type Patience, patiently } from './patience.ts';

/** An address without what is secret, and without parameters: for words. */
export function shownAddress(url: string): string {
  try {
    const { protocol, hostname, port, pathname } = new URL(url);
    return `${protocol}//${hostname}${port === '' ? '' : `:${port}`}${pathname}`;
  } catch {
    return 'postgres://…';
  }
}

/**
 * @param url as libpq takes it; what it leaves out (the password, for one) comes from PGPASSWORD and its like
 * @param connections at most, side by side
 * @param stop asked between two attempts to reach a server that is away
 */
export function openServer(
  url: string,
  {
    connections,
    stop,
    patience,
  }: { readonly connections: number; readonly stop: () => boolean; readonly patience: Patience },
): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: 10_000,
    application_name: 'lockstep',
  });
  pool.on('error', () => {}); // an idle connection that the server ended: the next statement gets another
  const shown = shownAddress(url);
  const again = <T>(body: () => Promise<T>): Promise<T> => patiently(body, { shown, stop, patience });
  const query: Sql['query'] = (text, values = []) => again(() => rowsOf(pool, text, values));
  return {
    shown,
    kind: 'server',
    query,
    transaction: (body) => again(() => inTransaction(pool, body)),
    making: (body) => again(() => whileLocked(pool, body)),
    forQueue: queueIn({ query }),
    close: () => pool.end(),
  };
}

type Answer = pg.QueryResult<Record<string, unknown>>;

type Client = Pick<pg.ClientBase, 'query'> | pg.Pool;

/** Of several statements at once (the queue makes its tables so) the rows of all. */
async function rowsOf(client: Client, text: string, values: readonly unknown[]) {
  const answer: Answer | readonly Answer[] =
    values.length === 0 ? await client.query(text) : await client.query(text, [...values]);
  return [answer].flat().flatMap(({ rows }) => rows);
}

async function inTransaction<T>(pool: pg.Pool, body: (sql: Sql) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    client.on('error', noted);
    await client.query('BEGIN');
    const result = await body({ query: (text, values = []) => rowsOf(client, text, values) });
    await client.query('COMMIT');
    return result;
  } catch (error) {
    broken = error instanceof Error ? error : new Error(String(error));
    await client.query('ROLLBACK').then(
      () => (broken = undefined),
      () => {},
    );
    throw error;
  } finally {
    client.off('error', noted);
    client.release(broken); // one that could not roll back is thrown away
  }
}

/** Any number will do that nobody else takes. */
const makingLock = 0x10c2_57e9;

/** The lock goes with its connection, whatever happens. */
async function whileLocked<T>(pool: pg.Pool, body: () => Promise<T>): Promise<T> {
  const client = await pool.connect();
  client.on('error', noted);
  try {
    await client.query('SELECT pg_advisory_lock($1)', [makingLock]);
    return await body();
  } finally {
    client.off('error', noted);
    client.release(true);
  }
}

/** A connection that is lost in the middle: the statement that waits says it. */
function noted(): void {}
