// What a plan placed itself is no finding of the run.
import { expect, test } from 'vitest';
import { historyOf } from '../testing/history.test-support.ts';
import { symptomsSeen } from './symptoms.ts';
import type { Symptom } from '../model/symptom.ts';

const placed: Symptom = {
  reported: 'it failed for 3 s',
  see: ({ strikes }) => (strikes.length > 0 ? '3.0 s' : undefined),
  staged: () => 'the plan makes it fail',
};

test('staged symptoms are marked, and not seen', () => {
  const strikes = [{ fault: 0, kind: 'io-hiccup', step: 1, nowMs: 1, liftedMs: 2 }];
  const own: Symptom = { reported: 'rows are gone', see: () => '2 rows' };
  expect(symptomsSeen([placed, own], historyOf({ strikes }))).toEqual([
    { reported: 'it failed for 3 s', seen: false, staged: 'the plan makes it fail', evidence: '3.0 s' },
    { reported: 'rows are gone', seen: true, staged: null, evidence: '2 rows' },
  ]);
});

test('what does not show is not staged either: it is missing', () => {
  expect(symptomsSeen([placed], historyOf())).toMatchObject([{ seen: false, staged: null }]);
});
