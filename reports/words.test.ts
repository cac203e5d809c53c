// Words of a cell: what they say, and what they must not say.
import { expect, test } from 'vitest';
import { documentOf, broken, failing, failingBesides, passing, unsure } from './testing/cells.test-support.ts';
import { defaultBound, upperBound } from '../harness/model/verdict.ts';
import type { ResultCell } from './results.ts';
import {
  foundBy,
  howFound,
  invariantsWords,
  moreCommand,
  notShown,
  notShownWords,
  replaysLeft,
  violated,
  whyInconclusive,
} from './words.ts';

test('how a failure was found: search and memory apart, by which run, whatever runs were added to the cell later', () => {
  expect(howFound(failing({ runs: 1234 }))).toBe(
    'Found by search, in random run 1,234; not by memory (no plan was replayed).',
  );
  expect(howFound(failing({ runs: 105, failedRun: 5, replayed: 3 }))).toBe(
    'Found by search, in random run 5; not by memory (none of 3 shipped plans).',
  );
  const shipped = failing({ how: 'shipped', shipped: 'a.json', replayed: 1 });
  expect(howFound({ ...shipped, runs: 59 })).toBe(
    'Found by memory, by the shipped plan a.json; not by search (none of 59 runs).',
  );
  expect(howFound({ ...shipped, runs: 0 })).toBe(
    'Found by memory, by the shipped plan a.json; not by search (no run was made).',
  );
  expect(howFound({ ...shipped, failedRun: 4 })).toBe(
    'Found by search, in random run 4; by memory, by the shipped plan a.json.',
  );
  expect(foundBy(shipped)).toBe('search: none of 12 runs · memory: a.json');
});

test('what was violated is counted once, whichever run did it; what is not shown says who did', () => {
  const cell = failingBesides();
  expect(violated(cell)).toEqual(['no-wedge', 'bounded-reaction']);
  expect(notShown(cell).map(notShownWords)).toEqual([
    'Violated by random run 9 and a.json, not by the plan that is shown; its own plan: plans/x.json.',
  ]);
  expect(violated(failing())).toEqual(['no-wedge']);
});

test('why a cell is inconclusive, and how many runs in the window are missing', () => {
  const replays = { replayed: 2, replayable: 2 };
  const why = (given: Parameters<typeof unsure>[0]) => whyInconclusive(unsure(given), defaultBound);
  expect(why({ runs: 0, replayable: 9 })).toBe('Nothing was run before the budget was spent.');
  expect(why({ runs: 0, ...replays })).toBe(
    'Nothing failed in 2 replays, but no random run was made, so nothing is shown: 0 of 59 runs in the window, 59 missing.',
  );
  expect(why({ ...replays, reachedByReplay: 1 })).toMatch(
    /but only replays of shipped plans reached the .* window, so/,
  );
  expect(why(replays)).toMatch(/^Nothing failed in 100 runs and 2 replays, but the dangerous window was never reached/);
  expect(why({ reached: 12 })).toMatch(/but too few random runs .*: 12 of 59 runs in the window, 47 missing\.$/);
  expect(why({ repeats: 98, reached: 1 })).toMatch(
    / 98 of the runs did what an earlier one had done, and do not count\.$/,
  );
  expect(whyInconclusive(unsure({ reached: 12 }), 0.1)).toContain('12 of 29 runs in the window, 17 missing');
});

test('one verdict an invariant: what fails and by what, and what the other invariants have', () => {
  const one = { run: null, shipped: null, runs: 80, reached: 62, plan: null };
  const invariants: ResultCell['invariants'] = [
    { ...one, name: 'no-wedge', verdict: 'pass', upperBound: upperBound(62) },
    { ...one, name: 'acknowledged-commits', verdict: 'fail', run: 7, shipped: 'a.json', upperBound: null },
    { ...one, name: 'integrity', verdict: 'pass', upperBound: upperBound(62) },
  ];
  expect(invariantsWords({ invariants }, defaultBound)).toEqual([
    'acknowledged-commits: fails, by random run 7 and a.json',
    'no-wedge and integrity: pass (≤ 4.8 %)',
  ]);
  const few = invariants.map((given) => ({ ...given, reached: 3, upperBound: null }));
  const said = few.map((given) => ({
    ...given,
    verdict: given.verdict === 'pass' ? ('inconclusive' as const) : given.verdict,
  }));
  expect(invariantsWords({ invariants: said }, defaultBound)[1]).toBe(
    'no-wedge and integrity: inconclusive (3 of 59 runs in the window, 56 missing)',
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
