// Shrinking finds the one preemption and the two additions of a lost update amid everything else, and nothing that it
// returns is more than it says: it fails, in the same way, and without any one part it does not.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { long, longUnless } from '../../testing/long.test-support.ts';
import { LockstepError } from '../../errors/errors.ts';
import { invariant as makeInvariant } from '../../model/invariant.ts';
import type { Json } from '../../model/values.ts';
import { RunInterrupted } from '../../errors/interrupted.ts';
import { coordinatorOf } from '../../testing/lab.test-support.ts';
import { type Coordinator } from '../../run/coordinator.ts';
import { counter, counterPlan, counterWorkload, idleFaults, losing, violatedBy } from '../counter-lab.test-support.ts';
import { type Plan, planSchema } from '../../model/plan.ts';
import { operationsOf } from '../size.ts';
import { leaves, lists, partAt, withPart } from './json-edits.ts';
import { shrink, type Shrunk } from './shrink.ts';
import { smallerByChance } from './passes.ts';
import { toleranceMs, Trials } from './trials.ts';

const lost = ['no-lost-updates'];

let coordinator: Coordinator;
let failing: Plan;
beforeAll(async () => {
  coordinator = await coordinatorOf();
  failing = await losing(coordinator, counterPlan({ faults: idleFaults }));
});
afterAll(() => coordinator.close());

/** Little is left to chance, which takes most of the time. */
async function shrunkOf(plan: Plan, more: Partial<Parameters<typeof shrink>[0]> = {}): Promise<Shrunk> {
  const found = await shrink({ coordinator, scenario: counter, plan, byChanceRuns: 20, ...more });
  if (found === undefined) throw new Error('the plan does not fail');
  return found;
}

/** Every plan with one preemption, one fault or one operation less. */
function lessByOne(plan: Plan): readonly Plan[] {
  const { preemptions, faults, workload } = plan;
  const edits: readonly Json[] = [
    ...lists(workload).flatMap((path) =>
      (partAt(workload, path) as readonly Json[]).map((_, i) => withPart(workload, [...path, i], undefined)),
    ),
    ...leaves(workload).map((path) => {
      const leaf = partAt(workload, path);
      return withPart(workload, path, typeof leaf === 'number' ? leaf - 1 : false);
    }),
  ];
  return [
    ...preemptions.map((_, i) => ({ ...plan, preemptions: preemptions.toSpliced(i, 1) })),
    ...faults.map((_, i) => ({ ...plan, faults: faults.toSpliced(i, 1) })),
    ...edits
      .filter((edit) => operationsOf(counter, edit) < operationsOf(counter, workload))
      .map((edit) => ({ ...plan, workload: edit })),
  ].filter((less) => counter.workload.safeParse(less.workload).success);
}

/** A plan that loses an update because a lane is paused in the middle of it. */
async function pausing(): Promise<Plan> {
  for (let nth = 1; nth < 60; nth++) {
    const pause = { kind: 'pause', at: { lane: 'writer-1', op: 'shmLock', nth }, ms: 50 } as const;
    const plan = counterPlan({ faults: [pause, ...idleFaults] });
    if ((await violatedBy(coordinator, plan)).includes('no-lost-updates')) return plan;
  }
  throw new Error('no pause loses an update');
}

test('the default schedule of the plan loses nothing: only a preemption does', async () => {
  expect(await violatedBy(coordinator, { ...failing, preemptions: [] })).not.toContain(lost[0]);
  expect(await violatedBy(coordinator, failing)).toContain(lost[0]);
  expect(failing.preemptions.length).toBeGreaterThan(2);
});

describe('a lost update', () => {
  let shrunk: Shrunk;
  beforeAll(async () => {
    shrunk = await shrunkOf(failing, { target: lost, byChanceRuns: 400 });
  });

  test('shrinks to two writers that add once, and one preemption', () => {
    expect(shrunk.plan).toMatchObject({
      workload: { writers: [{ rounds: [{ act: 'add' }] }, { rounds: [{ act: 'add' }] }], readers: [] },
      faults: [],
    });
    expect(shrunk.size).toEqual({ preemptions: 1, faults: 0, operations: 4, bytes: expect.any(Number) as number });
    expect(shrunk.from).toEqual({
      preemptions: failing.preemptions.length,
      faults: 3,
      operations: operationsOf(counter, failing.workload),
      bytes: JSON.stringify(failing.workload).length,
    });
  });

  test('fails in the same invariant and in no other, in two replays with one hash', async () => {
    expect(shrunk.violations.map(({ invariant }) => invariant)).toEqual(lost);
    const hashes: string[] = [];
    for (let i = 0; i < 2; i++) hashes.push((await coordinator.run(counter, shrunk.plan)).hash);
    expect(hashes).toEqual([shrunk.hash, shrunk.hash]);
    expect(await violatedBy(coordinator, shrunk.plan)).toEqual(lost);
  });

  test('is minimal: each removal of a single part passes', async () => {
    expect(shrunk.minimal).toBe(true);
    const candidates = lessByOne(shrunk.plan);
    expect(candidates.length).toBeGreaterThan(0);
    for (const less of candidates) expect(await violatedBy(coordinator, less), JSON.stringify(less)).toEqual([]);
  });

  test('is a plan of the format and of the scenario', () => {
    expect(planSchema.parse(shrunk.plan)).toEqual(shrunk.plan);
    expect(counterWorkload(shrunk.plan.workload)).toEqual(shrunk.plan.workload);
  });

  test('shrinks alike a second time, and no further from where it is', long, async () => {
    const [one, two] = [await shrunkOf(failing, { target: lost }), await shrunkOf(failing, { target: lost })];
    expect({ ...two, seconds: 0 }).toEqual({ ...one, seconds: 0 });
    const further = await shrunkOf(shrunk.plan, { target: lost });
    expect({ plan: further.plan, hash: further.hash }).toEqual({ plan: shrunk.plan, hash: shrunk.hash });
  });
});

describe('however a plan fails, the result is minimal', () => {
  // Where lanes meet depends on what they do before: no single operation less may fail, and two less may.
  for (const seed of [11, 12])
    test(`seed ${seed}`, longUnless(seed === 11), async () => {
      const plan = await losing(coordinator, counterPlan({ faults: idleFaults, seed }));
      const shrunk = await shrunkOf(plan, { target: lost, byChanceRuns: 60 });
      expect({ minimal: shrunk.minimal, size: shrunk.size }).toMatchObject({
        minimal: true,
        size: { preemptions: 1, faults: 0 },
      });
      expect(shrunk.size.operations).toBeLessThanOrEqual(12);
      for (const less of lessByOne(shrunk.plan)) expect(await violatedBy(coordinator, less)).not.toContain(lost[0]);
    });

  test('a fault that is needed stays, wherever the work before it goes', long, async () => {
    const plan = await pausing();
    const shrunk = await shrunkOf(plan, { target: lost });
    expect(shrunk).toMatchObject({ minimal: true, size: { preemptions: 0, faults: 1, operations: 4 } });
    for (const less of lessByOne(shrunk.plan)) expect(await violatedBy(coordinator, less)).toEqual([]);
  });
});

describe('what it aims at', () => {
  /** What is held on to shows in the first trials: it need not be made as small as can be. */
  const few = (): Partial<Parameters<typeof shrink>[0]> => {
    let made = 0;
    return { onTrial: (trials) => void (made = trials), stop: () => made >= 60 };
  };

  test('by default the harm, and of what is no harm nothing', async () => {
    const plan = await losing(coordinator, counterPlan());
    expect(await violatedBy(coordinator, plan)).toEqual(['no-lost-updates', 'no-grumbles', 'no-rests']);
    const { violations, found, besides } = await shrunkOf(plan, few());
    expect(violations.map(({ invariant }) => invariant)).toEqual(['no-lost-updates', 'no-grumbles']);
    expect(new Set(found.map(({ invariant }) => invariant))).toEqual(
      new Set(['no-lost-updates', 'no-grumbles', 'no-rests']),
    );
    expect(besides).toEqual(['no-rests']);
  });

  test('what it is told, and never anything else', async () => {
    const grumble = await shrunkOf(failing, { target: ['no-grumbles'] });
    expect(grumble).toMatchObject({
      minimal: true,
      violations: [{ invariant: 'no-grumbles' }],
      size: { preemptions: 0, faults: 0 },
    });
    expect(counterWorkload(grumble.plan.workload)).toMatchObject({
      writers: [{}],
      readers: [{ grumbles: true, times: 1 }],
    });
    const rest = await shrunkOf(failing, { target: ['no-rests'] });
    expect(rest.violations.map(({ invariant }) => invariant)).toEqual(['no-rests']);
    expect(rest.besides).toEqual(['no-lost-updates', 'no-grumbles']);
    expect(rest.found.map(({ invariant }) => invariant)).toContain('no-lost-updates');
    expect(counterWorkload(rest.plan.workload)).toEqual({
      writers: [{ rounds: [{ act: 'rest', ms: 1 }] }],
      readers: [],
    });
  });

  test('the hazard beside the harm, where both are named', async () => {
    const target = ['no-lost-updates', 'no-rests'];
    const both = await shrunkOf(failing, { target, ...few() });
    expect(new Set(both.violations.map(({ invariant }) => invariant))).toEqual(new Set(target));
    expect(both.besides).toEqual(['no-grumbles']);
  });

  test('the hazard, where there is no harm', async () => {
    const workload = { writers: [{ rounds: [{ act: 'rest', ms: 900 }, { act: 'add' }] }], readers: [{ times: 3 }] };
    const { violations, plan } = await shrunkOf(counterPlan({ workload }));
    expect(violations.map(({ invariant }) => invariant)).toEqual(['no-rests']);
    expect(plan.workload).toEqual({ writers: [{ rounds: [{ act: 'rest', ms: 1 }] }], readers: [] });
  });
});

describe('the signature', () => {
  /** Who adds once meets another code than who adds twice. */
  const codes = makeInvariant('codes', 'harm', 'nobody adds', function* ({ observations }) {
    const added = observations.filter(({ kind }) => kind === 'added').length;
    if (added > 0) yield { message: `writer-1 met ${added > 1 ? 'SQLITE_FULL' : 'SQLITE_IOERR'}` };
  });
  const rests = makeInvariant('rests', 'harm', 'nobody rests', function* ({ observations }) {
    if (observations.some(({ kind }) => kind === 'rested')) yield { message: 'somebody rested' };
  });
  const scenario = { ...counter, invariants: [codes, rests] };
  const add = { act: 'add' };

  test('stays: another result code is another failure', async () => {
    const workload = { writers: [{ rounds: [add, add, add] }], readers: [] };
    const { plan, violations } = await shrunkOf(counterPlan({ workload }), { scenario });
    expect(violations.map(({ message }) => message)).toEqual(['writer-1 met SQLITE_FULL']);
    expect(plan.workload).toEqual({ writers: [{ rounds: [add, add] }], readers: [] });
  });

  test('of each invariant stays: what did two harms does both when it is small', async () => {
    const workload = { writers: [{ rounds: [add, { act: 'rest', ms: 9 }, add, add] }], readers: [{ times: 2 }] };
    const shrunk = await shrunkOf(counterPlan({ workload }), { scenario });
    expect(shrunk.violations.map(({ invariant: name }) => name)).toEqual(['codes', 'rests']);
    expect(shrunk.found.map(({ invariant: name }) => name)).toEqual(['codes', 'rests']);
    expect(counterWorkload(shrunk.plan.workload).writers[0]?.rounds).toHaveLength(3);
    const told = await shrunkOf(counterPlan({ workload }), { scenario, target: ['rests'] });
    expect(told.plan.workload).toEqual({ writers: [{ rounds: [{ act: 'rest', ms: 1 }] }], readers: [] });
  });
});

describe('a time limit', () => {
  /** Ten seconds of steps at least, unless it is killed. */
  const endless = { times: 1_000_000 };
  const parameters = { ...counter.parameters, horizonMs: 1_000_000_000, stepsMax: 1_000_000_000 };
  const workload = { writers: [{ rounds: [{ act: 'rest', ms: 1 }] }], readers: [endless] };
  const kill = { kind: 'kill', at: { timeMs: 2 }, process: 'reader-1' } as const;
  /** Real milliseconds over limit and tolerance, for a busy machine. */
  const slackMs = 3000;

  async function within<T>(limitMs: number, body: () => Promise<T>): Promise<T> {
    const began = performance.now();
    const result = await body();
    expect(performance.now() - began).toBeLessThan(limitMs + toleranceMs + slackMs);
    return result;
  }

  test('ends a candidate in the middle of its run', long, async () => {
    const plan = counterPlan({ workload, parameters, faults: [kill] });
    const shrunk = await within(2000, () => shrunkOf(plan, { target: ['no-rests'], timeMs: 2000 }));
    expect(shrunk).toMatchObject({ complete: false, size: { faults: 1 }, replays: 2 });
    expect(shrunk.last?.hash).toBe(shrunk.hash);
  });

  test('where the plan itself takes longer there is nothing to say', async () => {
    const plan = counterPlan({ workload, parameters });
    await within(1500, async () => {
      await expect(shrunkOf(plan, { target: ['no-rests'], timeMs: 1500 })).rejects.toThrow(RunInterrupted);
    });
  });
});

describe('a budget', () => {
  for (const most of [3, 20, 60])
    test(`stopped after ${most} runs it gives what it has, which fails`, longUnless(most === 20), async () => {
      let runs = 0;
      const { plan, minimal, hash, size, from } = await shrunkOf(failing, {
        target: lost,
        stop: () => runs >= most,
        onTrial: () => void runs++,
      });
      expect(minimal).toBe(false);
      expect(size.operations + size.preemptions).toBeLessThanOrEqual(from.operations + from.preemptions);
      const again = await coordinator.run(counter, plan);
      expect(again.hash).toBe(hash);
      expect(await violatedBy(coordinator, plan)).toContain(lost[0]);
    });

  test('that ends among the numbers leaves what is known to be minimal', async () => {
    const plan = counterPlan({
      workload: { writers: [{ rounds: [{ act: 'rest', ms: 900 }, { act: 'add' }] }], readers: [] },
    });
    const stoppedAfter = async (most: number) => {
      let runs = 0;
      return shrunkOf(plan, { target: ['no-rests'], stop: () => runs >= most, onTrial: () => void runs++ });
    };
    const { runs, plan: smallest } = await stoppedAfter(Infinity);
    const stopped: Shrunk[] = [];
    for (let most = 1; most < runs; most++) stopped.push(await stoppedAfter(most));
    const known = stopped.filter(({ minimal }) => minimal);
    expect(known.map(({ size }) => size.operations)).toEqual(known.map(() => operationsOf(counter, smallest.workload)));
    expect(known[0]?.complete).toBe(false);
    expect(known.some((one) => JSON.stringify(one.plan) !== JSON.stringify(smallest))).toBe(true);
    expect(stopped[0]?.minimal).toBe(false);
  });

  test('without any time it gives the plan back', async () => {
    const { plan, minimal } = await shrunkOf(failing, { target: lost, timeMs: 0 });
    expect({ plan, minimal }).toEqual({ plan: failing, minimal: false });
  });
});

test('a plan that does not fail, or not in this way, is none to shrink', async () => {
  const atomic = { ...failing, strategy: 'atomic' };
  expect(await shrink({ coordinator, scenario: counter, plan: atomic, target: lost })).toBeUndefined();
  const told = { coordinator, scenario: counter, plan: counterPlan(), target: lost };
  expect(await shrink(told)).toBeUndefined();
});

test('a plan that the harness cannot run is an error, not one that passes', async () => {
  const scenario = {
    ...counter,
    name: 'broken',
    setup: () => ({ name: 'setup', program: 'setup', args: { broken: true } }),
  };
  const trying = shrink({ coordinator, scenario, plan: failing });
  await expect(trying).rejects.toThrow(LockstepError);
  await expect(trying).rejects.toMatchObject({ code: 'SETUP_FAILED' });
});

test('the first replay of what is left is the one that an explanation is made from: there may be no time for more', async () => {
  let isOver = false;
  let steps = 0;
  const witness = { see: () => void steps++ };
  const run = coordinator.run.bind(coordinator);
  using _spy = vi.spyOn(coordinator, 'run').mockImplementation(async (...given) => {
    if (isOver) throw new RunInterrupted();
    const history = await run(...given);
    isOver = given[3]?.includes(witness) ?? false;
    return history;
  });
  const found = await shrink({ coordinator, scenario: counter, plan: failing, timeMs: 3000, witness });
  expect(found?.replays).toBe(1);
  expect(found?.last?.steps).toBe(steps);
});

describe('what a candidate may cost', () => {
  async function begun(more: Partial<ConstructorParameters<typeof Trials>[2]> = {}) {
    const trials = new Trials(coordinator, counter, { target: lost, ...more });
    const first = await trials.begin(failing);
    if (first === undefined) throw new Error('it does not fail');
    trials.keep(first, lost);
    return { trials, first };
  }

  test('one that fails and takes ten times the steps is none that is smaller', async () => {
    const { trials, first } = await begun();
    const { writers, readers } = counterWorkload(failing.workload);
    const reading = (times: number) => {
      const workload = { writers, readers: [...readers, { times }] } as unknown as Json;
      return { plan: { ...failing, workload }, anchors: first.anchors };
    };
    expect(await trials.attempt(reading(4))).toBeDefined();
    const unbounded = new Trials(coordinator, counter, { target: lost });
    expect((await unbounded.attempt(reading(9000)))?.steps).toBeGreaterThan(20_000);
    expect(await trials.attempt(reading(9000))).toBeUndefined();
  });

  test('chance is not asked again about a plan for which it has found nothing', async () => {
    const { trials, first } = await begun({ byChanceRuns: 5 });
    const now = await smallerByChance(first, trials);
    const { runs } = trials;
    expect(runs).toBeGreaterThan(5);
    expect(await smallerByChance(now, trials)).toBe(now);
    expect(trials.runs).toBe(runs);
    await smallerByChance(first, trials);
    expect(trials.runs).toBeGreaterThan(runs);
  });

  test('chance has half of the time, and the other half says whether the plan is minimal', async () => {
    let now = 0;
    using _clock = vi.spyOn(performance, 'now').mockImplementation(() => now);
    const { trials, first } = await begun({ timeMs: 10_000 });
    now = 4000;
    expect([trials.halfSpent, trials.spent]).toEqual([false, false]);
    now = 6000;
    expect([trials.halfSpent, trials.spent]).toEqual([true, false]);
    const { runs } = trials;
    expect(await smallerByChance(first, trials)).toBe(first);
    expect(trials.runs).toBe(runs);
  });
});
