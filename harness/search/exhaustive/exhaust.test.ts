// Exhaustive search tries every schedule, and skips none that could have come out otherwise.
import { createHash, type Hash } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { long, longUnless, runsOf } from '../../testing/long.test-support.ts';
import type { RawRecord } from '../../model/record.ts';
import type { History } from '../../model/history.ts';
import type { StepLane, StepSink } from '../../model/step.ts';
import { traceStep } from '../../observe/trace.ts';
import { invariant } from '../../model/invariant.ts';
import type { Choice, Chooser, Decision } from '../../run/chooser.ts';
import { machineOf, planOf, process as start, scenarioOf } from '../../testing/lab.test-support.ts';
import { Coordinator } from '../../run/coordinator.ts';
import { violationsOf } from '../../judge/judge-history.ts';
import type { Scenario } from '../../model/scenario.ts';
import { exhaust, type ExhaustOptions } from './exhaust.ts';

/** What each lane did, whenever it did it: the same for two runs that differ in the order of independent steps only. */
class LaneTraces implements StepSink {
  readonly #hashes = new Map<string, Hash>();

  see(_step: number, record: Readonly<RawRecord>, lane: StepLane, nowMs: number): void {
    let hash = this.#hashes.get(lane.name);
    if (hash === undefined) this.#hashes.set(lane.name, (hash = createHash('sha256')));
    hash.update(JSON.stringify(traceStep(0, record, lane, nowMs)));
  }

  digest(): string {
    return [...this.#hashes]
      .map(([lane, hash]) => `${lane} ${hash.digest('hex')}`)
      .toSorted()
      .join('\n');
  }
}

/** Keeps the traces of the lanes of each run beside its history. */
class Watching extends Coordinator {
  readonly traces = new WeakMap<History, string>();

  override async begin(...[scenario, plan, chooser, sinks = []]: Parameters<Coordinator['begin']>) {
    const lanes = new LaneTraces();
    const finish = await super.begin(scenario, plan, chooser, [...sinks, lanes]);
    return () => {
      const history = finish();
      this.traces.set(history, lanes.digest());
      return history;
    };
  }
}

let coordinator: Watching;
beforeAll(async () => {
  coordinator = new Watching({ machine: await machineOf() });
});
afterAll(() => coordinator.close());

/** What came of a run: violations, database, endings, and what each lane did and saw. */
function outcomeOf(scenario: Scenario, history: History): string {
  const violations = violationsOf(scenario, history).map((one) => ({ ...one, step: null }));
  const { autopsy, end, endings } = history;
  return JSON.stringify([violations, autopsy, end, endings, coordinator.traces.get(history)]);
}

async function search(scenario: Scenario, more: Partial<ExhaustOptions>) {
  const outcomes: Set<string>[] = [];
  const found = await exhaust({
    coordinator,
    scenario,
    plan: planOf(),
    preemptions: 2,
    onRun: (history, { preemptions }) => (outcomes[preemptions] ??= new Set()).add(outcomeOf(scenario, history)),
    ...more,
  });
  // What is equivalent may have fewer preemptions.
  const upTo = found.byPreemptions.map(
    (_, most) => new Set(outcomes.slice(0, most + 1).flatMap((level) => [...level])),
  );
  return { ...found, outcomes: upTo };
}

/** Goes wherever it is told, by the number of the decision; decides before every switch point. */
class Scripted implements Chooser {
  readonly decisions: Decision[] = [];
  readonly #script: ReadonlyMap<number, string>;

  constructor(script: ReadonlyMap<number, string>) {
    this.#script = script;
  }

  choose(decision: Decision): Choice {
    const lane = this.#script.get(this.decisions.length) ?? decision.fallback;
    this.decisions.push(decision);
    return { lane, points: 1 };
  }
}

/** All schedules, by trying every other lane at every decision: slow, and nothing to go wrong. */
async function bruteForce(scenario: Scenario, preemptions: number): Promise<Set<string>> {
  const hashes = new Set<string>();
  const go = async (script: ReadonlyMap<number, string>): Promise<void> => {
    const chooser = new Scripted(script);
    hashes.add((await coordinator.run(scenario, planOf(), chooser)).hash);
    if (script.size === preemptions) return;
    const last = Math.max(-1, ...script.keys());
    for (const [index, { ready, fallback }] of chooser.decisions.entries()) {
      if (index <= last) continue;
      for (const lane of ready) if (lane !== fallback) await go(new Map([...script, [index, lane]]));
    }
  };
  await go(new Map());
  return hashes;
}

const one = { from: 0, count: 1 };
const two = { from: 10, count: 1 };
const hold = { holdMs: 1 };
const small = {
  'a writer and a reader': [start('a', 'inserting', one), start('b', 'reading', 1)],
  'two writers': [start('a', 'inserting', one), start('b', 'inserting', two)],
  'three lanes': [start('a', 'reading', 1), start('b', 'flocking', hold), start('c', 'sleeping', 1)],
};

describe.each(['wal', 'delete'] as const)('journal %s', (journal) => {
  for (const [i, [name, lanes]] of Object.entries(small).entries())
    test(`${name}: skipping changes no count and no outcome`, {
      ...longUnless(journal === 'delete' && i < 2),
      timeout: 300_000,
    }, async () => {
      const scenario = scenarioOf(lanes, journal);
      const all = await search(scenario, { reduction: 'none' });
      const some = await search(scenario, { reduction: 'causes' });
      const counts = ({ byPreemptions }: typeof all) =>
        byPreemptions.map(({ preemptions, schedules, failed }) => ({ preemptions, schedules, failed }));
      expect(counts(some)).toEqual(counts(all));
      expect(some.outcomes).toEqual(all.outcomes);
      expect(all).toMatchObject({ complete: true, skipped: 0, run: all.schedules });
      expect(some).toMatchObject({ complete: true, run: some.schedules - some.skipped });
      expect(some.skipped).toBeGreaterThan(0);
      const fewer = await search(scenario, { reduction: 'states' });
      expect(counts(fewer)).toEqual(counts(all));
      expect(fewer.outcomes).toEqual(all.outcomes);
      expect(fewer.run).toBeLessThanOrEqual(some.run);
    });
});

test('three lanes that write, in rollback mode', { ...long, timeout: 300_000 }, async () => {
  const lanes = [start('a', 'inserting', one), start('b', 'reading', 1), start('c', 'flocking', hold)];
  const scenario = scenarioOf(lanes, 'delete');
  const all = await search(scenario, { reduction: 'none' });
  const some = await search(scenario, { reduction: 'causes' });
  expect(some.schedules).toBe(all.schedules);
  expect(some.outcomes).toEqual(all.outcomes);
  expect(some.run).toBeLessThan(0.8 * all.run);
});

test('three preemptions, within one another', { ...long, timeout: 300_000 }, async () => {
  const lanes = ['a', 'b', 'c'].map((name) => start(name, 'flocking', { holdMs: 1, timeoutMs: 60, mode: 'shared' }));
  const scenario = scenarioOf(lanes);
  const all = await search(scenario, { preemptions: 3, reduction: 'none' });
  const some = await search(scenario, { preemptions: 3, reduction: 'causes' });
  expect(some.byPreemptions.map(({ schedules }) => schedules)).toEqual(
    all.byPreemptions.map(({ schedules }) => schedules),
  );
  expect(some.outcomes).toEqual(all.outcomes);
});

const doing = (name: string, ...acts: readonly (readonly string[])[]) => start(name, 'acting', acts);

const forced = [
  ['rollback', scenarioOf(small['two writers'], 'delete'), 1],
  ['WAL', scenarioOf(small['a writer and a reader'], 'wal'), 1],
  ['mutexes', scenarioOf([start('a', 'threads'), start('b', 'flocking', hold)]), 2],
  ['messages', scenarioOf([start('a', 'talking', 'b'), start('b', 'listening'), start('c', 'sleeping', 1)]), 2],
  [
    'a process that is started, while its parent goes on',
    scenarioOf([doing('a', ['spawn', 'f'], ['append', 'f'], ['insert', '1'])]),
    1,
  ],
  ['somebody who is woken', scenarioOf([doing('b', ['receive', '9']), doing('a', ['send', 'b'], ['insert', '1'])]), 1],
] as const;

for (const [name, scenario, preemptions] of forced)
  test(`brute force finds no other schedules: ${name}`, {
    ...longUnless(preemptions === 1),
    timeout: 300_000,
  }, async () => {
    const hashes = await bruteForce(scenario, preemptions);
    const found = new Set<string>();
    const { schedules } = await exhaust({
      coordinator,
      scenario,
      plan: planOf(),
      preemptions,
      reduction: 'none',
      onRun: (history) => found.add(history.hash),
    });
    expect(found).toEqual(hashes);
    expect(schedules).toBe(hashes.size);
  });

/** Acts by which lanes meet, and some by which they do not. */
const acts = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(fc.constantFrom('append', 'read', 'unlink'), fc.constantFrom('f', 'g')) },
  fc.tuple(fc.constant('flock'), fc.constantFrom('shared', 'exclusive')),
  fc.tuple(fc.constant('sleep'), fc.constantFrom('0', '1')),
  fc.tuple(fc.constant('send'), fc.constantFrom('a', 'b')),
  fc.tuple(fc.constantFrom('receive'), fc.constantFrom('1')),
  fc.tuple(fc.constant('step'), fc.constant('alone')),
  fc.tuple(fc.constant('spawn'), fc.constant('f')),
);
const lanesThatAct = fc
  .array(fc.uniqueArray(acts, { minLength: 1, maxLength: 3, selector: ([act, what]) => `${act} ${what}` }), {
    minLength: 2,
    maxLength: 3,
  })
  .filter((lanes) => lanes.flat().length <= 6);

test('of any small program, skipping changes no count and no outcome', { timeout: 3_000_000 }, async () => {
  let skipped = 0;
  const holds = fc.asyncProperty(lanesThatAct, async (lanes) => {
    const scenario = scenarioOf(lanes.map((all, index) => doing('abc'[index] ?? '', ...all)));
    const all = await search(scenario, { reduction: 'none', only: [] });
    const some = await search(scenario, { reduction: 'causes', only: [] });
    const counts = ({ byPreemptions }: typeof all) => byPreemptions.map(({ schedules }) => schedules);
    expect(counts(some)).toEqual(counts(all));
    expect(some.outcomes).toEqual(all.outcomes);
    skipped += some.skipped;
    const fewer = await search(scenario, { reduction: 'states', only: [] });
    expect(counts(fewer)).toEqual(counts(all));
    expect(fewer.outcomes).toEqual(all.outcomes);
    expect(fewer.run).toBeLessThanOrEqual(some.run);
  });
  await fc.assert(holds, { numRuns: runsOf(40, 4), endOnFailure: true });
  expect(skipped).toBeGreaterThan(0);
});

const unbounded = 30;

test('of any small program, following races finds every outcome that bounds find, in as many runs', {
  timeout: 3_000_000,
}, async () => {
  const few = lanesThatAct.filter((lanes) => lanes.flat().length <= 4);
  const holds = fc.asyncProperty(few, async (lanes) => {
    const scenario = scenarioOf(lanes.map((all, index) => doing('abc'[index] ?? '', ...all)));
    const bounded = await search(scenario, { reduction: 'causes', preemptions: unbounded, only: [] });
    const raced = await search(scenario, { reduction: 'races', only: [] });
    expect(raced.outcomes.at(-1)).toEqual(bounded.outcomes.at(-1));
    expect(raced).toMatchObject({ complete: true, run: bounded.run, skipped: 0, schedules: bounded.run });
  });
  await fc.assert(holds, { numRuns: runsOf(40, 4), endOnFailure: true });
});

test('following races, nothing is left out that running every schedule finds', { timeout: 300_000 }, async () => {
  const scenario = scenarioOf([doing('a', ['append', 'f']), doing('b', ['read', 'f'], ['append', 'g'])]);
  const all = await search(scenario, { reduction: 'none', preemptions: unbounded });
  const raced = await search(scenario, { reduction: 'races' });
  expect(raced.outcomes.at(-1)).toEqual(all.outcomes.at(-1));
  expect(raced.complete).toBe(true);
  expect(raced.run).toBeLessThan(all.run);
});

test('following races, a failure is found and confirmed, and the rest is tried all the same', async () => {
  const lanes = [doing('a', ['append', 'f']), doing('b', ['read', 'f'])];
  const scenario = scenarioOf(lanes);
  const early = invariant('early', 'harm', 'b is first', function* ({ preemptions }) {
    if (preemptions.length > 0) yield { message: 'it was not' };
  });
  const found = await search({ ...scenario, invariants: [early] }, { reduction: 'races' });
  expect(found).toMatchObject({ complete: true, failure: { confirmed: true } });
  expect(found.failed).toBe(found.run - 1);
});

test('races cannot be followed where a plan has faults, or a program does what depends on every step', async () => {
  const scenario = scenarioOf(small['two writers'], 'delete');
  const plan = planOf({ faults: [{ kind: 'kill', at: { step: 40 } }] });
  const refused = { kind: 'usage', code: 'NO_RACES' };
  await expect(search(scenario, { plan, reduction: 'races' })).rejects.toMatchObject(refused);
  const looking = scenarioOf([start('a', 'usingFiles'), doing('b', ['append', 'f'])]);
  await expect(search(looking, { reduction: 'races' })).rejects.toMatchObject(refused);
});

/** Violated where the reader saw the row of the writer: not by default, where it comes before it. */
const tooSoon = invariant('too-soon', 'harm', 'the reader sees nothing', function* ({ observations }) {
  for (const { kind, data, step } of observations)
    if (kind === 'count' && data === 1) yield { message: 'the reader saw the row', step };
});
const failing: Scenario = {
  ...scenarioOf([start('b', 'reading', 1), start('a', 'inserting', one)], 'delete'),
  invariants: [tooSoon],
};

test('a failure: the plan with the fewest preemptions, its count among all with as many, and none with more', async () => {
  const all = await search(failing, { reduction: 'none' });
  const some = await search(failing, { reduction: 'causes' });
  expect(some.byPreemptions.map(({ failed }) => failed)).toEqual(all.byPreemptions.map(({ failed }) => failed));
  expect(some.byPreemptions).toHaveLength(2);
  expect(some.byPreemptions[1]?.failed).toBeGreaterThan(0);
  expect(some.byPreemptions[1]?.failed).toBeLessThan(some.byPreemptions[1]?.schedules ?? 0);
  expect(some.complete).toBe(true);
  expect(some.failure?.plan.preemptions).toHaveLength(1);
  expect(some.failure?.violations).toMatchObject([{ invariant: 'too-soon' }]);
  const again = await coordinator.run(failing, some.failure?.plan ?? planOf());
  expect(again.hash).toBe(some.failure?.hash);
});

test('violations of other invariants do not count', async () => {
  const found = await search(failing, { only: ['integrity'], preemptions: 1 });
  expect(found).toMatchObject({ failed: 0, failure: undefined, complete: true });
});

test('a search that is stopped says how far it came', async () => {
  let runs = 0;
  const found = await search(failing, { onRun: () => runs++, stop: () => runs === 5, only: ['integrity'] });
  expect(found.complete).toBe(false);
  expect(found.byPreemptions.map(({ preemptions }) => preemptions)).toEqual([0, 1]);
  expect(found.run).toBeGreaterThanOrEqual(5);
  expect(found.run).toBeLessThan(8);
});

test('with faults in the plan nothing is skipped', async () => {
  const scenario = scenarioOf(small['two writers'], 'delete');
  const plan = planOf({ faults: [{ kind: 'kill', at: { step: 40 } }] });
  const found = await search(scenario, { plan, preemptions: 1 });
  expect(found.skipped).toBe(0);
  expect(found.run).toBe(found.schedules);
});
