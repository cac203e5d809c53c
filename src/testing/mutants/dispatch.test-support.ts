// Broken ways to have one gateway, or one process, act on the board.
import { everyGateway } from '../../policies/dispatch/every-gateway.ts';
import { open } from '../../policies/leader-failure/open.ts';
import { board } from '../../policies/leader-scope/board.ts';
import type { Mutant } from './mutant.test-support.ts';

export const dispatchMutants: readonly Mutant[] = [
  ...['leader', 'leader-open', 'leader-root'].map(
    (fix): Mutant => ({
      fix,
      name: 'not-asked',
      says: 'the lock is there, and no tick asks for it',
      broken: { dispatch: everyGateway },
    }),
  ),
  {
    fix: 'leader',
    name: 'on-the-database',
    says: 'the database itself is the lock file: each try in vain closes a descriptor of it',
    broken: { leaderScope: { ...board, lockFile: (file) => file } },
  },
  {
    fix: 'leader',
    name: 'fails-open',
    says: 'a gateway that cannot open the lock file takes itself for the leader',
    broken: { leaderFailure: open },
  },
  {
    fix: 'proxy',
    name: 'not-sent',
    says: 'the server runs, and gateways go on connecting by themselves',
    broken: { dispatch: everyGateway },
  },
];
