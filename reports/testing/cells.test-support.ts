// Cells and documents for tests that need a certain one, and documents drawn by chance that keep to what is promised: the
// same seed gives the same runs. What stays out: whole comparisons that look real (results.test-support.ts).
import fc from 'fast-check';
import { claimOutcomes } from '../../harness/model/judge-claim.ts';
import { missingRuns, upperBound } from '../../harness/model/verdict.ts';
import { ablationOf } from '../ablation.ts';
import type { ResultDocument } from '../merge.ts';
import type { About, ResultCell, ResultClaim, Results } from '../results.ts';
import { oneCell } from './results.test-support.ts';

const bare: ResultCell = {
  scenario: 'wal-unlink-wedge',
  strategy: 'wal',
  engine: '3.50.4',
  verdict: 'pass',
  runs: 100,
  repeats: 0,
  replayed: 0,
  replayable: 0,
  failedRun: null,
  steps: 1000,
  seconds: 2,
  upperBound: upperBound(80),
  upperBoundAllRuns: upperBound(100),
  marks: { 'close-beside-holder': 80 },
  explored: null,
  reached: 80,
  reachedByReplay: 0,
  violations: [],
  hazards: [],
  noticed: { words: null, idle: [] },
  invariants: [],
  how: null,
  shipped: null,
  plan: null,
  full: null,
  hash: null,
  minimal: null,
  explanation: [],
  symptoms: [],
  borrowed: [],
  powerLoss: [],
  cut: false,
  evidence: null,
  error: null,
};

const noBound = { upperBound: null, upperBoundAllRuns: null };

/** A cell that passed in 100 runs, but for what is given; its bounds are those of its runs. */
export function passing(given: Partial<ResultCell> = {}): ResultCell {
  const { runs, repeats, reached } = { ...bare, ...given };
  return { ...bare, upperBound: upperBound(reached), upperBoundAllRuns: upperBound(runs - repeats), ...given };
}

export function unsure(given: Partial<ResultCell> = {}): ResultCell {
  return passing({ verdict: 'inconclusive', ...noBound, marks: {}, reached: 0, ...given });
}

export function broken(given: Partial<ResultCell> = {}): ResultCell {
  const error = { code: 'LANE_SILENT', message: 'gateway-1 did not come back within 10 s.' };
  return passing({ verdict: 'error', ...noBound, runs: 3, reached: 2, error, ...given });
}

/** A cell that failed in its `runs`th run, or under a shipped plan. */
export function failing(given: Partial<ResultCell> = {}): ResultCell {
  return passing({
    verdict: 'fail',
    runs: 12,
    reached: 5,
    marks: { 'close-beside-holder': 5 },
    ...noBound,
    how: 'search',
    violations: [{ invariant: 'no-wedge', message: 'gateway-1 fails for 3 ticks in a row', step: 92 }],
    hazards: ['locks-held'],
    failedRun: given.how === 'shipped' ? null : (given.runs ?? 12),
    plan: 'plans/wal-unlink-wedge-wal-3.50.4.json',
    evidence: 'evidence/wal-unlink-wedge-wal-3.50.4.json',
    hash: '06516abb',
    minimal: {
      locallyMinimal: true,
      size: { preemptions: 2, faults: 0, operations: 3, bytes: 80 },
      from: { preemptions: 40, faults: 2, operations: 20, bytes: 900 },
    },
    explanation: [{ step: 31, kind: 'lock-lost', sentence: 'The kernel dropped its locks.', lanes: ['gateway-1'] }],
    ...given,
  });
}

/** A failing cell of which one invariant was violated by another run than the one that is shown. */
export function failingBesides(): ResultCell {
  const one = { runs: 80, reached: 62, upperBound: null };
  return failing({
    runs: 80,
    failedRun: 7,
    invariants: [
      { ...one, name: 'no-wedge', verdict: 'fail', run: 7, shipped: null, plan: null },
      { ...one, name: 'bounded-reaction', verdict: 'fail', run: 9, shipped: 'a.json', plan: 'plans/x.json' },
      { ...one, name: 'integrity', verdict: 'pass', run: null, shipped: null, plan: null, upperBound: upperBound(62) },
    ],
  });
}

/** A document of these cells and no others: `about` lists what they have. */
export function documentOf(
  cells: readonly ResultCell[],
  about: Partial<About> = {},
  more: Partial<Results> = {},
): Results {
  const base = oneCell();
  const names = (of: (cell: ResultCell) => string): string[] => [...new Set(cells.map(of))];
  const listed: Partial<About> = {
    scenarios: names(({ scenario }) => scenario).map((name) => {
      return { name, says: '', source: '', window: 'close-beside-holder', engine: '3.50.4' };
    }),
    strategies: names(({ strategy }) => strategy).map((name) => ({ name, says: '' })),
    engines: names(({ engine }) => engine),
  };
  const merged = { ...base.about, ...listed, ...about };
  return { format: base.format, about: merged, cells: [...cells], claims: [], costs: [], ...more };
}

/** A strategy taken apart: a part that is needed, one without which nothing failed, and a value that is better, with all their costs. */
export function ablated(): Results {
  const race = { scenario: 'checkpoint-race' };
  const change = { axis: 'guard', from: 'refuse', to: 'none', says: 'nothing hinders a second gateway of a profile' };
  const variant = (strategy: string, kind: 'removal' | 'addition', part: string) => {
    return { strategy, kind, part, changes: [change] };
  };
  const variants = [
    variant('best+guard=none', 'removal', 'guard'),
    variant('best+probe=every-connect', 'removal', 'safe-read'),
    variant('best+lock=flock-session', 'addition', 'lock=flock-session'),
  ];
  const [without, harmless, better] = variants.map(({ strategy }) => strategy);
  const cells = [
    passing({ strategy: 'best' }),
    passing({ strategy: 'best', ...race }),
    failing({ strategy: without ?? '' }),
    failing({ strategy: without ?? '', ...race }),
    ...[harmless, better].flatMap((strategy = '') => [passing({ strategy }), passing({ strategy, ...race })]),
  ];
  const strategies = ['best', ...variants.map(({ strategy }) => strategy)].map((name) => {
    return { name, says: '', changes: [change] };
  });
  const [cost] = oneCell().costs;
  const costs = ['wal', ...strategies.map(({ name }) => name)].flatMap((strategy) =>
    cost === undefined ? [] : [{ ...cost, strategy }],
  );
  const results = documentOf(cells, { strategies }, { costs });
  const skipped = [
    { ...variant('best+dispatch=proxy', 'addition', 'dispatch=proxy'), because: 'It contradicts itself.' },
  ];
  return { ...results, ablation: ablationOf({ strategy: 'best', variants, skipped }, results) };
}

/** What a cell and a seed come to, however many of its runs are made. */
interface Truth {
  /** The run that fails, from 1 on; 0 when none does. */
  readonly fails: number;
  /** The first run that reaches the window; 0 when none does. */
  readonly reaches: number;
}

function cellAfter(
  name: Pick<ResultCell, 'scenario' | 'strategy'>,
  { fails, reaches }: Truth,
  runs: number,
  error: boolean,
): ResultCell {
  const failed = fails > 0 && fails <= runs;
  const made = failed ? fails : runs;
  const reached = reaches > 0 ? Math.max(0, made - reaches + 1) : 0;
  const counts = { ...name, runs: made, steps: made * 10, reached, marks: { 'close-beside-holder': reached } };
  if (error) return broken(counts);
  if (failed) return failing(counts);
  return missingRuns(reached) === 0 ? passing(counts) : unsure(counts);
}

const truth = fc.record({ fails: fc.integer({ min: 0, max: 120 }), reaches: fc.integer({ min: 0, max: 60 }) });
const scenarios = ['checkpoint-race', 'wal-unlink-wedge'];
const strategies = ['wal', 'best', 'leader'];

/** Documents of several machines, shards among them, that agree about what a seed's runs come to. */
export const agreeingDocuments: fc.Arbitrary<readonly ResultDocument[]> = fc
  .array(truth, { minLength: 18, maxLength: 18 })
  .chain((truths) => {
    const cell = fc.record({
      made: fc.boolean(),
      runs: fc.integer({ min: 1, max: 160 }),
      error: fc.constantFrom(false, false, true),
    });
    const document = fc.record({
      seed: fc.integer({ min: 1, max: 3 }),
      cells: fc.array(cell, { minLength: 6, maxLength: 6 }),
      hour: fc.integer({ min: 10, max: 12 }),
      shard: fc.option(fc.integer({ min: 1, max: 2 })),
      outcome: fc.constantFrom(...claimOutcomes),
      costs: fc.boolean(),
    });
    const make = (drawn: typeof document extends fc.Arbitrary<infer T> ? T : never, place: number): ResultDocument => {
      const cells = drawn.cells.flatMap(({ made, runs, error }, i) => {
        const name = { scenario: scenarios[i % 2] ?? '', strategy: strategies[i % 3] ?? '' };
        const known = truths[i * 3 + drawn.seed - 1];
        return made && known !== undefined ? [cellAfter(name, known, runs, error)] : [];
      });
      const claim: ResultClaim = {
        scenario: 'checkpoint-race',
        claim: 'nothing is lost',
        source: 'reported: #1',
        strategy: 'wal',
        engine: '3.50.4',
        expects: 'none',
        outcome: drawn.outcome,
        tried: drawn.outcome !== 'untested',
        evidence: `seen by ${place}`,
      };
      const shard = drawn.shard === null ? null : { index: drawn.shard, of: 2 };
      const about = { seed: drawn.seed, at: `2026-11-30T${drawn.hour}:00:00.000Z`, shard };
      const costs = drawn.costs ? oneCell().costs : [];
      return { path: `machine-${place}/results.json`, results: documentOf(cells, about, { claims: [claim], costs }) };
    };
    return fc.array(document, { minLength: 1, maxLength: 5 }).map((drawn) => drawn.map(make));
  });
