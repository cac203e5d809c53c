// Faults of a plan that never struck are told, with what they waited for.
import { describe, expect, test } from 'vitest';
import type { Fault } from '../model/fault.ts';
import type { History } from '../model/history.ts';
import { invariant } from '../model/invariant.ts';
import { historyOf } from '../testing/history.test-support.ts';
import { planOf } from '../testing/lab.test-support.ts';
import { explainSteps } from './explain-steps.ts';

describe('faults of the plan that never struck', () => {
  const wrong = invariant('wrong', 'harm', 'nothing is wrong', function* () {
    yield { message: 'it is wrong' };
  });
  const toldOf = (faults: readonly Fault[], strikes: History['strikes'] = []) =>
    explainSteps([], historyOf({ plan: planOf({ faults }), observations: [], strikes }), [wrong])
      .filter(({ kind }) => kind === 'fault')
      .map(({ sentence }) => sentence);
  const kill = { kind: 'kill', at: { lane: 'p', op: 'write', role: 'db', nth: 9 } } as const;

  test('are told, and where they wait', () => {
    expect(toldOf([kill, { kind: 'gc', at: { timeMs: 5000 } }, { kind: 'pause', ms: 5, at: { step: 900 } }])).toEqual([
      'The fault kill never struck: p never stood before its write (db) number 9.',
      'The fault gc never struck: the run was over before 5000 virtual ms.',
      'The fault pause (ms 5) never struck: the run was over before step 900.',
    ]);
    expect(toldOf([kill], [{ fault: 0, kind: 'kill', step: 3, nowMs: 0, liftedMs: 0 }])).toEqual([
      expect.not.stringContaining('never struck'),
    ]);
  });

  test('by number, where they are many', () => {
    const told = toldOf(Array.from({ length: 6 }, (_, i) => ({ ...kill, at: { ...kill.at, nth: 9 + i } })));
    expect(told).toHaveLength(5);
    expect(told.at(-1)).toBe('2 more faults of the plan never struck.');
  });
});
