// What visits found, as cells; and what cells say of claims.
import { describe, expect, it } from 'vitest';
import type { Scenario } from '../harness/model/scenario.ts';
import { ExploredTally } from '../harness/model/explored.ts';
import { upperBound } from '../harness/model/verdict.ts';
import { planOf } from '../harness/testing/lab.test-support.ts';
import type { Claim } from '../harness/model/claim.ts';
import { findScenario } from '../scenarios/find.ts';
import type { ResultCell } from '../reports/results.ts';
import { type CellFinding, emptyReport } from './campaign.ts';
import { type FailureFiles, isFailedByMemory, judgeClaims, reportOf, resultCell } from './result-cells.ts';
import type { Failure, Violated } from './visit.ts';

const cell = { scenario: 'wal-unlink-wedge', strategy: 'wal', engine: '3.50.4' };

function finding(report: Partial<CellFinding['report']>, error: CellFinding['error'] = null): CellFinding {
  return { cell, report: { ...emptyReport, ...report }, error };
}

function claiming(claim: Partial<Claim>): Scenario {
  const said: Claim = {
    claim: 'it is so',
    source: { by: 'reported', where: '#1' },
    strategy: 'wal',
    engine: '3.50.4',
    expects: 'violation',
    ...claim,
  };
  return { ...findScenario('wal-unlink-wedge'), claims: [said] };
}

const judging = { harm: ['no-wedge', 'acknowledged-commits'], bound: 0.05 };
const resultOf = (
  report: Partial<CellFinding['report']>,
  error?: CellFinding['error'],
  files: FailureFiles | null = null,
) => resultCell(finding(report, error), files, judging);

const failure = {
  how: 'search',
  plan: planOf(),
  full: null,
  hash: 'h',
  violations: [{ invariant: 'acknowledged-commits', message: '1 row is gone', step: null }],
  minimal: {
    locallyMinimal: true,
    size: { preemptions: 0, faults: 0, operations: 0, bytes: 4 },
    from: { preemptions: 0, faults: 0, operations: 0, bytes: 4 },
  },
  explanation: [],
  symptoms: [],
  timeline: null,
} as const satisfies Failure;
const lost = { invariant: 'acknowledged-commits', run: 3, plan: planOf(), shipped: null };

it('a cell that memory made fail is gone on with as it is shown, and what chance finds is told beside it', () => {
  const byPlan = { invariant: 'acknowledged-commits', run: null, plan: null, shipped: 'a.json' };
  const files = { plan: 'plans/p.json', full: null, evidence: 'evidence/p.json', others: {} };
  const shipped = { ...failure, how: 'shipped' } as const;
  const before = resultOf({ replayed: 2, violated: [byPlan], failure: shipped }, null, files);
  expect(isFailedByMemory(before)).toBe(true);
  const known = reportOf(before);
  expect(known).toMatchObject({ replayed: 2, violated: [byPlan], failure: 'kept' });
  const wedge = { invariant: 'no-wedge', run: 4, plan: planOf(), shipped: null };
  const others = { 'no-wedge': 'plans/p.no-wedge.json' };
  const report = { ...known, runs: 9, reached: 9, violated: [byPlan, wedge] };
  const after = resultCell(finding(report), { others }, judging, before);
  const { plan, evidence, hash, violations, how } = before;
  expect(after).toMatchObject({ verdict: 'fail', runs: 9, failedRun: 4, plan, evidence, hash, violations, how });
  expect(after.invariants.find(({ name }) => name === 'no-wedge')).toMatchObject({
    run: 4,
    plan: 'plans/p.no-wedge.json',
  });
  expect(isFailedByMemory(after)).toBe(false);
});

describe('the verdict of a cell', () => {
  it('is a pass with both bounds when enough random runs reached the window', () => {
    const { verdict, upperBound: bound, upperBoundAllRuns } = resultOf({ runs: 160, repeats: 10, reached: 59 });
    expect({ verdict, bound, upperBoundAllRuns }).toEqual({
      verdict: 'pass',
      bound: upperBound(59),
      upperBoundAllRuns: upperBound(150),
    });
  });

  it.each([
    ['one run in the window', { runs: 1, reached: 1 }],
    ['one run too few', { runs: 6000, reached: 58 }],
    ['replays only, since they were not drawn by chance', { runs: 60, replayed: 300, reachedByReplay: 200 }],
    ['nothing in the window, however many runs there were', { runs: 6000, replayed: 3 }],
  ])('is inconclusive, without a bound: %s', (_, report) => {
    const noBound = { verdict: 'inconclusive', upperBound: null, upperBoundAllRuns: null };
    expect(resultOf(report)).toMatchObject(noBound);
    expect(resultOf(report).invariants.map(({ verdict }) => verdict)).toEqual(['inconclusive', 'inconclusive']);
  });

  it('is an error when the harness failed, whatever was seen before', () => {
    const error = { kind: 'harness', code: 'LANE_LOST', message: 'It is gone.', remedy: 'Try again.' } as const;
    expect(resultOf({ runs: 60, reached: 60 }, error)).toMatchObject({
      verdict: 'error',
      upperBound: null,
      error: { code: 'LANE_LOST', message: 'It is gone. Try again.' },
    });
  });
});

describe('what runs have explored', () => {
  it('is what more of them have, after a comparison was gone on with, too', () => {
    const explored = (runs: number) => {
      const tally = new ExploredTally();
      for (let i = 0; i < runs; i++) tally.add({ meetings: [i], order: String(i), pairs: [] });
      return tally.state;
    };
    const before = resultOf({ explored: explored(20) });
    const after = (runs: number) => resultCell(finding({ explored: explored(runs) }), null, judging, before).explored;
    expect([before.explored?.runs, after(5)?.runs, after(30)?.runs]).toEqual([20, 20, 30]);
  });
});

describe('a cell that fails', () => {
  const files = { plan: 'plans/a.json', full: null, evidence: null, others: { 'no-wedge': 'plans/a.no-wedge.json' } };

  it('has one verdict an invariant: it no longer wedges, but still loses rows', () => {
    const { verdict, invariants } = resultOf({ runs: 90, reached: 62, violated: [lost], failure }, null, files);
    expect(verdict).toBe('fail');
    expect(invariants).toEqual([
      {
        name: 'no-wedge',
        verdict: 'pass',
        run: null,
        shipped: null,
        runs: 90,
        reached: 62,
        upperBound: upperBound(62),
        plan: 'plans/a.no-wedge.json',
      },
      {
        name: 'acknowledged-commits',
        verdict: 'fail',
        run: 3,
        shipped: null,
        runs: 3,
        reached: 62,
        upperBound: null,
        plan: null,
      },
    ]);
    const few = resultOf({ runs: 9, reached: 6, violated: [lost], failure }, null, files);
    expect(few.invariants.map((one) => one.verdict)).toEqual(['inconclusive', 'fail']);
  });

  it('says search and memory apart', () => {
    const shipped = { ...lost, run: null, plan: null, shipped: 'minimal/a.json' };
    const found = (violated: readonly Violated[]) => {
      const { failedRun, shipped: plan } = resultOf({ runs: 59, violated, failure });
      return [failedRun, plan];
    };
    expect(found([lost])).toEqual([3, null]);
    expect(found([shipped])).toEqual([null, 'minimal/a.json']);
    expect(
      found([
        { ...shipped, run: 5 },
        { ...lost, invariant: 'no-wedge' },
      ]),
    ).toEqual([3, 'minimal/a.json']);
  });
});

describe('a claim', () => {
  const passing = resultOf({ runs: 160, reached: 62, hazards: ['locks-held'] });
  const wedged = { invariant: 'no-wedge', run: 3, plan: null, shipped: null };
  const failing = resultOf({ runs: 70, reached: 62, violated: [wedged], failure });
  const whole = { short: false, interrupted: false, bound: 0.05 };
  const outcome = (claim: Partial<Claim>, cells: readonly ResultCell[] = [failing], short = false) =>
    judgeClaims([claiming(claim)], cells, { ...whole, short })[0]?.outcome;

  it('is confirmed or refuted by a failure of the kind that it is about', () => {
    expect(outcome({})).toBe('confirmed');
    expect(outcome({ expects: 'none' })).toBe('refuted');
    expect(outcome({ invariants: ['no-wedge'] })).toBe('confirmed');
  });

  it('is judged by the runs of a cell that failed otherwise, when they are enough; untested by another cell and an error', () => {
    const integrity = { invariants: ['integrity'] };
    expect(outcome({ ...integrity, expects: 'none' })).toBe('confirmed');
    expect(outcome(integrity, [{ ...failing, reached: 58 }])).toBe('untested');
    expect(outcome({ engine: '3.54.1' })).toBe('untested');
    expect(outcome({}, [{ ...failing, verdict: 'error' }])).toBe('untested');
  });

  it('is settled by no silence of short runs, whatever it expects; by another name of the same strategy', () => {
    for (const expects of ['violation', 'none'] as const) {
      const claim = { invariants: ['integrity'], expects };
      expect(outcome(claim, [passing])).toBe(expects === 'none' ? 'confirmed' : 'refuted');
      expect(outcome(claim, [passing], true)).toBe('untested');
      expect(outcome(claim, [{ ...passing, reached: 0 }])).toBe('untested');
    }
    const [named, asked] = ['delete+safe-read', 'safe-read+delete'];
    expect(outcome({ strategy: named }, [{ ...failing, strategy: asked }])).toBe('confirmed');
  });

  it('about a hazard is judged by the hazards that were seen', () => {
    expect(outcome({ invariants: ['locks-held'] }, [passing])).toBe('confirmed');
  });
});
