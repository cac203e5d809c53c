// What runs say of a claim: evidence, or none.
import { expect, test } from 'vitest';
import { type ClaimEvidence, judgeClaim } from './claim.ts';

const claim = { strategy: 'safe-read', engine: '3.50.4', expects: 'none' } as const;
const clean: ClaimEvidence = {
  violated: [],
  drawn: 140,
  reached: 62,
  replays: 3,
  short: false,
  interrupted: false,
  bound: 0.05,
};
const violated = [{ invariant: 'no-wedge', how: 'in random run 7' }];
const expectations = ['none', 'violation'] as const;

test('enough runs in the window without a violation are an answer, with how many of them count', () => {
  expect(judgeClaim(claim, 'close', clean)).toEqual({
    outcome: 'confirmed',
    evidence:
      'safe-read on 3.50.4: nothing of the kind in 140 random runs, 62 of them in the window close, and in 3 replays of shipped plans (failure rate in the window at most 4.8 %)',
  });
  expect(judgeClaim({ ...claim, expects: 'violation' }, 'close', clean).outcome).toBe('refuted');
});

test('a violation is evidence, also before an interrupt, in short runs, and by a shipped plan', () => {
  for (const more of [{}, { interrupted: true }, { short: true }, { drawn: 0, reached: 0 }]) {
    const seen = { ...clean, violated, ...more };
    expect(judgeClaim(claim, 'close', seen)).toEqual({
      outcome: 'refuted',
      evidence: 'safe-read on 3.50.4: violated no-wedge in random run 7',
    });
    expect(judgeClaim({ ...claim, expects: 'violation' }, 'close', seen).outcome).toBe('confirmed');
  }
});

test.each(expectations)(
  'silence is an answer of neither kind where it could not have shown it: expects %s',
  (expects) => {
    const outcome = (more: Partial<ClaimEvidence>) => judgeClaim({ ...claim, expects }, 'close', { ...clean, ...more });
    expect(outcome({ reached: 0 })).toMatchObject({
      outcome: 'untested',
      evidence: expect.stringContaining('59 missing') as string,
    });
    expect(outcome({ reached: 58 })).toMatchObject({ outcome: 'untested' });
    expect(outcome({ reached: 58, interrupted: true }).evidence).toMatch(/1 missing for an answer; interrupted$/);
    expect(outcome({ short: true })).toMatchObject({ outcome: 'untested' });
    expect(outcome({ reached: 0, replays: 5000 })).toMatchObject({ outcome: 'untested' });
  },
);
