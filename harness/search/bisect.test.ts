// What a row of verdicts says about versions, and what it does not.
import { expect, test } from 'vitest';
import { boundaryOf, byVersion, verdictOfAll } from './bisect.ts';
import type { Verdict } from '../model/verdict.ts';

function judged(verdicts: readonly Verdict[]) {
  return verdicts.map((verdict, i) => ({ engine: `3.5${i}.0`, verdict }));
}

test.each<[readonly Verdict[], ReturnType<typeof boundaryOf>]>([
  [['fail', 'fail', 'pass'], { lastBad: '3.51.0', firstGood: '3.52.0', mixed: false }],
  [['pass', 'pass'], { lastBad: null, firstGood: '3.50.0', mixed: false }],
  [['fail', 'fail'], { lastBad: '3.51.0', firstGood: null, mixed: false }],
  [['pass', 'fail', 'pass'], { lastBad: '3.51.0', firstGood: '3.52.0', mixed: true }],
  // A window that was not reached says nothing about the version.
  [['fail', 'inconclusive', 'pass'], { lastBad: '3.50.0', firstGood: '3.52.0', mixed: false }],
  [['fail', 'inconclusive', 'error'], { lastBad: '3.50.0', firstGood: null, mixed: false }],
  [['inconclusive'], { lastBad: null, firstGood: null, mixed: false }],
  [[], { lastBad: null, firstGood: null, mixed: false }],
])('%j', (verdicts, boundary) => {
  expect(boundaryOf(judged(verdicts))).toEqual(boundary);
});

test('engines stand in the order of their versions, whatever order they were given in', () => {
  expect(byVersion(['3.54.1', '3.50.4+shm', '3.51.2', '3.50.4', '3.51.2'])).toEqual([
    '3.50.4',
    '3.50.4+shm',
    '3.51.2',
    '3.54.1',
  ]);
});

test.each<[readonly Verdict[], Verdict]>([
  [['pass', 'pass'], 'pass'],
  [['pass', 'inconclusive'], 'inconclusive'],
  [['inconclusive', 'error'], 'error'],
  [['pass', 'fail', 'error'], 'fail'],
  [[], 'inconclusive'],
])('%j together are %s', (verdicts, verdict) => {
  expect(verdictOfAll(judged(verdicts))).toBe(verdict);
});

test('what programs bring themselves has no place between versions', () => {
  expect(() => byVersion(['3.50.4', 'own'])).toThrow('has no place between versions');
});
