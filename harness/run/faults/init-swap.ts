// init-swap: a further process replaces the database while others have it open, in one of the ways in which people do
// (programs/replace-database.program.ts), and makes a new one where that takes the old one away, as `kanban init` then does.
import type { FaultOf } from '../../model/fault.ts';
import { replaceWays } from '../../model/fault-words.ts';
import type { FaultKind } from './fault.ts';
import { replaceDatabaseName } from './programs/catalogue.ts';
import { type ReplaceOrder, ways } from './programs/replace-database.program.ts';

const pauseMsByDefault = 1000;

export const initSwap = {
  kind: 'init-swap',
  says: `a person replaces the live database: ${replaceWays.join(' | ')}`,
  strike({ way, pauseMs, database, init }, host) {
    const { program, args: told } = host.setup;
    const order = {
      way,
      database: database ?? host.database,
      pauseMs: pauseMs ?? pauseMsByDefault,
      init: (init ?? ways[way].inits) ? { program, args: told } : null,
    } satisfies ReplaceOrder;
    host.start({ name: host.freeName('init-swap'), program: replaceDatabaseName, args: order }, { lasts: true });
  },
} satisfies FaultKind<FaultOf<'init-swap'>>;
