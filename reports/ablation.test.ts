// What an ablation says: a part is needed where the strategy fails without it and does not with it, and nowhere else; that nothing
// failed is never more than its bound.
import { describe, expect, test } from 'vitest';
import { ablationOf, type AblationAsked } from './ablation.ts';
import { evidenceWords, outcomeOfVariant } from './ablation-words.ts';
import { answerOf } from './answer.ts';
import { markdown } from './markdown.ts';
import { mergeResults } from './merge.ts';
import type { ResultCell, Results } from './results.ts';
import { howFound } from './words.ts';
import { broken, documentOf, failing, passing, unsure } from './testing/cells.test-support.ts';

const change = { axis: 'guard', from: 'refuse', to: 'none', says: 'nothing hinders a second gateway' };
const variant = (strategy: string, kind: 'removal' | 'addition', part: string) => ({
  strategy,
  kind,
  part,
  changes: [change],
});

const asked: AblationAsked = {
  strategy: 'best',
  variants: [variant('best+guard=none', 'removal', 'guard'), variant('best+lock=flock', 'addition', 'lock=flock')],
  skipped: [],
};

const [without, withValue] = [{ strategy: 'best+guard=none' }, { strategy: 'best+lock=flock' }];
const whole = { strategy: 'best' };
const race = { scenario: 'checkpoint-race' };

function document(cells: readonly ResultCell[], about: Partial<Results['about']> = {}): Results {
  const found = documentOf(cells, about);
  return { ...found, ablation: ablationOf(asked, found) };
}

/** What is said of the part that is taken away. */
const removed = (...cells: readonly ResultCell[]) => document(cells).ablation?.variants[0];
const added = (...cells: readonly ResultCell[]) => document(cells).ablation?.variants[1];

describe('a part is needed', () => {
  test('where the strategy fails without it, and passes with it: with invariants, plan and reason', () => {
    expect(removed(passing(whole), failing(without))).toMatchObject({
      outcome: 'fails',
      against: [
        {
          scenario: 'wal-unlink-wedge',
          engine: '3.50.4',
          invariants: ['no-wedge'],
          plan: 'plans/wal-unlink-wedge-wal-3.50.4.json',
          explanation: 'The kernel dropped its locks.',
        },
      ],
    });
  });

  test('and not where it fails as the whole does: that it fails there says nothing of the part', () => {
    const found = removed(failing(whole), failing(without));
    expect(found).toMatchObject({ outcome: 'alike', against: [], upperBound: null });
    expect(found?.also.map(({ scenario }) => scenario)).toEqual(['wal-unlink-wedge']);
    const other = failing({ ...without, violations: [{ invariant: 'integrity', message: 'a page is lost', step: 3 }] });
    expect(removed(failing(whole), other)).toMatchObject({
      outcome: 'fails',
      against: [{ invariants: ['integrity'] }],
    });
  });

  test.each([
    ['the harness failed with it', [broken(whole), failing(without)]],
    ['it was not run with it', [failing(without)]],
    ['the harness failed without it', [passing(whole), broken(without)]],
  ])('and that is not known where %s', (_what, cells) => {
    expect(removed(...cells)).toMatchObject({ outcome: 'unclear', against: [], upperBound: null });
  });
});

describe('that nothing failed without a part', () => {
  test('is told with the bound of its least certain cell, and is never called needless', () => {
    const found = removed(
      passing(whole),
      passing({ ...whole, ...race }),
      passing(without),
      passing({ ...without, ...race, reached: 60 }),
    );
    expect(found).toMatchObject({ outcome: 'alike', places: { run: 2, of: 2 }, runs: 200, reached: 140 });
    expect(found?.upperBound).toBeCloseTo(1 - 0.05 ** (1 / 60), 10);
    expect(outcomeOfVariant(found!)).toBe('nothing failed without it alone');
    expect(evidenceWords(found!)).toBe(
      'Nothing failed in 200 random runs, 140 in the window, in 2 cells: a failure rate above 4.9 % is ruled out in each (95 %).',
    );
  });

  test.each([
    ['a cell shows nothing', [passing(without), unsure({ ...without, ...race })]],
    ['a cell is missing', [passing(without)]],
  ])('is no result where %s', (_what, own) => {
    const found = removed(passing(whole), passing({ ...whole, ...race }), ...own);
    expect(found).toMatchObject({ outcome: 'unclear', upperBound: null });
    expect(evidenceWords(found!)).toContain('too few for a bound in each');
  });

  test('is no result of a comparison that is not complete: other engines are still to come', () => {
    const cells = [passing(whole), passing(without)];
    const found = document(cells, { interrupted: true, engines: ['3.50.4', '3.54.1'] }).ablation?.variants[0];
    expect(found).toMatchObject({ outcome: 'unclear', places: { run: 1, of: 2 } });
  });
});

describe('another value', () => {
  test('is better where it passes what the whole fails, and fails nothing that the whole passes', () => {
    expect(added(failing(whole), passing(withValue))).toMatchObject({
      outcome: 'gains',
      gains: [{ invariants: ['no-wedge'] }],
    });
    const both = [
      failing(whole),
      passing(withValue),
      passing({ ...whole, ...race }),
      failing({ ...withValue, ...race }),
    ];
    expect(added(...both)?.outcome).toBe('fails');
  });

  test('is not better where it merely did not fail', () => {
    expect(added(failing(whole), unsure(withValue))).toMatchObject({ outcome: 'unclear', gains: [] });
  });
});

test('shards of an ablation are judged together, and those of two strategies are refused', () => {
  const listed = documentOf([passing(whole), failing(without), passing(withValue)]).about;
  const parts = [[passing(whole), passing(withValue)], [failing(without)]].map((cells, i) => ({
    path: `${i}/results.json`,
    results: document(cells, { ...listed, shard: { index: i + 1, of: 2 } }),
  }));
  expect(parts.map(({ results }) => results.ablation?.variants[0]?.outcome)).toEqual(['unclear', 'unclear']);
  const { ablation } = mergeResults(parts).results;
  expect(ablation?.variants.map(({ outcome }) => outcome)).toEqual(['fails', 'alike']);
  const [first, second] = parts;
  const other = { ...second!, results: { ...second!.results, ablation: { ...ablation!, strategy: 'wal' } } };
  expect(() => mergeResults([first!, other])).toThrow(/takes best apart, .* takes wal/);
});

test('what another strategy’s plan has found is told as that', () => {
  const lent = failing({ ...withValue, how: 'shipped', shipped: 'plans/x.json', runs: 0 });
  expect(howFound(lent)).toBe(
    'Found by memory, by the plan of another strategy, plans/x.json; not by search (no run was made).',
  );
  const texts = answerOf(document([passing(whole), lent])).sentences.map(({ text }) => text);
  expect(texts.join(' ')).toContain('by memory only, by a shipped plan or that of another strategy');
});

describe('in words', () => {
  const results = document([passing(whole), failing(without), passing(withValue)]);

  test('the answer says of which strategy it is, which parts are needed and what other values do', () => {
    const [first, ...rest] = answerOf(results).sentences.map(({ text }) => text);
    expect(first).toMatch(/^best did not fail in the one scenario on one SQLite version: in each cell 80 random runs/);
    expect(rest.slice(0, 2)).toEqual([
      'Of 1 part of best, 1 is needed. It fails without guard in wal-unlink-wedge (3.50.4).',
      'Of 1 other value, nothing more failed with 1; a failure rate above 3.7 % in the window is ruled out in each cell (95 %).',
    ]);
    expect(answerOf(results).survivors.map(({ strategy }) => strategy)).toEqual(['best']);
  });

  test('a part without which nothing failed was taken away alone', () => {
    const { sentences } = answerOf(document([passing(whole), passing(without), passing(withValue)]));
    expect(sentences.map(({ text }) => text)).toContain(
      'Nothing more failed without guard, taken away alone; a failure rate above 3.7 % in the window is ruled out in each cell (95 %). ' +
        'That does not say that it holds without.',
    );
  });

  test('of a whole that did not pass it is said, whatever variants did', () => {
    const first = (...cells: readonly ResultCell[]) => answerOf(document(cells)).sentences[0]?.text;
    expect(first(unsure(whole), passing(withValue))).toBe('best is not shown to get through everything.');
    expect(first(failing(whole), passing(withValue))).toBe('best failed.');
  });

  test('Markdown has a row a variant, and how to replay what fails', () => {
    const text = markdown(results, { folder: 'out' });
    expect(text).toContain('| without guard | **needed** | wal-unlink-wedge on SQLite 3.50.4: no-wedge. The kernel');
    expect(text).toContain('| with lock=flock | nothing failed with it | Nothing failed in 100 random runs');
    expect(text).toContain('npx lockstep replay out/plans/wal-unlink-wedge-wal-3.50.4.json');
  });
});
