// Broken ways to work on a board in a server, where no file is locked and all depends on what a statement asks for.
import { postgres } from '../../policies/store/postgres.ts';
import type { Mutant } from './mutant.test-support.ts';

/** What makes the claim a compare and swap. */
const conditions = " AND status = 'ready' AND claim_lock IS NULL";

export const serverMutants: readonly Mutant[] = ['postgres', 'postgres-serializable'].map(
  (fix): Mutant => ({
    fix,
    name: 'blind-claim',
    says: 'a dispatcher claims what it saw ready before, without looking again: SELECT, then UPDATE of that row',
    broken: { store: { ...postgres, dialect: (sql) => postgres.dialect(sql.replace(conditions, '')) } },
  }),
);
