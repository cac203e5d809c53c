import { agree, defineScenario, python } from 'lockstep';

export default defineScenario({
  name: 'jobs',
  says: 'three workers take numbers from one counter',
  from: import.meta.url,
  database: 'jobs.db',
  setup: `PRAGMA journal_mode = WAL;
    CREATE TABLE counter(n); INSERT INTO counter VALUES (0); CREATE TABLE log(worker, n);`,
  programs: { worker: python('jobs.py', ['{name}']) },
  start: [{ program: 'worker', times: 3 }],
  queries: { counted: 'SELECT n FROM counter', logged: 'SELECT count(*) FROM log' },
  invariants: [agree('no-lost-update', 'the counter has counted every entry of the log', 'counted', 'logged')],
  strategies: [
    { name: 'as-is', says: 'the workers as they are' },
    {
      name: 'fixed',
      says: 'one transaction, and no raw read',
      programs: { worker: python('jobs.py', ['{name}', '--fix']) },
    },
  ],
});
