// lockstep.sql: somebody's sqlite3 shell on the database: opens it, runs statements, may stand still with what it holds,
// closes. What stays out: why (the faults that start it).
import { type Connection, SqlError, type World, type Json } from '../../../lane/world.ts';

/**
 * All times in virtual ms.
 *
 * @property database below the world's directory; must exist
 * @property statements run one by one; a transaction that they leave open is committed at the end
 * @property query observed with what was done: its first row
 * @property busyTimeoutMs SQLite's own patience. Default 5000
 * @property tryMs how long to begin anew after an error. Default 0: one try
 * @property holdMs how long to stand still between the last statement and the close. Default 0
 */
export interface SqlOrder {
  readonly database: string;
  readonly statements: readonly string[];
  readonly query?: string;
  readonly busyTimeoutMs?: number;
  readonly tryMs?: number;
  readonly holdMs?: number;
}

const pauseBetweenTriesMs = 100;

interface Failure {
  readonly code: string;
  readonly statement: string;
}

export function sql(world: World, args: Json): void {
  const order = args as unknown as SqlOrder;
  const deadline = world.now() + (order.tryMs ?? 0);
  for (let tries = 1; ; tries++) {
    const failure = attempt(world, order, tries);
    if (failure === undefined) return;
    if (world.now() >= deadline || world.stopping()) {
      world.observe('sql-failed', { ...failure, tries });
      return;
    }
    world.sleep(pauseBetweenTriesMs);
  }
}

function attempt(world: World, order: SqlOrder, tries: number): Failure | undefined {
  let statement = 'open';
  let db: Connection | undefined;
  try {
    db = world.open(order.database, { busyTimeoutMs: order.busyTimeoutMs ?? 5000, mustExist: true });
    for (statement of order.statements) db.exec(statement);
    const row = order.query === undefined ? undefined : db.get(order.query);
    world.observe('sql-done', {
      statements: order.statements,
      tries,
      ...(row === undefined ? {} : { row: row as Json }),
    });
    if (order.holdMs !== undefined) world.sleep(order.holdMs);
    statement = 'COMMIT';
    if (db.inTransaction) db.exec(statement);
    return undefined;
  } catch (error) {
    if (error instanceof SqlError) return { code: error.code, statement };
    throw error;
  } finally {
    closeQuietly(db);
  }
}

/** What a person at a shell would not see either: the error of a close. */
function closeQuietly(db: Connection | undefined): void {
  try {
    db?.close();
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
  }
}
