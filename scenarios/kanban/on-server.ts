// Is the board of a strategy in a PostgreSQL server? Then chance draws what can happen there: lanes take steps `ask` and none of SQLite's.
import { behaviourOf } from '../../src/policies/catalogue.ts';
import { parseStrategy } from '../../src/strategies/parse.ts';

export function isOnServer(strategy: string): boolean {
  return behaviourOf(parseStrategy(strategy), 'store').onServer;
}
