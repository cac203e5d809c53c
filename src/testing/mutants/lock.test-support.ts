// Broken ways to hold a flock of our own round what SQLite locks by itself.
import { none as noInitLock } from '../../policies/init-lock/none.ts';
import { flockSession } from '../../policies/lock/flock-session.ts';
import { flockWrite } from '../../policies/lock/flock-write.ts';
import { none } from '../../policies/lock/none.ts';
import type { Mutant } from './mutant.test-support.ts';

/**
 * The lock file is the database itself: who gives the lock back, or tries in vain, closes a descriptor of the database, and
 * drops every POSIX lock that its process has on it (howtocorrupt.html §2.2).
 */
const theDatabase = (file: string): string => file;

export const lockMutants: readonly Mutant[] = [
  { fix: 'flock-write', name: 'not-taken', says: 'nobody takes the lock', broken: { lock: none } },
  {
    fix: 'flock-write',
    name: 'on-the-database',
    says: 'the database itself is the lock file',
    broken: { lock: { ...flockWrite, transaction: theDatabase } },
  },
  { fix: 'flock-session', name: 'not-taken', says: 'nobody takes the lock', broken: { lock: none } },
  {
    fix: 'flock-session',
    name: 'transaction-only',
    says: 'the lock is taken after the connect, and given back before the close',
    broken: { lock: { ...flockSession, session: () => undefined, transaction: (file) => flockSession.session(file) } },
  },
  {
    fix: 'flock-session',
    name: 'on-the-database',
    says: 'the database itself is the lock file',
    broken: { lock: { ...flockSession, session: theDatabase } },
  },
  ...['blocking-init', 'full-sync'].map(
    (fix): Mutant => ({ fix, name: 'not-taken', says: 'nobody takes the lock', broken: { initLock: noInitLock } }),
  ),
];
