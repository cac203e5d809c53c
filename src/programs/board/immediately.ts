// BEGIN IMMEDIATE, a body, COMMIT, with the retries of the policy `retries` at both ends. What stays out: what a transaction tells of
// itself (write-txn.ts).
import { type Connection, SqlError, type World } from '../../../harness/lane/world.ts';
import { behaviourOf, type Policies } from '../../policies/catalogue.ts';
import type { BoardContext } from './context.ts';

/** Runs BEGIN IMMEDIATE or COMMIT, and once more while another is at it, as often as the policy says. @throws SqlError */
export function runPatiently(world: World, policies: Policies, connection: Connection, statement: string): void {
  const { times, fromMs, toMs } = behaviourOf(policies, 'retries');
  for (let left = times; ; left--) {
    try {
      connection.run(statement);
      return;
    } catch (error) {
      if (!(error instanceof SqlError) || !/^SQLITE_(BUSY|LOCKED)/.test(error.code) || left === 0) throw error;
      world.sleep(fromMs + world.random() * (toMs - fromMs));
    }
  }
}

/** @throws SqlError; rolled back then */
export function immediately<T>({ world, connection, settings }: BoardContext, body: () => T): T {
  if (behaviourOf(settings.policies, 'retries').times === 0) return connection.immediate(body);
  const patiently = (statement: string): void => runPatiently(world, settings.policies, connection, statement);
  patiently('BEGIN IMMEDIATE');
  try {
    const value = body();
    patiently('COMMIT');
    return value;
  } catch (error) {
    try {
      if (connection.inTransaction) connection.run('ROLLBACK');
    } catch (rollback) {
      // The first error is the one to report; SQLite rolls back by itself when ROLLBACK fails.
      if (!(rollback instanceof SqlError)) throw rollback;
    }
    throw error;
  }
}
