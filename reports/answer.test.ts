// The answer in words: what it says, and what it never says.
import { test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { answerOf, type SentenceKind } from './answer.ts';
import { mergeResults } from './merge.ts';
import type { Results } from './results.ts';
import { agreeingDocuments, broken, documentOf, failing, passing, unsure } from './testing/cells.test-support.ts';
import { catalogue, empty, longNames, noFailures, onlyFailures, sixtyCells } from './testing/results.test-support.ts';

function told(results: Results, ...kinds: readonly SentenceKind[]): readonly string[] {
  const { sentences } = answerOf(results);
  return sentences.filter(({ kind }) => kinds.length === 0 || kinds.includes(kind)).map(({ text }) => text);
}

const race = { scenario: 'checkpoint-race' } as const;

test('who passed everywhere, with how many runs, and how sure the least certain pass is', () => {
  const results = documentOf([
    passing(),
    passing({ ...race, runs: 20, reached: 3, upperBound: 0.1391 }),
    failing({ strategy: 'delete' }),
    passing({ ...race, strategy: 'delete' }),
  ]);
  expect(told(results)).toEqual([
    'wal (120 runs) did not fail in any of 2 scenarios on one SQLite version.',
    'delete failed in 1 of 2 scenarios: wal-unlink-wedge.',
    'The least certain of these passes is checkpoint-race under wal on SQLite 3.50.4: 20 runs, 3 of them in the dangerous window; a failure rate of up to 14 % a run is not ruled out (95 %).',
  ]);
});

test('a strategy that was not run everywhere survived nothing but what it was run in', () => {
  const results = documentOf([passing(), passing(race), passing({ strategy: 'best' })]);
  const { survivors, partial } = answerOf(results);
  expect(survivors.map(({ strategy }) => strategy)).toEqual(['wal']);
  expect(partial.map(({ strategy }) => strategy)).toEqual(['best']);
  expect(told(results, 'partial')).toEqual([
    'best (100 runs) did not fail in the one scenario it was run in; it was not run in checkpoint-race.',
  ]);
});

test('nor does one that was not run on every engine that others were run on', () => {
  const results = documentOf([passing(), passing({ engine: '3.51.2' }), passing({ strategy: 'best' })]);
  expect(told(results, 'partial')).toEqual([
    'best (100 runs) did not fail in the one scenario it was run in; it was not run in wal-unlink-wedge (3.51.2).',
  ]);
});

test('a scenario that nobody was run in counts as well', () => {
  const results = documentOf([passing()]);
  const scenarios = [...results.about.scenarios, { name: 'unrun', says: '', source: '', window: '', engine: '3.50.4' }];
  expect(answerOf({ ...results, about: { ...results.about, scenarios } }).survivors).toEqual([]);
});

test('one inconclusive cell, or one error, and it is not said to have survived', () => {
  const both = documentOf([
    passing(),
    unsure(race),
    passing({ strategy: 'best' }),
    broken({ ...race, strategy: 'best' }),
  ]);
  const { survivors, inconclusive, errors } = answerOf(both);
  expect([survivors, inconclusive, errors].map((list) => list.map(({ strategy }) => strategy))).toEqual([
    [],
    ['wal'],
    ['best'],
  ]);
  expect(told(both, 'survived', 'inconclusive', 'error')).toEqual([
    'No strategy is shown to get through everything.',
    'wal is inconclusive, since the dangerous window was never reached, in 1 of 2 scenarios: checkpoint-race.',
    'The harness itself failed in 1 cell, which says nothing: checkpoint-race under best on SQLite 3.50.4.',
  ]);
});

test('strategies that fail alike are told together, with the engines', () => {
  const cells = ['wal', 'delete'].flatMap((strategy) => [
    failing({ strategy }),
    failing({ strategy, engine: '3.51.2' }),
    passing({ strategy, engine: '3.54.1' }),
    failing({ strategy, ...race }),
    failing({ strategy, ...race, engine: '3.51.2' }),
    failing({ strategy, ...race, engine: '3.54.1' }),
  ]);
  expect(told(documentOf(cells), 'survived', 'failed')).toEqual([
    'Every strategy failed somewhere.',
    'wal and delete failed in all 2 scenarios: wal-unlink-wedge (3.50.4 and 3.51.2) and checkpoint-race (on all 3 SQLite versions).',
  ]);
});

test('an interrupted comparison, and shards that are not there, are said first', () => {
  const interrupted = documentOf([passing()], { interrupted: true });
  expect(told(interrupted)[0]).toBe(
    'This comparison is not complete. It was stopped before its end: it has 1 cell so far.',
  );
  const shard = documentOf([passing()], { shard: { index: 2, of: 3 } });
  expect(told(shard)[0]).toBe(
    'This comparison is not complete: shards 1 and 3 of 3 are not in this document, which has 1 cell.',
  );
  const both = [1, 2, 3].map((index) => {
    const cell = passing({ strategy: `s${index}` });
    return { path: `${index}`, results: documentOf([cell], { shard: { index, of: 3 } }) };
  });
  expect(told(mergeResults(both).results, 'coverage')).toEqual([]);
  expect(told(mergeResults(both.slice(1)).results, 'coverage')).toEqual([
    'This comparison is not complete: shard 1 of 3 is not in this document, which has 2 cells.',
  ]);
});

test('while it is not complete, nobody survived what is still to come', () => {
  const results = documentOf([passing(), passing({ ...race, strategy: 'best' })], { interrupted: true });
  expect(answerOf(results).survivors).toEqual([]);
});

test('refuted claims are told with their source, and link to the cell where there is one', () => {
  const { scenario, strategy, engine } = passing();
  const claim = {
    scenario,
    strategy,
    engine,
    claim: 'nothing is lost',
    source: 'reported: #1',
    expects: 'none',
    outcome: 'refuted',
    evidence: 'lost 3 rows',
  } as const;
  const results = documentOf([passing()], {}, { claims: [claim, { ...claim, engine: '3.1', outcome: 'untested' }] });
  const claims = answerOf(results).sentences.filter(({ kind }) => kind === 'claims');
  expect(claims.map(({ text }) => text)).toEqual([
    'Of 2 claims: 1 refuted and 1 untested.',
    'Refuted: “nothing is lost” (reported: #1; wal-unlink-wedge under wal on SQLite 3.50.4): lost 3 rows.',
  ]);
  expect(claims[1]?.pieces).toContainEqual(expect.objectContaining({ scenario, strategy, engine }));
});

test('a pass whose window only replays reached is the least certain, and has no bound', () => {
  const replayed = passing({ ...race, reached: 0, reachedByReplay: 1, replayed: 1, upperBound: null });
  expect(told(documentOf([passing(), replayed]), 'bound')[0]).toContain('so no bound can be given.');
});

test.each(Object.entries({ empty, sixtyCells, catalogue, noFailures, onlyFailures, longNames }))(
  'no promise, and every link leads somewhere: %s',
  (_, make) => {
    const results = make();
    const { sentences } = answerOf(results);
    expect(sentences.length).toBeGreaterThan(0);
    for (const { text, pieces } of sentences) {
      expect(text).not.toMatch(/(?<![\w+-])(safe|safely|correct|proven|guaranteed)(?![\w+-])/);
      expect(text).toMatch(/[.!?]$/);
      expect(text).not.toMatch(/undefined|NaN|\[object| {2}/);
      for (const piece of pieces) {
        if (typeof piece === 'string' || piece.scenario === undefined) continue;
        expect(results.cells).toContainEqual(
          expect.objectContaining({ scenario: piece.scenario, strategy: piece.strategy, engine: piece.engine }),
        );
      }
    }
  },
);

property.prop([agreeingDocuments])('every strategy stands in one list, and survivors have passes only', (documents) => {
  const { results } = mergeResults(documents);
  const { survivors, failing: failed, inconclusive, errors, partial } = answerOf(results);
  const all = [survivors, failed, inconclusive, errors, partial].flat().map(({ strategy }) => strategy);
  expect(all.toSorted()).toEqual(results.about.strategies.map(({ name }) => name).toSorted());
  for (const { strategy, cells } of survivors) {
    expect(cells.every(({ verdict }) => verdict === 'pass')).toBe(true);
    const places = new Set(results.cells.map(({ scenario, engine }) => `${scenario} ${engine}`));
    expect(results.cells.filter((cell) => cell.strategy === strategy)).toHaveLength(places.size);
  }
});
