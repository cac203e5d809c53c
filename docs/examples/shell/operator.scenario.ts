import { agree, command, defineScenario } from 'lockstep';

export default defineScenario({
  name: 'operator',
  says: 'an operator mends and copies a database that two workers write to',
  from: import.meta.url,
  database: 'jobs.db',
  setup: `PRAGMA journal_mode = WAL;
    CREATE TABLE counter(n); INSERT INTO counter VALUES (0); CREATE TABLE log(worker, n);
    CREATE INDEX log_n ON log(n); CREATE TABLE checks(file, missing);`,
  programs: {
    worker: command(['sh', './jobs.sh', '{name}', '--fix']),
    operator: command(['sh', './maintain.sh']),
  },
  start: [{ program: 'worker', times: 2 }, { program: 'operator' }],
  queries: { copies: 'SELECT count(*) FROM checks WHERE missing = 0', both: 'SELECT 2' },
  invariants: [agree('whole-copies', 'both copies hold one moment of the database', 'copies', 'both')],
  strategies: [{ name: 'by-hand', says: 'what people type' }],
});
