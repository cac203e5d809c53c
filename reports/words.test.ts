// Words of a cell: what they say, and what they must not say.
import { expect, test } from 'vitest';
import { documentOf, broken, failing, passing, unsure } from './testing/cells.test-support.ts';
import { howFound, moreCommand, replaysLeft, whyInconclusive } from './words.ts';

test('how a failure was found: by which run, whatever runs were added to the cell later', () => {
  expect(howFound(failing({ runs: 1234 }))).toBe('Found by random run 1,234.');
  expect(howFound(failing({ runs: 105, failedRun: 5 }))).toBe('Found by random run 5.');
  expect(howFound(failing({ failedRun: null }))).toBe('Found by random search.');
  expect(howFound(failing({ how: 'shipped', shipped: 'a.json' }))).toBe('Found by replaying a shipped plan, a.json.');
});

test('why a cell is inconclusive', () => {
  const replays = { replayed: 2, replayable: 2 };
  expect(whyInconclusive(unsure({ runs: 0, replayable: 9 }))).toBe('Nothing was run before the budget was spent.');
  expect(whyInconclusive(unsure({ runs: 0, ...replays }))).toBe(
    'Nothing failed in 2 replays, but no random run was made, so nothing is shown.',
  );
  expect(whyInconclusive(unsure({ ...replays, reachedByReplay: 1 }))).toBe(
    'Nothing failed in 100 runs and 2 replays, but only replays of shipped plans reached the dangerous window, so nothing is shown.',
  );
  expect(whyInconclusive(unsure(replays))).toBe(
    'Nothing failed in 100 runs and 2 replays, but the dangerous window was never reached, so nothing is shown.',
  );
});

test('shipped plans that were not replayed are told where the budget is why', () => {
  const some = { replayed: 3, replayable: 21 };
  expect(replaysLeft(passing(some))).toBe('3 of 21 shipped plans were replayed before the budget was spent.');
  expect(replaysLeft(unsure({ replayable: 1 }))).toBe(
    'None of 1 shipped plan was replayed before the budget was spent.',
  );
  expect(replaysLeft(failing(some))).toBeDefined();
  expect(replaysLeft(passing({ replayed: 21, replayable: 21 }))).toBeUndefined();
  expect(replaysLeft(failing({ ...some, how: 'shipped' }))).toBeUndefined();
  expect(replaysLeft(broken(some))).toBeUndefined();
});

test('running more asks the same question, with runs that were not made', () => {
  const cell = passing({ runs: 500, engine: '3.51.2+shm' });
  const about = { seed: 4, chooser: 'pct' };
  expect(moreCommand(documentOf([cell], about), cell)).toBe(
    'npx lockstep run wal-unlink-wedge --strategy wal --engine 3.51.2+shm --runs 5000 --seed 5 --chooser pct --only harm',
  );
  expect(moreCommand(documentOf([cell], { ...about, short: true }), passing())).toBe(
    'npx lockstep compare --short --scenarios wal-unlink-wedge --strategies wal --engines 3.50.4 --runs 1000 --seed 5 --chooser pct --no-costs --out more',
  );
  const pasted = moreCommand(documentOf([cell], about), { ...cell, strategy: '\u0003\u001b[201~\nrm -rf ~\n' });
  expect(pasted).toContain(String.raw`--strategy '\u0003\u001b[201~\u000arm -rf ~\u000a' --engine`);
  const { about: first, ...rest } = documentOf([cell], about);
  expect(moreCommand({ ...rest, about: first, merged: [first, { ...first, seed: 9 }] }, cell)).toContain('--seed 10 ');
});
