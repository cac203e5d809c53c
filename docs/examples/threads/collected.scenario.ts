import { defineScenario, python } from 'lockstep';

const programs = (mode: string) => ({
  gateway: python('collected.py', ['gateway', mode]),
  reader: python('collected.py', ['reader', mode]),
});

const reported = {
  by: 'reported',
  where: 'hermes-agent #28285, #29610: connections that are left to the collector',
} as const;
const howToCorrupt = {
  by: 'documented',
  where: 'sqlite.org/howtocorrupt.html, 2.2: a close of the file as such cancels the locks, one by SQLite does not',
} as const;
const before = '3.50.4';
const current = '3.54.1';
const harm = ['integrity', 'acknowledged-commits', 'no-stray-writes', 'locks-held'];

export default defineScenario({
  name: 'collected-connection',
  says: 'what a helper has left open on the board is closed by the collector, in another thread, whenever it runs',
  source: 'hermes-agent #28285, #29610, #71724',
  from: import.meta.url,
  database: 'board.db',
  engine: before,
  setup: 'PRAGMA journal_mode = WAL; CREATE TABLE rows(id TEXT PRIMARY KEY);',
  programs: programs('--connection'),
  queries: { rows: 'SELECT id FROM rows' },
  ledger: ['rows.id'],
  strategies: [
    { name: 'connection', says: 'a connection is left to the collector' },
    { name: 'transaction', says: 'one in a transaction is', programs: programs('--transaction') },
    { name: 'file', says: 'the board, opened as a plain file, is', programs: programs('--file') },
    { name: 'closed', says: 'all that was opened is closed where it was', programs: programs('--closed') },
  ],
  claims: [
    {
      claim: 'a connection that the collector closes in another thread costs nobody a lock or a row',
      source: howToCorrupt,
      strategy: 'connection',
      engine: before,
      expects: 'none',
      invariants: harm,
    },
    {
      claim: 'a transaction that is left to the collector keeps everybody else from writing until it runs',
      source: reported,
      strategy: 'transaction',
      engine: current,
      expects: 'violation',
      invariants: ['lanes-end'],
    },
    {
      claim: 'the board as a plain file, closed by the collector, cancels the locks of the whole process',
      source: howToCorrupt,
      strategy: 'file',
      engine: before,
      expects: 'violation',
      invariants: harm,
    },
    {
      claim: 'where all is closed in its own thread nothing of it happens',
      source: howToCorrupt,
      strategy: 'closed',
      engine: before,
      expects: 'none',
      invariants: [...harm, 'lanes-end'],
    },
  ],
});
