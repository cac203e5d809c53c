// Broken ways to work on a board in a server, where no file is locked and all depends on what a statement asks for.
import { listen } from '../../policies/notify/listen.ts';
import { postgres } from '../../policies/store/postgres.ts';
import type { Mutant } from './mutant.test-support.ts';

/** What makes the claim a compare and swap. */
const conditions = " AND status = 'ready' AND claim_lock IS NULL";

const blindClaims = ['postgres', 'postgres-serializable'].map(
  (fix): Mutant => ({
    fix,
    name: 'blind-claim',
    says: 'a dispatcher claims what it saw ready before, without looking again: SELECT, then UPDATE of that row',
    broken: { store: { ...postgres, dialect: (sql) => postgres.dialect(sql.replace(conditions, '')) } },
  }),
);

export const serverMutants: readonly Mutant[] = [
  ...blindClaims,
  {
    fix: 'postgres-notify',
    name: 'listens-late',
    says: 'a watcher LISTENs when it begins to wait, after its look: what is committed between the two nobody tells it',
    broken: {
      notify: {
        ...listen,
        pauses(world, rhythm) {
          const each = listen.pauses(world, rhythm);
          return {
            begin: () => undefined,
            pause(quietUntilMs) {
              each.begin();
              each.pause(quietUntilMs);
              each.end();
            },
            end: () => undefined,
          };
        },
      },
    },
  },
  {
    fix: 'postgres-notify',
    name: 'never-looks',
    says: 'a watcher looks only when it is told to, and nobody tells of a worker that died',
    broken: { notify: { ...listen, pauses: (world, rhythm) => listen.pauses(world, { ...rhythm, longMs: Infinity }) } },
  },
];
