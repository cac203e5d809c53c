// What is said of a plan that was made smaller: what was not held on to, and what became of it on the plain engine. Nothing is
// said of runs that nobody made.
import { expect, test } from 'vitest';
import { besidesWords, plainWords, type TriedPlain } from './minimal.ts';

const deep = { plan: { engine: '3.51.2+shm' } } as Parameters<typeof plainWords>[0];
const tried: TriedPlain = {
  engine: '3.51.2',
  verdict: 'pass',
  how: 'search',
  runs: 402,
  repeats: 2,
  reached: 80,
  missing: 0,
  upperBound: 0.037,
  upperBoundAllRuns: 0.0075,
  violations: [],
  plan: undefined,
};

test('a plan of a deep engine that was not tried on the plain one says so, and no figure', () => {
  expect(plainWords(deep, null)).toBe('found deep; on plain SQLite 3.51.2 it was not tried');
});

test('found deep only is said after a pass; before that, what is missing', () => {
  expect(plainWords(deep, tried)).toBe(
    'found deep only: on plain SQLite 3.51.2, 402 runs near it did not fail, 80 reached the window',
  );
  expect(plainWords(deep, { ...tried, verdict: 'inconclusive', runs: 1, reached: 0, missing: 59 })).toBe(
    'found deep; on plain SQLite 3.51.2, 1 run near it did not fail, 0 reached the window: 59 are missing for a pass',
  );
  expect(plainWords(deep, { ...tried, verdict: 'fail', runs: 7 })).toBe(
    'found deep; it fails on plain SQLite 3.51.2 too (search, run 7)',
  );
});

test('of a plan of a plain engine nothing is said', () => {
  expect(plainWords({ ...deep, plan: { ...deep.plan, engine: '3.51.2' } }, null)).toBe('');
});

test('what it did not hold on to is named, with what keeps it; what is there all the same is named once', () => {
  const violations = [{ invariant: 'integrity', message: 'm', step: null }];
  expect(besidesWords({ besides: [], violations })).toBe('');
  expect(besidesWords({ besides: ['locks-held'], violations })).toBe(
    'not held on to: locks-held; `npx lockstep shrink PLAN --only integrity,locks-held` of the plan as it was found does',
  );
});
