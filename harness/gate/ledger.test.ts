// What a program's own hooks do to the ledger, by a program in C. What stays out: what the ledger says (run/ledger.test.ts).
import { expect, test } from 'vitest';
import { runInC } from './c-lane.test-support.ts';

test('a ledger of a program that sets a hook of its own ends in a sentence', async () => {
  const jobs = 'open a a.db|sql a create table jobs(id integer primary key)|sql a insert into jobs values (1)';
  const { outcome } = await runInC({ p: jobs }, { ledger: ['jobs.id'] });
  expect(outcome.observations.map(({ data }) => data)).toContainEqual({ table: 'jobs', keys: [1] });
  for (const [hook, why] of [
    ['a', 'update, commit or rollback hook'],
    ['t', 'trace callback'],
  ] as const) {
    const run = runInC({ p: `${jobs}|hook ${hook}|sql a insert into jobs values (2)` }, { ledger: ['jobs.id'] });
    await expect(run).rejects.toMatchObject({ code: 'NOT_FOLLOWED', message: expect.stringContaining(why) });
  }
});
