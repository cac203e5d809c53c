import { agree, command, defineScenario } from 'lockstep';

export default defineScenario({
  name: 'jobs',
  says: 'two workers of two threads each take numbers from one counter',
  from: import.meta.url,
  database: 'jobs.db',
  setup: `PRAGMA journal_mode = WAL;
    CREATE TABLE counter(n); INSERT INTO counter VALUES (0); CREATE TABLE log(worker, n);`,
  programs: { worker: command(['./jobs', '{name}']) },
  start: [{ program: 'worker', times: 2 }],
  queries: { counted: 'SELECT n FROM counter', logged: 'SELECT count(*) FROM log' },
  invariants: [agree('no-lost-update', 'the counter has counted every entry of the log', 'counted', 'logged')],
  strategies: [
    { name: 'as-is', says: 'the workers as they are' },
    { name: 'fixed', says: 'one transaction', programs: { worker: command(['./jobs', '{name}', '--fix']) } },
  ],
});
