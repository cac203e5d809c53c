// Plans for properties: the same for the same seed and path, valid whole and shrunk, and smaller with every step.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '../model/values.ts';
import { counter } from './counter-lab.test-support.ts';
import { planSchema, type Plan } from '../model/plan.ts';
import { plans } from './plan-arbitrary.ts';
import { parts } from './shrink/json-edits.ts';

const shape = { lanes: ['writer-1', 'writer-2', 'reader-1'], steps: 400 };
const { engine, parameters } = counter;
const arbitrary = plans(counter, { strategy: 'bare', engine, parameters }, shape);
const drawn = fc.sample(arbitrary, { seed: 5, numRuns: 200 });

function isValid(plan: Plan): boolean {
  return planSchema.safeParse(plan).success && counter.workload.safeParse(plan.workload).success;
}

function smallerOnes(plan: Plan): readonly Plan[] {
  return [...arbitrary.shrink(plan, undefined)].map(({ value }) => value);
}

/** What shrinking may lessen: none of these grows, and one at least falls. */
function measures({
  faults,
  preemptions,
  workload,
  parameters: { sqlite, ioCost, switchPoints },
}: Plan): readonly number[] {
  const all = [...parts(workload), ...parts(faults as unknown as Json)];
  const leaves = all.map(({ value }) => (typeof value === 'number' ? value : value === true ? 1 : 0));
  return [
    faults.length,
    preemptions.length,
    all.length,
    leaves.reduce((sum, leaf) => sum + leaf, 0),
    [sqlite, ioCost, switchPoints].filter((setting) => setting !== undefined).length,
  ];
}

test('the same seed draws the same plans, whatever was drawn before', () => {
  expect(fc.sample(arbitrary, { seed: 5, numRuns: 200 })).toEqual(drawn);
  expect(fc.sample(arbitrary, { seed: 6, numRuns: 200 })).not.toEqual(drawn);
});

describe('what is drawn', () => {
  test('is valid', () => {
    for (const plan of drawn) expect(isValid(plan)).toBe(true);
  });

  test('preempts in order, within the run, to lanes that there are; now and then not at all', () => {
    for (const { preemptions } of drawn) {
      const places = preemptions.map(({ at }) => at);
      expect(places).toEqual([...new Set(places)].toSorted((a, b) => a - b));
      for (const { at, to } of preemptions) {
        expect(at).toBeLessThan(shape.steps);
        expect(shape.lanes).toContain(to);
      }
    }
    const without = drawn.filter(({ preemptions }) => preemptions.length === 0).length;
    expect(without).toBeGreaterThan(5);
    expect(without).toBeLessThan(60);
    expect(Math.max(...drawn.map(({ preemptions }) => preemptions.length))).toBeGreaterThan(20);
  });

  test('has no preemptions where there are no lanes', () => {
    const nobody = plans(counter, { strategy: 'bare', engine, parameters }, { lanes: [], steps: 400 });
    for (const { preemptions } of fc.sample(nobody, { seed: 1, numRuns: 20 })) expect(preemptions).toEqual([]);
  });
});

describe('shrinking', () => {
  test('offers valid plans only, each smaller than the one it is of', () => {
    let offered = 0;
    for (const plan of drawn.slice(0, 60)) {
      const before = measures(plan);
      for (const less of smallerOnes(plan)) {
        offered++;
        expect(isValid(less)).toBe(true);
        expect(less).not.toEqual(plan);
        const after = measures(less);
        expect(after.every((measure, i) => measure <= (before[i] ?? 0))).toBe(true);
        expect(after.some((measure, i) => measure < (before[i] ?? 0))).toBe(true);
        expect({ ...less, faults: 0, preemptions: 0, workload: 0, parameters }).toEqual({
          ...plan,
          faults: 0,
          preemptions: 0,
          workload: 0,
          parameters,
        });
      }
    }
    expect(offered).toBeGreaterThan(1000);
  });

  test('takes away everything that the scenario can do without', () => {
    let least = drawn.find(({ faults, preemptions }) => faults.length > 1 && preemptions.length > 3);
    if (least === undefined) throw new Error('no such plan was drawn');
    const first = least;
    for (let next = smallerOnes(least)[0]; next !== undefined; next = smallerOnes(next)[0]) least = next;
    expect(least).toMatchObject({ faults: [], preemptions: [], parameters, seed: first.seed });
    const { writers, readers } = least.workload as { writers: { rounds: Json[] }[]; readers: Json[] };
    expect({ writers: writers.length, rounds: writers[0]?.rounds.length, readers }).toEqual({
      writers: 1,
      rounds: 1,
      readers: [],
    });
  });

  test('a plan that was not drawn can be shrunk, and nothing else can', () => {
    const [plan] = drawn;
    if (plan === undefined) throw new Error('nothing was drawn');
    expect(arbitrary.canShrinkWithoutContext(structuredClone(plan))).toBe(true);
    for (const other of [null, 7, {}, { ...plan, format: 2 }, { ...plan, workload: { writers: [] } }])
      expect(arbitrary.canShrinkWithoutContext(other)).toBe(false);
  });
});

test('seed and path of a failure give its plan again', () => {
  const property = fc.property(arbitrary, ({ preemptions, faults }) => preemptions.length < 3 || faults.length < 1);
  const found = fc.check(property, { seed: 77, numRuns: 200 });
  const path = found.counterexamplePath;
  expect(found).toMatchObject({
    failed: true,
    counterexample: [{ preemptions: { length: 3 }, faults: { length: 1 } }],
  });
  expect(found.numShrinks).toBeGreaterThan(0);
  if (path === null) throw new Error('no path');
  const again = fc.check(property, { seed: 77, path });
  expect(again).toMatchObject({ failed: true, numRuns: 1, counterexample: found.counterexample });
});
