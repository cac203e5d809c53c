import { agree, defineScenario, invariant, python } from 'lockstep';

const program = (mode: string) => ({ gateway: python('session.py', [mode]) });

/** What SessionDB's design says, and what is said of SQLite. */
const design = {
  by: 'reported',
  where: 'hermes-agent, SessionDB: one connection for all threads, behind a lock',
} as const;
const isolation = {
  by: 'documented',
  where: 'sqlite.org/isolation.html: no isolation between operations that occur within the same database connection',
} as const;
const kept = ['no-lost-message'];
const engine = '3.54.1';

export default defineScenario({
  name: 'shared-session',
  says: 'threads share one connection; one of them gives a transaction up in which another has written',
  source: 'hermes-agent, state.db: SessionDB',
  from: import.meta.url,
  database: 'sessions.db',
  setup: 'CREATE TABLE messages(id TEXT PRIMARY KEY, body); CREATE TABLE acknowledged(id TEXT PRIMARY KEY);',
  programs: program('--per-transaction'),
  queries: {
    acknowledged: 'SELECT count(*) FROM acknowledged',
    kept: 'SELECT count(*) FROM acknowledged JOIN messages USING (id)',
  },
  invariants: [
    agree('no-lost-message', 'every message that was acknowledged to its thread is there', 'acknowledged', 'kept'),
    invariant('all-said', 'harm', 'every thread has said all that it had to say', ({ autopsy }) => {
      const said = autopsy.queries['acknowledged'];
      const number = Array.isArray(said) ? said[0]?.[0] : undefined;
      return number === 12 ? [] : [{ message: `${String(number)} of 12 messages were acknowledged` }];
    }),
  ],
  strategies: [
    { name: 'per-transaction', says: 'the lock is held from BEGIN to COMMIT' },
    { name: 'per-statement', says: 'the lock is held for each statement', programs: program('--per-statement') },
    { name: 'unlocked', says: 'SQLite serialises the calls, and nobody else', programs: program('--unlocked') },
    { name: 'own-connections', says: 'a connection a thread', programs: program('--own-connections') },
  ],
  claims: [
    {
      claim: 'a lock round each transaction makes one connection safe for all threads',
      source: design,
      strategy: 'per-transaction',
      engine,
      expects: 'none',
      invariants: kept,
    },
    {
      claim: 'with a lock round each statement a message goes with a transaction that another thread gives up',
      source: isolation,
      strategy: 'per-statement',
      engine,
      expects: 'violation',
      invariants: kept,
    },
    {
      claim: 'that SQLite serialises the calls of threads on a connection is enough',
      source: { by: 'reported', where: 'sqlite.org/threadsafe.html, as it is often read: "serialized"' },
      strategy: 'unlocked',
      engine,
      expects: 'none',
      invariants: kept,
    },
    {
      claim: 'connections of their own keep threads out of each other’s transactions',
      source: isolation,
      strategy: 'own-connections',
      engine,
      expects: 'none',
      invariants: kept,
    },
  ],
});
