// What runs say of a claim: evidence, or none.
import { expect, test } from 'vitest';
import {
  borneOut,
  type ClaimEvidence,
  isAbout,
  judgeClaim,
  judgedTogether,
  outcomeWord,
  untried,
} from './judge-claim.ts';

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
    tried: true,
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
      tried: true,
      evidence: 'safe-read on 3.50.4: violated no-wedge in random run 7',
    });
    expect(judgeClaim({ ...claim, expects: 'violation' }, 'close', seen).outcome).toBe('confirmed');
  }
});

test.each(expectations)(
  'silence is an answer of neither kind where it could not have shown it: expects %s',
  (expects) => {
    const outcome = (more: Partial<ClaimEvidence>) => judgeClaim({ ...claim, expects }, 'close', { ...clean, ...more });
    expect(outcome({ reached: 0 })).toMatchObject({ outcome: 'untested', tried: true });
    expect(outcome({ reached: 58 })).toMatchObject({ outcome: 'untested', tried: true });
    expect(outcome({ reached: 58, interrupted: true }).evidence).toMatch(/, 1 are missing; interrupted$/);
    expect(outcome({ short: true })).toMatchObject({ outcome: 'untested' });
    expect(outcome({ reached: 0, replays: 5000 })).toMatchObject({ outcome: 'untested' });
  },
);

test('without an answer it says what was tried and what is missing', () => {
  const few = judgeClaim(claim, 'close', { ...clean, drawn: 40, reached: 12, replays: 0 });
  expect(outcomeWord(few)).toBe('undecided');
  expect(few.evidence).toBe(
    'safe-read on 3.50.4: nothing of the kind in 40 random runs, 12 of them in the window close; an answer takes 59 random runs in the window, 47 are missing',
  );
  const replayed = judgeClaim(claim, 'close', { ...clean, drawn: 0, reached: 0, replays: 1 });
  expect(replayed.evidence).toContain('nothing of the kind in 1 replay of shipped plans, and no random run was made;');
  expect(outcomeWord(replayed)).toBe('undecided');
});

test('where nothing was tried, nothing is said of runs', () => {
  const nothing = { ...clean, drawn: 0, reached: 0, replays: 0 };
  const stopped = judgeClaim(claim, 'close', { ...nothing, interrupted: true });
  expect(stopped).toEqual(untried(claim, 'not tried: interrupted'));
  expect([outcomeWord(stopped), stopped.evidence]).toEqual(['untested', 'safe-read on 3.50.4: not tried: interrupted']);
  expect(judgeClaim(claim, 'close', nothing).evidence).toBe('safe-read on 3.50.4: nothing was run');
});

test('a claim is about its cell on its engine, whichever way round a combination is named', () => {
  const cell = { strategy: 'delete+safe-read', engine: '3.50.4' };
  expect(isAbout({ strategy: 'safe-read+delete', engine: '3.50.4' }, cell)).toBe(true);
  expect(isAbout({ strategy: 'safe-read', engine: '3.50.4' }, cell)).toBe(false);
  expect(isAbout({ strategy: 'safe-read+delete', engine: '3.54.1' }, cell)).toBe(false);
});

test('of several judgements the one that a run settled counts, and silence that was tried before none', () => {
  const [open, none] = [judgeClaim(claim, 'close', { ...clean, reached: 3 }), untried(claim, 'no cell')];
  const [clear, broke] = [judgeClaim(claim, 'close', clean), judgeClaim(claim, 'close', { ...clean, violated })];
  expect(judgedTogether('none', [none, clear, broke])).toEqual(broke);
  expect(judgedTogether('none', [none, clear, open])).toEqual(clear);
  expect(judgedTogether('none', [none, open])).toEqual(open);
  expect(judgedTogether('none', [none, none])).toEqual(none);
  const old = { ...clear, tried: false }; // of a document from before that was kept
  expect(judgedTogether('none', [old, open])).toEqual(clear);
});

test.each(expectations)('only a pass bears out that nothing happened: expects %s', (expects) => {
  const judged = (more: Partial<ClaimEvidence>) => {
    const one = { ...claim, expects };
    return { ...one, ...judgeClaim(one, 'close', { ...clean, ...more }) };
  };
  expect(borneOut(judged({}), 'pass')).toEqual(judged({}));
  for (const verdict of ['fail', 'error', 'inconclusive'] as const) {
    expect(borneOut(judged({}), verdict)).toMatchObject({ outcome: 'untested', tried: true });
    expect(borneOut(judged({ violated }), verdict)).toEqual(judged({ violated }));
  }
});
