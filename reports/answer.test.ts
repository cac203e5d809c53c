// The answer in words: what it says, and what it never says.
import { test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { answerOf } from './answer.ts';
import { compareWithBaseline } from './baseline.ts';
import { mergeResults } from './merge.ts';
import type { ResultCost, Results } from './results.ts';
import type { SentenceKind } from './sentence.ts';
import { agreeingDocuments, broken, documentOf, failing, passing, unsure } from './testing/cells.test-support.ts';
import {
  catalogue,
  empty,
  longNames,
  noFailures,
  oneCell,
  onlyFailures,
  sixtyCells,
} from './testing/results.test-support.ts';

function told(results: Results, ...kinds: readonly SentenceKind[]): readonly string[] {
  const { sentences } = answerOf(results);
  return sentences.filter(({ kind }) => kinds.length === 0 || kinds.includes(kind)).map(({ text }) => text);
}

const race = { scenario: 'checkpoint-race' } as const;

test('who passed everywhere, with how many runs, and how sure the least certain pass is', () => {
  const results = documentOf([
    passing(),
    passing({ ...race, runs: 120, reached: 60 }),
    failing({ strategy: 'delete' }),
    passing({ ...race, strategy: 'delete' }),
  ]);
  expect(told(results)).toEqual([
    'wal did not fail in any of 2 scenarios on one SQLite version: in each cell 60 random runs or more in the window, failure rate ≤ 4.9 % (95 %).',
    'delete failed in 1 of 2 scenarios: wal-unlink-wedge.',
    'Of 1 failing cell, 1 was found by search, in a random run.',
    'The least certain of these passes is checkpoint-race under wal on SQLite 3.50.4: 120 random runs, 60 of them in the dangerous window; a failure rate of up to 4.9 % of the runs in the window, and of 2.5 % of all runs, is not ruled out (95 %).',
  ]);
});

test('the first sentence says no more than the least certain pass does', () => {
  const sure = passing({ runs: 9000, reached: 9000 });
  const first = (cells: Results['cells'], about = {}) => told(documentOf(cells, about), 'survived');
  expect(first([sure])).toEqual([
    'wal did not fail in the one scenario on one SQLite version: in each cell 9,000 random runs or more in the window, failure rate ≤ 0.034 % (95 %).',
  ]);
  const replays = { reachedByReplay: 500, replayed: 500, marks: { 'close-beside-holder': 9000 } };
  expect(first([sure, passing({ ...race, ...replays, reached: 59 })])[0]).toMatch(
    /in each cell 59 random runs or more in the window, failure rate ≤ 5\.0 % \(95 %\)\.$/,
  );
  expect(first([sure, passing({ strategy: 'best', reached: 59 })])[0]).toMatch(/^wal and best did .* 59 random runs/);
  expect(first([sure], { short: true })[1]).toMatch(/^All runs were short/);
  for (const open of [unsure(race), broken(race)]) expect(first([sure, open]).join()).not.toContain('did not fail');
  const stopped = { interrupted: true, engines: ['3.50.4', '3.54.1'] };
  expect(first([sure], stopped)).toEqual([]);
});

test('search and memory are told apart', () => {
  const shipped = failing({ how: 'shipped', shipped: 'a.json', failedRun: null, runs: 0 });
  const both = { ...shipped, strategy: 'delete', runs: 59 };
  const found = { ...shipped, strategy: 'best', runs: 59, failedRun: 7 };
  expect(told(documentOf([shipped, both, found, failing({ strategy: 'leader' })]), 'found')).toEqual([
    'Of 4 failing cells, 2 were found by search, in a random run; 2 were found by memory only, by a shipped plan, and by none of 59 random runs there; in 1 of these no random run was made.',
  ]);
});

test('what inconclusive cells lack', () => {
  const cells = [unsure({ reached: 12 }), unsure({ ...race, reached: 58 })];
  expect(told(documentOf(cells), 'missing')).toEqual([
    'A pass takes 59 random runs in the window without a failure; the 2 inconclusive cells lack 48 such runs in all.',
  ]);
});

test('where all failed, who failed in the fewest scenarios', () => {
  const both = [failing(), failing(race)];
  const one = [failing({ strategy: 'best' }), passing({ ...race, strategy: 'best' })];
  expect(told(documentOf([...both, ...one]), 'survived')).toEqual([
    'Every strategy failed somewhere.',
    'best failed in the fewest scenarios, 1 of 2: wal-unlink-wedge.',
  ]);
  const alike = [failing({ strategy: 'delete' }), failing({ ...race, strategy: 'delete' })];
  expect(told(documentOf([...both, ...alike]), 'survived')).toEqual(['Every strategy failed somewhere.']);
});

test.each([
  ['an inconclusive cell', unsure],
  ['an error', broken],
])('%s may hide a failure: whoever has it is not compared', (_, hidden) => {
  const third = { scenario: 'orphan-dispatcher' } as const;
  const wal = [failing(), failing(race), failing(third)];
  const delete_ = [failing({ strategy: 'delete' }), failing({ ...race, strategy: 'delete' })];
  const hides = [failing({ strategy: 'best' }), passing({ ...race, strategy: 'best' })];
  const best = [...hides, hidden({ ...third, strategy: 'best' })];
  const all = [...wal, ...delete_, passing({ ...third, strategy: 'delete' }), ...best];
  expect(told(documentOf(all), 'survived')).toEqual([
    'Every strategy failed somewhere.',
    'Of those with an answer everywhere, delete failed in the fewest scenarios, 2 of 3: wal-unlink-wedge and checkpoint-race.',
  ]);
  expect(told(documentOf([...wal, ...best]), 'survived')).toEqual(['Every strategy failed somewhere.']);
  expect(told(documentOf(best), 'survived')).toEqual(['The one strategy that was tried failed.']);
});

describe('which of several that passed everywhere comes first, and by which rule', () => {
  const [one] = oneCell().costs;
  const cost = (strategy: string, rate: number, more: Partial<ResultCost> = {}): ResultCost => ({
    ...one!,
    strategy,
    samples: 100,
    gateways: 4,
    engine: '3.50.4',
    commitsPerSecond: rate,
    commitsPerSecondInterval: { low: rate - 10, high: rate + 10 },
    ...more,
  });
  const choice = (cells: Results['cells'], costs: readonly ResultCost[] = []) =>
    told(documentOf(cells, {}, { costs: [...costs] }), 'choice');
  const [best, safeRead] = [passing({ strategy: 'best' }), passing({ strategy: 'safe-read' })];
  const both = 'failures, then hazards, then cost: none failed;';

  test('the one that met the fewest hazards, though another is cheaper', () => {
    const met = passing({ strategy: 'safe-read', hazards: ['locks-held'] });
    expect(choice([best, met], [cost('best', 100), cost('safe-read', 900)])).toEqual([
      `Of these, best comes first by ${both} best met no hazard, every other one in 1 cell or more.`,
    ]);
  });

  test('where hazards say nothing, the one that costs least', () => {
    expect(choice([best, safeRead], [cost('best', 812), cost('safe-read', 640.4)])).toEqual([
      `Of these, best comes first by ${both} none met a hazard; best made 812 commits a second, the next, safe-read, 640 (4 gateways, SQLite 3.50.4).`,
    ]);
    const lone = { engine: '3.51.2', gateways: 9 };
    const costs = [cost('best', 1, lone), cost('best', 300), cost('safe-read', 400), cost('wal', 9000)];
    expect(choice([best, safeRead], costs)[0]).toMatch(/^Of these, safe-read comes first by .* safe-read made 400 /);
  });

  test('nobody, where intervals meet and where cost was not measured', () => {
    const alike = 'their commits a second are alike within their 95 % intervals (4 gateways, SQLite 3.50.4)';
    expect(choice([best, safeRead], [cost('best', 800), cost('safe-read', 781)])).toEqual([
      `None of these comes first by ${both} none met a hazard; ${alike}.`,
    ]);
    const hazards = ['locks-held'];
    expect(
      choice(
        [
          { ...best, hazards },
          { ...safeRead, hazards },
        ],
        [cost('best', 800)],
      ),
    ).toEqual([
      `None of these comes first by ${both} each met hazards in 1 cell; what they cost was not measured side by side.`,
    ]);
  });

  test('bounds rank nobody, and of one there is nothing to choose', () => {
    expect(choice([passing({ strategy: 'best', runs: 5000, reached: 5000 }), safeRead])[0]).toMatch(/^None of these/);
    expect(choice([best, failing()])).toEqual([]);
  });
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

test('strategies that were run on other engines there are not told together', () => {
  const cells = ['wal', 'leader'].flatMap((strategy) => [
    failing({ strategy }),
    failing({ strategy, engine: '3.51.2' }),
  ]);
  const results = documentOf([...cells, passing({ strategy: 'leader', engine: '3.54.1' })]);
  expect(told(results, 'failed')).toEqual([
    'wal failed in wal-unlink-wedge (3.50.4 and 3.51.2).',
    'leader failed in wal-unlink-wedge (3.50.4 and 3.51.2).',
  ]);
  expect(told(documentOf(cells), 'failed')).toEqual([
    'wal and leader failed in wal-unlink-wedge (on both SQLite versions).',
  ]);
});

test('what is inconclusive, reason by reason', () => {
  const replayed = { runs: 0, replayed: 3, replayable: 3, reachedByReplay: 3 };
  const results = documentOf([
    unsure(),
    unsure({ ...race, runs: 0 }),
    unsure({ ...race, strategy: 'leader', runs: 0 }),
    unsure({ strategy: 'leader', ...replayed }),
    unsure({ strategy: 'best', ...replayed, runs: 10 }),
    passing({ ...race, strategy: 'best' }),
  ]);
  expect(told(results, 'inconclusive')).toEqual([
    'wal is inconclusive, since the dangerous window was never reached, in 1 of 2 scenarios: wal-unlink-wedge.',
    'wal and leader are inconclusive, since nothing was run, in 1 of 2 scenarios: checkpoint-race.',
    'leader is inconclusive, since no random run was made, in 1 of 2 scenarios: wal-unlink-wedge.',
    'best is inconclusive, since only replays of shipped plans reached the dangerous window, in 1 of 2 scenarios: wal-unlink-wedge.',
  ]);
});

test('what changed since a baseline: only a pass is no longer failing', () => {
  const before = documentOf(['a', 'b', 'c', 'd', 'e'].map((strategy) => failing({ strategy })));
  const now = documentOf([
    passing({ strategy: 'a' }),
    broken({ strategy: 'b' }),
    unsure({ strategy: 'c' }),
    failing({ strategy: 'd' }),
  ]);
  const where = (strategy: string): string => `wal-unlink-wedge under ${strategy} on SQLite 3.50.4`;
  expect(told(compareWithBaseline(now, before), 'baseline')).toEqual([
    `Since 2026-11-30 (commit 43868ed1c0): 1 no longer failing: ${where('a')}; ` +
      `2 failed before, now without an answer: ${where('b')} and ${where('c')}; ` +
      `1 not run this time: ${where('e')}.`,
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

/** Parts merged, each of these scenarios and of one shard or none. */
function partsOf(...parts: readonly (readonly [cells: Results['cells'], shard: readonly [number, number] | null])[]) {
  const documents = parts.map(([cells, place], i) => {
    const shard = place === null ? null : { index: place[0], of: place[1] };
    return { path: `${i}`, results: documentOf(cells, { seed: i, shard }) };
  });
  return mergeResults(documents).results;
}

const second = 'shard 2 of 2 is not in this document';

test('a small document beside a lone shard does not make the whole', () => {
  const shard = [passing(), passing(race)];
  const lone = partsOf([shard, [1, 2]], [[passing({ strategy: 'best' })], null]);
  expect(told(lone, 'coverage')[0]).toContain(second);
  expect(lone.about.shard).toEqual({ index: 1, of: 2 });
  const small = partsOf([shard, [1, 2]], [[passing()], null]);
  expect(told(small, 'coverage')[0]).toContain(second);
  const engine = partsOf(
    [
      [...shard, passing({ engine: '3.51.2' })],
      [1, 2],
    ],
    [shard, null],
  );
  expect(told(engine, 'coverage')[0]).toContain(second);
});

test('one that holds all that the shard compares is the whole', () => {
  const whole = partsOf([[passing()], [1, 2]], [[passing(), passing({ ...race, strategy: 'best' })], null]);
  expect(told(whole, 'coverage')).toEqual([]);
  expect(whole.about.shard).toBeNull();
});

test('shards of different comparisons do not complete each other', () => {
  const mixed = partsOf([[passing()], [1, 2]], [[passing(race)], [2, 2]]);
  expect(told(mixed, 'coverage')).toEqual([
    'This comparison is not complete: shard 2 of 2 is not in this document (of the comparison of wal-unlink-wedge), which has 2 cells.',
    'This comparison is not complete: shard 1 of 2 is not in this document (of the comparison of checkpoint-race), which has 2 cells.',
  ]);
  expect(mixed.about.shard).not.toBeNull();
  const done = partsOf([[passing()], [1, 2]], [[passing({ strategy: 'best' })], [2, 2]], [[passing(race)], [1, 3]]);
  expect(told(done, 'coverage')).toEqual([
    'This comparison is not complete: shards 2 and 3 of 3 are not in this document, which has 3 cells.',
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
    tried: true,
    evidence: 'lost 3 rows',
  } as const;
  const open = { ...claim, engine: '3.1', outcome: 'untested' } as const;
  const claims = [claim, open, { ...open, tried: false }];
  const results = documentOf([passing()], {}, { claims });
  const said = answerOf(results).sentences.filter(({ kind }) => kind === 'claims');
  expect(said.map(({ text }) => text)).toEqual([
    'Of 3 claims: 1 refuted, 1 undecided and 1 untested.',
    'Refuted: “nothing is lost” (reported: #1; wal-unlink-wedge under wal on SQLite 3.50.4): lost 3 rows.',
  ]);
  expect(said[1]?.pieces).toContainEqual(expect.objectContaining({ scenario, strategy, engine }));
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
