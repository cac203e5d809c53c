// What several machines or shards found, as one document that says no more than they saw.
import { fc, test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { upperBound } from '../harness/model/verdict.ts';
import { mergeResults, type ResultDocument } from './merge.ts';
import { type ResultCell, type ResultClaim, resultsSchema } from './results.ts';
import { agreeingDocuments, broken, documentOf, failing, passing, unsure } from './testing/cells.test-support.ts';
import { oneCell, sixtyCells } from './testing/results.test-support.ts';
import { howFound, keyOf } from './words.ts';

type Found = readonly [cell: ResultCell, seed: number];

/** Documents of one cell each, with these seeds. */
function machines(...cells: readonly Found[]): readonly ResultDocument[] {
  return cells.map(([cell, seed], i) => ({ path: `${'abc'[i]}.json`, results: documentOf([cell], { seed }) }));
}

function mergedCell(...cells: readonly Found[]): ResultCell {
  const { results } = mergeResults(machines(...cells));
  expect(results.cells).toHaveLength(1);
  return results.cells[0]!;
}

function refusal(documents: readonly ResultDocument[]): { code: string; message: string } {
  try {
    mergeResults(documents);
  } catch (error) {
    return error as { code: string; message: string };
  }
  throw new Error('was not refused');
}

test('one document is itself, and twice the same document is once', () => {
  const results = sixtyCells();
  expect(mergeResults([{ path: 'a', results }]).results).toEqual(results);
  expect(
    mergeResults([
      { path: 'a', results },
      { path: 'b', results: structuredClone(results) },
    ]).results,
  ).toEqual(results);
});

test('shards become the whole', () => {
  const whole = sixtyCells();
  const shards = [1, 2, 3].map((index) => ({
    path: `${index}.json`,
    results: {
      ...whole,
      about: { ...whole.about, shard: { index, of: 3 } },
      cells: whole.cells.filter((_, i) => i % 3 === index - 1),
      claims: [],
      baseline: undefined,
    },
  }));
  const { results, origins } = mergeResults(shards);
  expect(results.about.shard).toBeNull();
  expect(results.merged).toHaveLength(3);
  expect(results.cells.map(keyOf).toSorted()).toEqual(whole.cells.map(keyOf).toSorted());
  results.cells.forEach((cell, i) => {
    expect(cell).toEqual(whole.cells.find((one) => keyOf(one) === keyOf(cell)));
    expect(shards.find(({ path }) => path === origins[i])?.results.cells).toContainEqual(cell);
  });
  const two = mergeResults(shards.slice(0, 2)).results;
  expect(two.about.shard).not.toBeNull();
});

test('runs of other seeds add up, and the bound is that of the sum', () => {
  const cell = mergedCell([unsure({ runs: 100, reached: 40 }), 1], [unsure({ runs: 50, reached: 20 }), 2]);
  const bounds = { upperBound: upperBound(60), upperBoundAllRuns: upperBound(150) };
  expect(cell).toMatchObject({ verdict: 'pass', runs: 150, reached: 60, steps: 2000, ...bounds });
  const few = mergedCell([unsure({ runs: 100, reached: 40 }), 1], [unsure({ runs: 50, reached: 18 }), 2]);
  expect(few).toMatchObject({ verdict: 'inconclusive', reached: 58, upperBound: null });
});

test('runs that repeat themselves do not add up: another seed may have made the same ones', () => {
  const few = unsure({ runs: 100, repeats: 60, reached: 40 });
  const cell = mergedCell([few, 1], [few, 2], [unsure({ runs: 30, reached: 30 }), 3]);
  expect(cell).toMatchObject({ verdict: 'inconclusive', runs: 230, repeats: 190, reached: 40, upperBound: null });
});

test('each invariant is judged by all runs together, and fails where it failed anywhere', () => {
  const one = { verdict: 'inconclusive', run: null, shipped: null, runs: 100, upperBound: null, plan: null } as const;
  const [wedge, lost] = [
    { ...one, name: 'no-wedge', reached: 40 },
    { ...one, name: 'acknowledged-commits', reached: 40 },
  ];
  const fails = { ...lost, verdict: 'fail', run: 12 } as const;
  const a = unsure({ reached: 40, invariants: [wedge, lost] });
  const cell = mergedCell([a, 1], [failing({ reached: 30, invariants: [wedge, fails] }), 2]);
  expect(cell.verdict).toBe('fail');
  expect(cell.invariants).toEqual([
    fails,
    { ...wedge, verdict: 'pass', runs: 112, reached: 70, upperBound: upperBound(70) },
  ]);
});

test('found by search in one document and by a shipped plan in another, an invariant keeps both', () => {
  const one = { name: 'no-wedge', verdict: 'fail', runs: 100, reached: 40, upperBound: null, plan: null } as const;
  const found = failing({ invariants: [{ ...one, run: 12, shipped: null }] });
  const remembered = failing({ invariants: [{ ...one, run: null, shipped: 'minimal/x.json' }] });
  for (const [a, b] of [[found, remembered] as const, [remembered, found] as const])
    expect(mergedCell([a, 1], [b, 2]).invariants).toMatchObject([{ run: 12, shipped: 'minimal/x.json' }]);
});

test('runs of the same seed are counted once', () => {
  const cell = mergedCell([passing({ runs: 100, seconds: 7 }), 1], [unsure({ runs: 50, reached: 10, steps: 500 }), 1]);
  expect(cell).toMatchObject({ runs: 100, reached: 80, steps: 1000, upperBound: upperBound(80) });
});

test('a merged document and one of its parts have runs in common: those do not count twice', () => {
  const [a, b] = machines([passing({ runs: 100 }), 1], [unsure({ runs: 60, reached: 3 }), 2]);
  const merged = { path: 'merged.json', results: mergeResults([a!, b!]).results };
  expect(mergeResults([merged, b!]).results.cells[0]?.runs).toBe(160);
});

test('one failing run settles a cell, and brings its plan and where it lies', () => {
  const documents = machines([passing(), 1], [failing(), 2], [broken(), 3]);
  const { results, origins } = mergeResults(documents);
  expect(results.cells[0]).toMatchObject({ verdict: 'fail', upperBound: null, runs: 115, plan: failing().plan });
  expect(origins).toEqual(['b.json']);
});

test('of two failures the one with the smaller plan is told', () => {
  const { minimal } = failing();
  const large = failing({ hash: 'large', minimal: { ...minimal!, size: { ...minimal!.size, preemptions: 9 } } });
  expect(mergedCell([large, 1], [failing({ hash: 'small' }), 2]).hash).toBe('small');
});

test('a cell in which the harness failed anywhere is no pass', () => {
  expect(mergedCell([passing(), 1], [broken(), 2])).toMatchObject({ verdict: 'error', upperBound: null });
  expect(mergedCell([passing(), 1], [broken(), 1])).toMatchObject({ verdict: 'error', upperBound: null });
});

test('a pass beside an inconclusive cell is a pass of all their runs', () => {
  const cell = mergedCell([unsure({ runs: 20 }), 1], [passing({ runs: 100 }), 2]);
  const bounds = { upperBound: upperBound(80), upperBoundAllRuns: upperBound(120) };
  expect(cell).toMatchObject({ verdict: 'pass', runs: 120, reached: 80, ...bounds });
});

test('a window that only replays reached stays inconclusive', () => {
  const replayed = unsure({ reachedByReplay: 1, replayed: 1, replayable: 1 });
  expect(mergedCell([replayed, 1], [replayed, 2])).toMatchObject({
    verdict: 'inconclusive',
    runs: 200,
    upperBound: null,
  });
});

test('replays are the same under every seed, and counted once', () => {
  const marks = { 'close-beside-holder': 42, other: 2 };
  const a = passing({ marks, replayed: 3, replayable: 21, reachedByReplay: 2 });
  const b = passing({ marks: { 'close-beside-holder': 45 }, replayed: 7, replayable: 21, reachedByReplay: 5 });
  expect(mergedCell([a, 1], [b, 2])).toMatchObject({
    runs: 200,
    reached: 160,
    replayed: 7,
    replayable: 21,
    reachedByReplay: 5,
    // 39 and 38 that replays cannot account for, and the 7 that they may
    marks: { 'close-beside-holder': 84, other: 2 },
  });
  expect(mergedCell([passing({ replayable: 4 }), 1], [passing({ replayable: 0 }), 2]).replayable).toBe(4);
});

test('which run failed is that of the document that tells the failure', () => {
  const cell = mergedCell([passing({ runs: 100 }), 1], [failing({ runs: 5 }), 2]);
  expect(cell).toMatchObject({ runs: 105, failedRun: 5 });
  expect(howFound(cell)).toMatch(/^Found by search, in random run 5;/);
});

test('the same seed that fails here and passes there is refused, with both files named', () => {
  const { code, message } = refusal(machines([passing({ runs: 50 }), 1], [failing({ runs: 12 }), 1]));
  expect(code).toBe('MERGE_CONTRADICTION');
  expect(message).toContain('in b.json run 12 fails, in a.json the first 50 runs of the same seed do not');
});

test('it is no contradiction when the other did not get so far, or the failure is a shipped plan', () => {
  expect(mergedCell([passing({ runs: 11 }), 1], [failing({ runs: 12 }), 1])).toMatchObject({
    verdict: 'fail',
    runs: 12,
  });
  expect(mergedCell([passing(), 1], [failing({ how: 'shipped', runs: 0 }), 1])).toMatchObject({
    verdict: 'fail',
    runs: 100,
  });
});

test('two failures of one seed at different runs contradict each other', () => {
  expect(refusal(machines([failing({ runs: 12 }), 1], [failing({ runs: 30 }), 1])).code).toBe('MERGE_CONTRADICTION');
});

test.each([
  ['version', { version: '0.2.0' }, 'Lockstep version 0.1.0', '0.2.0'],
  ['code', { code: 'ffffffffffffffff' }, 'code digest 5d0a1f1c3b7e', 'ffffffffffff'],
  ['chooser', { chooser: 'pct' }, 'chooser preemptions', 'pct'],
  ['length of runs', { short: true }, '--short false', 'true'],
] as const)('another %s is refused by name', (_, other, mine, theirs) => {
  const [first, second] = [documentOf([passing()]), documentOf([passing()], other)];
  const { code, message } = refusal([
    { path: 'a.json', results: first },
    { path: 'b.json', results: second },
  ]);
  expect(code).toBe('MERGE_DIFFERS');
  expect(message).toBe(`These results do not belong together: a.json has ${mine}, b.json has ${theirs}.`);
});

test('no document at all is refused', () => {
  expect(refusal([]).code).toBe('MERGE_NOTHING');
});

test.each([
  ['none', ['confirmed', 'refuted', 'untested'], 'refuted'],
  ['none', ['confirmed', 'untested'], 'confirmed'],
  ['violation', ['refuted', 'confirmed', 'untested'], 'confirmed'],
  ['violation', ['untested', 'refuted'], 'refuted'],
  ['none', ['untested', 'untested'], 'untested'],
] as const)('what some run did settles a claim: %s, %j', (expects, outcomes, outcome) => {
  const claim = (one: ResultClaim['outcome'], i: number): ResultClaim => {
    const { scenario, strategy, engine } = passing();
    return {
      scenario,
      strategy,
      engine,
      claim: 'c',
      source: 's',
      expects,
      outcome: one,
      tried: true,
      evidence: `by ${i}`,
    };
  };
  const documents = outcomes.map((one, i) => {
    return { path: `${i}`, results: documentOf([], { seed: i }, { claims: [claim(one, i)] }) };
  });
  const { claims } = mergeResults(documents).results;
  expect(claims).toHaveLength(1);
  expect(claims[0]?.outcome).toBe(outcome);
  for (const [i, one] of outcomes.entries()) expect(claims[0]?.evidence.includes(`by ${i}`)).toBe(one === outcome);
});

test.each([
  ['none', 'confirmed', failing(), 'untested'],
  ['none', 'confirmed', broken(), 'untested'],
  ['none', 'confirmed', unsure(), 'confirmed'],
  ['none', 'refuted', failing(), 'refuted'],
  ['violation', 'refuted', failing(), 'untested'],
  ['violation', 'confirmed', failing(), 'confirmed'],
] as const)('absence is said of a merged pass only: %s, %s', (expects, outcome, other, becomes) => {
  const { scenario, strategy, engine } = passing();
  const place = { scenario, strategy, engine };
  const claim = { ...place, claim: 'c', source: 's', expects, outcome, tried: true, evidence: 'by a' } as const;
  const a = { path: 'a', results: documentOf([passing()], { seed: 1 }, { claims: [claim] }) };
  const b = { path: 'b', results: documentOf([other], { seed: 2 }) };
  const { claims } = mergeResults([a, b]).results;
  expect(claims.map((one) => one.outcome)).toEqual([becomes]);
  expect(claims[0]?.evidence).toBe(
    becomes === 'untested' ? `wal on 3.50.4: the verdict of all documents together is ${other.verdict}` : 'by a',
  );
});

test.each([
  ['the runs of all documents together make a pass', {}, 'refuted'],
  ['but not where a hazard was met, which it may be about', { hazards: ['locks-held'] }, 'untested'],
] as const)('what no document can answer alone: %s', (_what, more, outcome) => {
  const { scenario, strategy, engine } = passing();
  const open = { outcome: 'untested', tried: true, evidence: '30 of 59' } as const;
  const claim = { scenario, strategy, engine, claim: 'c', source: 's', expects: 'violation', ...open } as const;
  const half = {
    verdict: 'inconclusive',
    runs: 40,
    repeats: 0,
    reached: 30,
    upperBound: null,
    upperBoundAllRuns: null,
  } as const;
  const [a, b] = [1, 2].map((seed) => ({
    path: `${seed}`,
    results: documentOf(
      [passing({ ...half, ...more, hazards: [...(('hazards' in more && more.hazards) || [])] })],
      { seed },
      { claims: [claim] },
    ),
  }));
  const { claims, cells } = mergeResults([a!, b!]).results;
  expect(cells[0]?.verdict).toBe('pass');
  expect(claims[0]?.outcome).toBe(outcome);
  if (outcome === 'refuted') expect(claims[0]?.evidence).toMatch(/80 random runs, 60 of them in the window/);
});

test('a claim about a combination is borne out by its cell, whichever way round that is named', () => {
  const named = (strategy: string) => documentOf([failing({ strategy })], { seed: strategy.length });
  const { scenario, engine } = failing();
  const claim = { scenario, engine, strategy: 'safe-read+delete', claim: 'c', source: 's', expects: 'none' } as const;
  const clean = documentOf(
    [passing({ strategy: 'delete+safe-read' })],
    { seed: 1 },
    { claims: [{ ...claim, outcome: 'confirmed', tried: true, evidence: 'e' }] },
  );
  const documents = [
    { path: 'a', results: clean },
    { path: 'b', results: named('delete+safe-read') },
  ];
  expect(mergeResults(documents).results.claims).toMatchObject([{ outcome: 'untested', tried: true }]);
});

test('a claim about a cell that only one document has stays as it is', () => {
  const { scenario, strategy, engine } = failing();
  const said = { scenario, strategy, engine, claim: 'c', source: 's', evidence: 'e' };
  const claim = { ...said, expects: 'none', outcome: 'confirmed', tried: true } as const;
  const a = { path: 'a', results: documentOf([failing()], { seed: 1 }, { claims: [claim] }) };
  const b = { path: 'b', results: documentOf([passing({ strategy: 'best' })], { seed: 2 }) };
  expect(mergeResults([a, b]).results.claims).toEqual([claim]);
});

test('costs are those of one machine, and about is that machine', () => {
  const slow = documentOf([passing()], { seed: 1, at: '2026-01-01T00:00:00.000Z', processors: 'slow' });
  const fast = documentOf([passing()], { seed: 2, processors: 'fast' }, { costs: oneCell().costs });
  const { results } = mergeResults([
    { path: 'slow', results: slow },
    { path: 'fast', results: fast },
  ]);
  expect(results.costs).toEqual(fast.costs);
  expect(results.about.processors).toBe('fast');
  expect(results.merged?.map(({ processors }) => processors)).toEqual(['fast', 'slow']);
});

test('lists keep their order though each document has only a part', () => {
  const of = (...names: readonly string[]) => documentOf(names.map((strategy) => passing({ strategy })));
  const documents = [of('wal', 'leader'), of('wal', 'delete', 'leader'), of('leader', 'best')];
  const { about, cells } = mergeResults(documents.map((results, i) => ({ path: `${i}`, results }))).results;
  expect(about.strategies.map(({ name }) => name)).toEqual(['wal', 'delete', 'leader', 'best']);
  expect(cells.map(({ strategy }) => strategy)).toEqual(['wal', 'delete', 'leader', 'best']);
});

property.prop([agreeingDocuments, fc.infiniteStream(fc.nat())])(
  'the order of documents makes no difference',
  (documents, random) => {
    const shuffled = documents
      .map((document) => ({ document, key: random.next().value }))
      .toSorted((a, b) => a.key - b.key);
    expect(mergeResults(shuffled.map(({ document }) => document))).toEqual(mergeResults(documents));
  },
);

property.prop([agreeingDocuments])('it is a valid document that says no more than was seen', (documents) => {
  const { results, origins } = mergeResults(documents);
  expect(resultsSchema.safeParse(results).error).toBeUndefined();
  expect(origins).toHaveLength(results.cells.length);
  const all = documents.flatMap(({ results: { about, cells } }) => cells.map((cell) => ({ cell, seed: about.seed })));
  expect(results.cells.map(keyOf).toSorted()).toEqual([...new Set(all.map(({ cell }) => keyOf(cell)))].toSorted());
  for (const cell of results.cells) {
    const same = all.filter((one) => keyOf(one.cell) === keyOf(cell));
    const bySeed = [...Map.groupBy(same, ({ seed }) => seed).values()];
    const distinct = bySeed.reduce((sum, some) => sum + Math.max(...some.map((one) => one.cell.runs)), 0);
    expect(cell.runs).toBe(distinct);
    expect(cell.reached).toBeLessThanOrEqual(cell.runs);
    const has = (verdict: ResultCell['verdict']) => same.some((one) => one.cell.verdict === verdict);
    expect(cell.verdict === 'fail').toBe(has('fail'));
    if (cell.verdict === 'pass') expect(has('error') || has('fail')).toBe(false);
    expect(cell.upperBound !== null).toBe(cell.verdict === 'pass');
    if (cell.upperBound === null) continue;
    expect(cell.upperBound).toBe(upperBound(cell.reached));
    expect(cell.upperBound).toBeLessThanOrEqual(results.about.bound);
    expect(cell.upperBoundAllRuns).toBe(upperBound(distinct));
  }
});
