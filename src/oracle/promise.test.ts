// What is judged where a recovery promises to bring the board back, and where nothing does.
import { describe, expect, test } from 'vitest';
import type { History } from '../../harness/model/history.ts';
import { invariant } from '../../harness/model/invariant.ts';
import { underPromise } from './promise.ts';
import { at, createdTasks, death, runOf, soundAutopsy, struck } from './run.test-support.ts';

/** An invariant of this name, which finds a violation for each commit that it is shown, and one more. */
function asked(name: string, history: History): number {
  const finds = invariant(name, 'harm', 'a test', function* ({ observations }) {
    for (const { step } of observations.filter(({ kind }) => kind === 'committed')) yield { message: 'a commit', step };
    yield { message: 'asked at all' };
  });
  return underPromise(finds).check(history).length;
}

const commits = [...createdTasks(10, 'cli', 't_1'), ...createdTasks(30, 'cli', 't_2')];
const replaced = (step: number) => at(step, 'op', 'operator', { act: 'replace' });
const wantedNew = at(20, 'cli', 'board-created', { by: 'cli', board: 'kanban.db', deliberate: true });

describe.each(['acknowledged-commits', 'whole-transactions', 'integrity'])('%s', (name) => {
  test('is asked once the time of the recovery is over, and not before', () => {
    expect(asked(name, runOf([...commits, replaced(3400)], { strategy: 'recovery' }))).toBe(3);
    expect(asked(name, runOf([...commits, replaced(3590)], { strategy: 'recovery' }))).toBe(0);
    expect(asked(name, runOf(commits, { strategy: 'recovery', strikes: [struck(3590, 'init-swap')] }))).toBe(0);
    expect(asked(name, runOf(commits, { strategy: 'recovery', strikes: [struck(20, 'init-swap', null)] }))).toBe(0);
  });

  test('is asked at once where nothing promises to bring the board back', () => {
    expect(asked(name, runOf([...commits, replaced(3590)]))).toBe(3);
  });
});

test('what was on a board in whose place a person wanted a new one is asked of nobody', () => {
  expect(asked('acknowledged-commits', runOf([...commits, wantedNew]))).toBe(2);
  expect(asked('acknowledged-commits', runOf([...commits, wantedNew], { strategy: 'recovery' }))).toBe(2);
});

test('where nobody heard how a new board ended, the old one is asked for if anything of it is there', () => {
  const begun = at(19, 'cli', 'board-renewing', { by: 'cli', board: 'kanban.db' });
  const withRows = (...keys: readonly string[]) => ({
    autopsy: { ...soundAutopsy, queries: { board: keys.map((key) => [key]) } },
  });
  const deaths = [death('cli', 20)];
  const of = (...keys: readonly string[]) =>
    runOf([...commits, begun], { strategy: 'recovery', deaths, ...withRows(...keys) });
  expect(asked('acknowledged-commits', of('task:t_2'))).toBe(2);
  expect(asked('acknowledged-commits', of('task:t_1', 'task:t_2'))).toBe(3);
  expect(asked('acknowledged-commits', runOf([...commits, begun, wantedNew], withRows('task:t_1')))).toBe(2);
  // Who lives was told how it ended.
  expect(
    asked('acknowledged-commits', runOf([...commits, begun], { strategy: 'recovery', ...withRows('task:t_2') })),
  ).toBe(3);
});

test('a stray write is harm unless a journal has all that was written', () => {
  expect(asked('no-stray-writes', runOf(commits))).toBe(3);
  expect(asked('no-stray-writes', runOf(commits, { strategy: 'snapshots' }))).toBe(3);
  expect(asked('no-stray-writes', runOf(commits, { strategy: 'recovery' }))).toBe(0);
});
