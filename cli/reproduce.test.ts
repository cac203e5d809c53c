// What runs say of a claim: evidence, or none.
import { expect, test } from 'vitest';
import { type CellFinding, judge } from './reproduce.ts';

const claim = { strategy: 'safe-read', engine: '3.50.4', expects: 'none' } as const;
const clean: CellFinding = { runs: 40, reached: 15, violations: [], upperBound: 0.0722, interrupted: false };
const violated: CellFinding = {
  ...clean,
  violations: [{ invariant: 'no-wedge', message: 'it is wedged', step: 3 }],
  upperBound: null,
};

test('runs without a violation confirm, with how many of them count', () => {
  expect(judge(claim, 'close', clean)).toEqual({
    outcome: 'confirmed',
    evidence:
      'safe-read on 3.50.4: nothing of the kind in 40 runs, 15 of them in the window close (failure rate of random schedules < 7.3 %)',
  });
  expect(judge({ ...claim, expects: 'violation' }, 'close', clean).outcome).toBe('refuted');
});

test('a violation is evidence, also before an interrupt', () => {
  for (const interrupted of [false, true]) {
    const finding = { ...violated, interrupted };
    expect(judge(claim, 'close', finding).outcome).toBe('refuted');
    expect(judge({ ...claim, expects: 'violation' }, 'close', finding).outcome).toBe('confirmed');
  }
});

test.each(['none', 'violation'] as const)('no claim is judged by silence without evidence: expects %s', (expects) => {
  expect(judge({ ...claim, expects }, 'close', { ...clean, interrupted: true }).outcome).toBe('untested');
  expect(judge({ ...claim, expects }, 'close', { ...clean, reached: 0, upperBound: null }).outcome).toBe('untested');
  expect(judge({ ...claim, expects }, 'close', { ...clean, upperBound: null }).outcome).toBe('untested');
  expect(judge({ ...claim, expects }, 'close', { ...clean, runs: 20, upperBound: 0.1391 }).outcome).toBe('untested');
});
