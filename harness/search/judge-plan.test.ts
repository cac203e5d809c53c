// Judging a plan elsewhere: by replay, at the same places of each lane where steps have shifted, or by searching nearby;
// and what may be said when nothing fails.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Json } from '../model/values.ts';
import type { Anchor } from '../run/choosers/anchored.ts';
import { coordinatorOf } from '../testing/lab.test-support.ts';
import type { Round } from './counter-programs.test-support.ts';
import { type Coordinator } from '../run/coordinator.ts';
import { counter, counterPlan, losing, violatedBy } from './counter-lab.test-support.ts';
import { anchorsOf, judgePlan, type Judgement, type JudgeOptions } from './judge-plan.ts';
import type { Plan } from '../model/plan.ts';
import { upperBound } from '../model/verdict.ts';

const lost = ['no-lost-updates'];
let coordinator: Coordinator;

/** The first writer writes notes; the others add once each. */
function pair(notes: number): Json {
  const note: Round = { act: 'note', bytes: 10 };
  const writers = [Array.from({ length: notes }, () => note), [{ act: 'add' }], [{ act: 'add' }]];
  return { writers: writers.map((rounds) => ({ rounds })), readers: [] };
}

/** Five notes first, and one preemption in the middle of writer-2's addition. */
let plan: Plan;
let anchors: readonly Anchor[] = [];
beforeAll(async () => {
  coordinator = await coordinatorOf();
  const quiet = counterPlan({ workload: pair(5) });
  const { steps } = await coordinator.run(counter, quiet);
  for (let at = 0; at < steps && !anchors.some(({ lane }) => lane === 'writer-2'); at++) {
    plan = { ...quiet, preemptions: [{ at, to: 'writer-3' }] };
    const loses = (await violatedBy(coordinator, plan)).length > 0;
    anchors = loses ? await anchorsOf(coordinator, counter, plan) : [];
  }
});
afterAll(() => coordinator.close());

/** With fewer notes, so that its preemption comes too late: it passes. */
async function shiftedPlan(): Promise<Plan> {
  for (const notes of [4, 3, 2, 1]) {
    const shifted = { ...plan, workload: pair(notes) };
    if ((await violatedBy(coordinator, shifted)).length === 0) return shifted;
  }
  throw new Error('it fails however its steps shift');
}

function judged(more: Partial<JudgeOptions> = {}): Promise<Judgement> {
  return judgePlan({ coordinator, scenario: counter, plan, anchors, target: lost, searches: 40, ...more });
}

describe('it fails', () => {
  test('as it is: by replay, in one run', async () => {
    const judgement = await judged();
    expect(judgement).toMatchObject({
      verdict: 'fail',
      how: 'replay',
      runs: 1,
      repeats: 1,
      reached: 0,
      upperBound: null,
      plan,
    });
    expect(judgement.violations.map(({ invariant }) => invariant)).toEqual(lost);
  });

  test('at the same places, where its steps mean other moments', async () => {
    expect(anchors).toMatchObject([{ lane: 'writer-2', to: 'writer-3' }]);
    const shifted = await shiftedPlan();
    const judgement = await judged({ plan: shifted });
    expect(judgement).toMatchObject({ verdict: 'fail', how: 'same places', runs: 2 });
    expect(judgement.plan?.preemptions).not.toEqual(plan.preemptions);
  });

  test('nearby, where its places are not it', async () => {
    const [anchor] = anchors;
    if (anchor === undefined) throw new Error('no anchor');
    const aside = { ...anchor, at: { steps: anchor.at.steps - 6, marks: 0 } };
    const elsewhere = { ...plan, workload: pair(3), preemptions: [] };
    const judgement = await judged({ plan: elsewhere, anchors: [aside], searches: 200 });
    expect(judgement).toMatchObject({ verdict: 'fail', how: 'search' });
    expect(judgement.runs).toBeGreaterThan(2);
  });

  test('by chance, where there are no places at all', async () => {
    const judgement = await judged({ plan: counterPlan(), anchors: [], searches: 200 });
    expect(judgement).toMatchObject({ verdict: 'fail', how: 'search' });
  });

  test('the plan that it gives fails when it is replayed', async () => {
    for (const told of [{}, { plan: await shiftedPlan() }, { plan: counterPlan(), anchors: [], searches: 200 }]) {
      const { plan: failing } = await judged(told);
      if (failing === undefined) throw new Error('no plan');
      expect(await violatedBy(coordinator, failing)).toContain(lost[0]);
    }
  });
});

describe('it does not', () => {
  test('pass: enough random runs near it reached the window; replays of it count for nothing', async () => {
    const failing = await losing(coordinator);
    const told = { plan: { ...failing, strategy: 'atomic' }, anchors: await anchorsOf(coordinator, counter, failing) };
    const few = await judged(told);
    expect(few).toMatchObject({ verdict: 'inconclusive', how: 'search', runs: 42, upperBound: null });
    expect(few.repeats).toBeGreaterThanOrEqual(2);
    expect(few.reached).toBeGreaterThan(0);
    expect(few.missing).toBe(59 - few.reached);
    const judgement = await judged({ ...told, bound: upperBound(few.reached) ?? 1 });
    expect(judgement).toMatchObject({ verdict: 'pass', runs: 42, violations: [], plan: undefined, missing: 0 });
    expect(judgement.upperBound).toBe(upperBound(few.reached));
  });

  test('inconclusive: the window is out of reach', async () => {
    const workload = { writers: [{ rounds: [{ act: 'add' }, { act: 'add' }] }], readers: [] };
    const judgement = await judged({ plan: { ...plan, workload } });
    expect(judgement).toMatchObject({
      verdict: 'inconclusive',
      runs: 42,
      reached: 0,
      upperBound: null,
      plan: undefined,
    });
  });

  test('only what it is told to look for counts', async () => {
    const told = { target: ['no-grumbles'], searches: 3 };
    expect(await judged(told)).toMatchObject({ verdict: 'inconclusive', violations: [] });
  });

  test('with no searches it is replayed twice, stopped at once not even once', async () => {
    const atomic = { ...plan, strategy: 'atomic' };
    const replayed = await judged({ plan: atomic, searches: 0, bound: 0.2 });
    expect(replayed).toMatchObject({ verdict: 'inconclusive', runs: 2, repeats: 2, how: 'same places' });
    const stopped = await judged({ stop: () => true });
    expect(stopped).toMatchObject({ verdict: 'inconclusive', runs: 0, how: 'replay', upperBound: null });
    let made = 0;
    const told = { onRun: (runs: number) => void (made = runs), stop: () => made === 7 };
    expect(await judged({ plan: atomic, ...told })).toMatchObject({ runs: 7, how: 'search' });
  });

  test('stopped in the middle of a run that would not end it has what was there before', async () => {
    let begun = 0;
    const scenario = { ...counter, start: (one: Plan) => (begun++, counter.start(one)) };
    const endless = counterPlan({
      workload: { writers: [{ rounds: [{ act: 'rest', ms: 1 }] }], readers: [{ times: 1e9 }] },
    });
    const stopped = await judged({ scenario, plan: endless, anchors: [], stop: () => begun > 0 });
    expect(stopped).toMatchObject({ verdict: 'inconclusive', runs: 0 });
  });
});

test('the same judgement a second time', async () => {
  const told = { plan: counterPlan(), anchors: [], searches: 200 };
  expect(await judged(told)).toEqual(await judged(told));
});
