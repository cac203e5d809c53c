// What visits found, as cells; and what cells say of claims.
import { describe, expect, it } from 'vitest';
import type { Claim, Scenario } from '../../harness/explore/scenario.ts';
import { findScenario } from '../find-scenario.ts';
import type { ResultCell } from '../../reports/results.ts';
import { type CellFinding, nothing } from './campaign.ts';
import { judgeClaims, resultCell } from './result-cells.ts';

const cell = { scenario: 'wal-unlink-wedge', strategy: 'wal', engine: '3.50.4' };

function finding(report: Partial<CellFinding['report']>, error: CellFinding['error'] = null): CellFinding {
  return { cell, report: { ...nothing, ...report }, error };
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

describe('the verdict of a cell', () => {
  it('is a pass with a bound when random runs reached the window', () => {
    const { verdict, upperBound } = resultCell(finding({ runs: 60, reached: 7 }), null);
    expect({ verdict, upperBound }).toEqual({ verdict: 'pass', upperBound: 1 - 0.05 ** (1 / 60) });
  });

  it('is inconclusive when only replays reached it: they were not drawn by chance', () => {
    expect(resultCell(finding({ runs: 60, replayed: 3, reachedByReplay: 2 }), null)).toMatchObject({
      verdict: 'inconclusive',
      upperBound: null,
    });
  });

  it('is inconclusive when nothing reached it, however many runs there were', () => {
    expect(resultCell(finding({ runs: 6000, replayed: 3 }), null)).toMatchObject({
      verdict: 'inconclusive',
      upperBound: null,
    });
  });

  it('is an error when the harness failed, whatever was seen before', () => {
    const error = { kind: 'harness', code: 'LANE_LOST', message: 'It is gone.', remedy: 'Try again.' } as const;
    expect(resultCell(finding({ runs: 60, reached: 7 }, error), null)).toMatchObject({
      verdict: 'error',
      upperBound: null,
      error: { code: 'LANE_LOST', message: 'It is gone. Try again.' },
    });
  });
});

describe('a claim', () => {
  const passing = resultCell(finding({ runs: 60, reached: 7, hazards: ['locks-held'] }), null);
  const failing = {
    ...resultCell(finding({ runs: 3, reached: 1 }), null),
    verdict: 'fail' as const,
    violations: [{ invariant: 'no-wedge', message: 'all failed', step: null }],
  };
  const outcome = (claim: Partial<Claim>, cells: readonly ResultCell[] = [failing], short = false) =>
    judgeClaims([claiming(claim)], cells, short)[0]?.outcome;

  it('is confirmed or refuted by a failure of the kind that it is about', () => {
    expect(outcome({})).toBe('confirmed');
    expect(outcome({ expects: 'none' })).toBe('refuted');
    expect(outcome({ invariants: ['no-wedge'] })).toBe('confirmed');
  });

  it('is untested by a failure of another kind, by another cell, and by an error', () => {
    expect(outcome({ invariants: ['integrity'] })).toBe('untested');
    expect(outcome({ engine: '3.54.1' })).toBe('untested');
    expect(outcome({}, [{ ...failing, verdict: 'error' }])).toBe('untested');
  });

  it('that something happens is not refuted by short runs, nor for another name of the same strategy missed', () => {
    expect(outcome({ invariants: ['integrity'] }, [passing])).toBe('refuted');
    expect(outcome({ invariants: ['integrity'] }, [passing], true)).toBe('untested');
    const [named, asked] = ['delete+safe-read', 'safe-read+delete'];
    expect(outcome({ strategy: named }, [{ ...failing, strategy: asked }])).toBe('confirmed');
  });

  it('about a hazard is judged by the hazards that were seen', () => {
    expect(outcome({ invariants: ['locks-held'] }, [passing])).toBe('confirmed');
  });

  it('that nothing happens is confirmed by runs that reached the window, and only by those', () => {
    expect(outcome({ expects: 'none', invariants: ['integrity'] }, [passing])).toBe('confirmed');
    expect(outcome({ expects: 'none', invariants: ['integrity'] }, [passing], true)).toBe('confirmed');
    const blind = resultCell(finding({ runs: 60 }), null);
    expect(outcome({ expects: 'none', invariants: ['integrity'] }, [blind])).toBe('untested');
  });
});
