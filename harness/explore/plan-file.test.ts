// Plans on disk: every way in which a file can be wrong is a sentence with exit code 2, and what is written is read back.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fc, test as property } from '@fast-check/vitest';
import { withDir } from 'tmp-promise';
import { describe, expect, test } from 'vitest';
import { LockstepError } from '../errors.ts';
import { planOf } from '../testing/lab.test-support.ts';
import { checkWritable, parsePlan, planText, readPlan, writeWhole } from './plan-file.ts';

function refusal(text: string): LockstepError {
  try {
    parsePlan(text, 'x.json');
  } catch (error) {
    if (error instanceof LockstepError) return error;
    throw error;
  }
  throw new Error('it was read');
}

const whole = planText(
  planOf({ faults: [{ kind: 'pause', at: { step: 3 }, ms: 5 }], preemptions: [{ at: 4, to: 'p/q' }] }),
);
const changed = (more: object) => JSON.stringify({ ...planOf(), ...more });

describe('refused with a sentence', () => {
  test.each([
    ['empty', '', 'PLAN_EMPTY', /is empty/],
    ['blank', ' \n', 'PLAN_EMPTY', /is empty/],
    ['truncated', whole.slice(0, 80), 'PLAN_BROKEN', /is cut off/],
    ['not a plan', '[1]', 'PLAN_FORMAT', /no "format"/],
    ['of another version', changed({ format: 99 }), 'PLAN_FORMAT', /format 99; this Lockstep reads format 1/],
    ['without a scenario', changed({ scenario: undefined }), 'PLAN_INVALID', /scenario/],
    ['with a field too many', changed({ colour: 'red' }), 'PLAN_INVALID', /colour/],
    ['with an unknown fault', changed({ faults: [{ kind: 'flood', at: { step: 1 } }] }), 'PLAN_INVALID', /faults/],
    ['with an impossible address', changed({ faults: [{ kind: 'kill', at: { step: -1 } }] }), 'PLAN_INVALID', /faults/],
    [
      'with a fault at a time and no victim',
      changed({ faults: [{ kind: 'kill', at: { timeMs: 5 } }] }),
      'PLAN_INVALID',
      /victim/,
    ],
    [
      'with an operation that is never waited at',
      changed({ faults: [{ kind: 'pause', at: { lane: 'p', op: 'randomness', nth: 1 }, ms: 1 }] }),
      'PLAN_INVALID',
      /faults/,
    ],
    ['with a torn read', changed({ faults: [{ kind: 'kill', at: { step: 1 }, bytes: 5 }] }), 'PLAN_INVALID', /faults/],
    ['with a seed that is no number', changed({ seed: 'x' }), 'PLAN_INVALID', /seed/],
  ])('%s', (_what, text, code, message) => {
    const error = refusal(text);
    expect({ code: error.code, kind: error.kind }).toEqual({ code, kind: 'usage' });
    expect(error.message).toContain('x.json');
    expect(error.message).toMatch(message);
    expect(error.remedy.length).toBeGreaterThan(10);
  });

  test('a file that is not there', () => {
    expect(() => readPlan('/nowhere/plan.json')).toThrow(/\/nowhere\/plan\.json cannot be read/);
  });
});

property.prop([fc.nat(whole.length - 3)])('any cut-off plan is refused, never a crash', (length) => {
  expect(refusal(whole.slice(0, length)).kind).toBe('usage');
});

test('what is written is read back', async () => {
  await withDir(
    ({ path }) => {
      const file = join(path, 'deep', 'plan.json');
      writeWhole(file, whole);
      expect(planText(readPlan(file))).toBe(whole);
      expect(readdirSync(join(path, 'deep'))).toEqual(['plan.json']);
      return Promise.resolve();
    },
    { unsafeCleanup: true },
  );
});

test('a file that cannot be written leaves the old one, and a sentence', async () => {
  await withDir(
    ({ path }) => {
      const file = join(path, 'plan.json');
      mkdirSync(file); // a folder of that name
      expect(() => writeWhole(file, whole)).toThrow(/could not be written/);
      expect(readdirSync(path)).toEqual(['plan.json']);
      const blocked = join(path, 'blocked');
      writeFileSync(blocked, 'here');
      expect(() => checkWritable(join(blocked, 'out'))).toThrow(/cannot be written into/);
      expect(readFileSync(blocked, 'utf8')).toBe('here');
      return Promise.resolve();
    },
    { unsafeCleanup: true },
  );
});
