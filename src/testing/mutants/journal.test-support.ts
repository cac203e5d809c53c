// Broken ways to leave WAL for a rollback journal, to keep it, and to leave it alone.
import { onIoError } from '../../policies/downgrade/on-io-error.ts';
import type { Journal } from '../../policies/journal/journal.ts';
import { wal } from '../../policies/journal/wal.ts';
import { everyConnect } from '../../policies/reissue/every-connect.ts';
import type { Mutant } from './mutant.test-support.ts';

/** A mode of SQLite’s that no strategy uses. */
const inMemory = 'MEMORY' as string as Journal['mode'];

export const journalMutants: readonly Mutant[] = [
  ...['delete', 'truncate', 'persist'].map(
    (fix): Mutant => ({
      fix,
      name: 'stays-wal',
      says: 'the old pragma is still there: connects set WAL',
      broken: { journal: wal },
    }),
  ),
  {
    fix: 'delete',
    name: 'in-memory',
    says: 'the journal is kept in memory: nobody can roll back what a killed process has begun',
    broken: { journal: { says: 'a rollback journal in memory', mode: inMemory } },
  },
  {
    fix: 'no-reissue',
    name: 'asks-in-vain',
    says: 'the mode is asked for after the pragma, and not before',
    broken: { reissue: everyConnect },
  },
  {
    fix: 'no-downgrade',
    name: 'falls-back',
    says: 'the fallback to DELETE is still there',
    broken: { downgrade: onIoError },
  },
];
