// Forks: the child of a lane's process is a process of the run where its host arranges it, and ends the run where not.
import { describe, expect, test } from 'vitest';
import { turnsChooser } from '../run/choosers/preemptions.ts';
import { stream } from '../model/random.ts';
import { runInC } from './c-lane.test-support.ts';

const table = 'open a a.db|sql a create table t(k integer primary key)|close a';
const insert = (k: number) => `open b a.db+sql b insert into t values (${k})+close b`;

describe('a child that its host follows', () => {
  test('is a process of the run: its steps are its own, and it can be waited for', async () => {
    const { steps, said, outcome } = await runInC({
      p: `${table}|fork c ${insert(1)}|ask wait c |open a a.db|sql a select count(*) from t`,
    });
    expect(said).toContain('c: insert into t values (1) → ok');
    expect(said.at(-1)).toBe('p: select count(*) from t → 1');
    expect(steps.some(({ lane, op }) => lane === 'c' && op === 'write')).toBe(true);
    expect(outcome.endings).toEqual([
      { lane: 'p', ending: { how: 'returned' } },
      { lane: 'c', ending: { how: 'returned' } },
    ]);
    expect(outcome.end).toBe('done');
  });

  test('runs beside its parent by any schedule, and replays to one hash', async () => {
    const program = {
      p: `${table}|fork c ${insert(1)}|fork d ${insert(2)}|open a a.db|sql a insert into t values (3)|close a|ask wait c |ask wait d `,
    };
    const hashes = new Set<string>();
    for (let seed = 0; seed < 6; seed++) {
      const run = await runInC(program, { chooser: turnsChooser(stream('chooser', 3, seed)) });
      hashes.add(run.outcome.hash);
      const again = await runInC(program, { plan: { preemptions: run.outcome.preemptions } });
      expect(again.outcome.hash).toBe(run.outcome.hash);
    }
    expect(hashes.size).toBeGreaterThan(1);
  });

  test('can be killed, and its death is seen though it is no child of the coordinator', async () => {
    const { outcome, said } = await runInC({
      p: `${table}|fork c sleep 1000000|sleep 10|ask kill c SIGKILL|ask wait c |now`,
    });
    expect(outcome.deaths).toEqual([{ process: 'c', ending: { how: 'killed', signal: 'SIGKILL' } }]);
    expect(said.at(-1)).toBe('p: now → 10');
  });

  test('outlives its parent, an orphan, and goes on', async () => {
    const { outcome, said } = await runInC({
      p: `${table}|fork c sleep 1000+${insert(7)}|sleep 100000`,
      q: 'sleep 100|ask kill p SIGKILL|ask wait c ',
    });
    expect(said).toContain('c: insert into t values (7) → ok');
    expect(outcome.deaths.map(({ process }) => process)).toEqual(['p']);
    expect(outcome.end).toBe('done');
  });

  test('must not use a connection of its parent', async () => {
    const run = runInC({ p: 'open a a.db|sql a create table t(x)|fork c sql a insert into t values (1)|ask wait c ' });
    await expect(run).rejects.toMatchObject({
      code: 'NOT_FOLLOWED',
      message: expect.stringMatching(/process c used a connection that its process had inherited by fork/),
    });
  });

  test('has a name that nobody else has', async () => {
    const { said } = await runInC({ p: 'ask fork p|fork c now|ask wait c |stray x now' });
    expect(said.filter((one) => one.startsWith('c:'))).toHaveLength(1);
  });
});

test('a child that was asked for and never came is given up with the run', async () => {
  // The next process of the pool is the same one, which is free again.
  const { outcome } = await runInC({ p: 'ask fork c', q: 'sleep 10|ask fork d|now' });
  expect(outcome.end).toBe('done');
  expect(outcome.endings.map(({ lane }) => lane)).toEqual(['p', 'q']);
});

describe('a child that nobody follows', () => {
  test('may do what is no part of the run', async () => {
    const { outcome } = await runInC({ p: `${table}|stray c open b /dev/null` });
    expect(outcome.end).toBe('done');
  });

  test('ends the run in a sentence when it works on the run’s files', async () => {
    const stray = runInC({ p: `${table}|stray c ${insert(1)}` });
    await expect(stray).rejects.toMatchObject({
      code: 'NOT_FOLLOWED',
      message: expect.stringContaining('forked a process that worked on'),
    });
  });

  test('also by a connection of its parent', async () => {
    const stray = runInC({ p: 'open a a.db|sql a create table t(x)|stray c sql a insert into t values (1)' });
    await expect(stray).rejects.toMatchObject({ code: 'NOT_FOLLOWED' });
  });
});
