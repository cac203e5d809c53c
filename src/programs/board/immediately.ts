// BEGIN IMMEDIATE, a body, COMMIT, with the retries of the policy `retries` at both ends. What stays out: what a transaction tells of
// itself (write-txn.ts).
import { SqlError } from '../../../harness/lane/world.ts';
import { behaviourOf } from '../../policies/catalogue.ts';
import type { BoardContext } from './context.ts';

/** @throws SqlError; rolled back then */
export function immediately<T>({ world, connection, settings }: BoardContext, body: () => T): T {
  const { times, fromMs, toMs } = behaviourOf(settings.policies, 'retries');
  if (times === 0) return connection.immediate(body);
  const patiently = (statement: string): void => {
    for (let left = times; ; left--) {
      try {
        connection.run(statement);
        return;
      } catch (error) {
        if (!(error instanceof SqlError) || !/^SQLITE_(BUSY|LOCKED)/.test(error.code) || left === 0) throw error;
        world.sleep(fromMs + world.random() * (toMs - fromMs));
      }
    }
  };
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
