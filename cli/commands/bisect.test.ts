// The answer of a bisection in words: of the engines that were judged, and of no others.
import { expect, test } from 'vitest';
import { boundaryOf } from '../../harness/search/bisect.ts';
import type { Verdict } from '../../harness/model/verdict.ts';
import { boundaryWords, saying } from './bisect.ts';

function words(verdicts: readonly (readonly [string, Verdict])[], untried: readonly string[] = []): readonly string[] {
  const found = verdicts.map(([engine, verdict]) => ({ engine, verdict }));
  return boundaryWords(found, untried, boundaryOf(found));
}

test('between which versions it stopped failing', () => {
  expect(
    words([
      ['3.50.4', 'fail'],
      ['3.54.1', 'pass'],
    ]),
  ).toEqual(['last bad 3.50.4, first good 3.54.1']);
  expect(
    words([
      ['3.50.4', 'pass'],
      ['3.54.1', 'inconclusive'],
    ]),
  ).toEqual(['it did not fail on any of them']);
});

test('interrupted before any answer, it says nothing of failing', () => {
  expect(words([], ['3.50.4', '3.54.1'])).toEqual(['ended early: no answer on 3.50.4, 3.54.1']);
  expect(words([['3.50.4', 'pass']], ['3.54.1'])).toEqual([
    'it did not fail on 3.50.4',
    'ended early: no answer on 3.54.1',
  ]);
});

test('without a random run it says what was made', () => {
  const none = { engine: '3.54.1', how: 'replay', violations: [], upperBound: null, upperBoundAllRuns: null } as const;
  const judged = { ...none, verdict: 'inconclusive', runs: 2, repeats: 2, reached: 0, missing: 59 } as const;
  expect(saying(judged)).toBe('no random run near it, 2 replays: 59 are missing for a pass');
  expect(saying({ ...judged, runs: 41, reached: 7, missing: 52 })).toBe(
    '39 random runs near it, 7 of them in the window: 52 are missing for a pass',
  );
});
