// Anchors say of a schedule what stays true when the run around it changes: they make the very run that they were
// recorded in, and find their places again when another lane, or an engine with marks of its own, takes other steps.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Coordinator } from '../coordinator.ts';
import type { Plan } from '../../model/plan.ts';
import { stream } from '../../model/random.ts';
import type { Scenario } from '../../model/scenario.ts';
import { emptyRecord } from '../../model/record.ts';
import { op } from '../../model/operations.ts';
import type { History } from '../../model/history.ts';
import type { Chooser } from '../chooser.ts';
import { coordinatorOf, planOf, process as start, scenarioOf, StepKeeper } from '../../testing/lab.test-support.ts';
import { type Anchor, AnchoredChooser, AnchorRecorder, nearAnchors, OwnSteps } from './anchored.ts';
import { turnsChooser } from './preemptions.ts';
import { replayChooser } from './replay.ts';

let coordinator: Coordinator;
beforeAll(async () => {
  coordinator = await coordinatorOf();
});
afterAll(() => coordinator.close());

interface Recorded {
  readonly history: History;
  readonly anchors: readonly Anchor[];
}

async function record(scenario: Scenario, plan: Plan, chooser: Chooser): Promise<Recorded> {
  const recorder = new AnchorRecorder(chooser);
  const history = await coordinator.run(scenario, plan, recorder, [recorder]);
  return { history, anchors: recorder.anchors };
}

/** Runs under anchors; records what they led to. */
async function follow(scenario: Scenario, plan: Plan, anchors: readonly Anchor[]): Promise<Recorded> {
  const chooser = new AnchoredChooser(anchors);
  const recorder = new AnchorRecorder(chooser);
  const history = await coordinator.run(scenario, plan, recorder, [chooser, recorder]);
  return { history, anchors: recorder.anchors };
}

const writers = scenarioOf([
  start('a', 'inserting', { from: 0, count: 4, sleepMs: 2 }),
  start('b', 'inserting', { from: 10, count: 3 }),
  start('c', 'reading', 6),
]);
const rollback = scenarioOf(
  [start('a', 'inserting', { from: 0, count: 3 }), start('b', 'inserting', { from: 10, count: 3, sleepMs: 1 })],
  'delete',
);
const family = scenarioOf([start('parent', 'parent'), start('r', 'reading', 3), start('threads', 'connectingThreads')]);
const paused = planOf({
  faults: [
    { kind: 'pause', at: { step: 40 }, ms: 3 },
    { kind: 'pause', at: { lane: 'b', op: 'shmLock', nth: 4 }, ms: 20 },
    { kind: 'kill', at: { step: 90 }, process: 'c' },
    { kind: 'io-error', at: { lane: 'a', op: 'write', nth: 2 }, code: 'SQLITE_IOERR_WRITE' },
  ],
});

describe('the very same run', () => {
  test.each<[string, Scenario, Plan]>([
    ['of lanes that write and read', writers, planOf()],
    ['with rollback journals', rollback, planOf()],
    ['of processes and threads that come and go', family, planOf()],
    ['with faults', writers, paused],
  ])('%s', async (_what, scenario, plan) => {
    let made = 0;
    for (let seed = 7; seed <= 14; seed++) {
      const { history, anchors } = await record(scenario, plan, turnsChooser(stream('chooser', seed, 1)));
      expect(anchors).toHaveLength(history.preemptions.length);
      made += anchors.length;
      const again = await follow(scenario, plan, anchors);
      expect({ seed, hash: again.history.hash }).toEqual({ seed, hash: history.hash });
      expect(again.anchors).toEqual(anchors);
      expect(again.history.preemptions).toEqual(history.preemptions);
    }
    expect(made).toBeGreaterThan(12);
  });

  test('no anchors, no preemptions', async () => {
    const { hash } = await coordinator.run(writers, planOf());
    const { history } = await follow(writers, planOf(), []);
    expect({ hash: history.hash, preemptions: history.preemptions }).toEqual({ hash, preemptions: [] });
  });
});

describe('when the run around it changes', () => {
  const pair = (before: number) =>
    scenarioOf([
      start('first', 'reading', before),
      start('b', 'inserting', { from: 10, count: 3 }),
      start('a', 'inserting', { from: 0, count: 3 }),
    ]);
  /** Before the second COMMIT of b, where it has its row in the log, a goes on. */
  const place = async (scenario: Scenario): Promise<{ readonly at: number; readonly own: number }> => {
    const keeper = new StepKeeper();
    await coordinator.run(scenario, planOf(), undefined, [keeper]);
    const mine = keeper.steps.filter(({ lane }) => lane === 'b');
    const nth = mine.findIndex(({ op: what }, i) => what === 'shmLock' && i > mine.length / 2);
    const at = keeper.steps.findIndex((step) => step === mine[nth]);
    return { at, own: nth };
  };

  test('an anchor finds its place when another lane does less before it; a number of steps does not', async () => {
    const [much, little] = [pair(8), pair(2)];
    const { at, own } = await place(much);
    const { anchors } = await record(much, planOf(), replayChooser([{ at, to: 'a' }]));
    expect(anchors).toEqual([{ lane: 'b', at: { steps: own, marks: 0 }, to: 'a' }]);
    const followed = await follow(little, planOf(), anchors);
    expect(followed.anchors).toEqual(anchors);
    const there = await place(little);
    expect(there.at).toBeLessThan(at);
    expect(followed.history.preemptions).toEqual([{ at: there.at, to: 'a' }]);
    const byNumber = await record(little, planOf(), replayChooser([{ at, to: 'a' }]));
    expect(byNumber.anchors).not.toEqual(anchors);
  });

  test('what cannot be done is left out: a lane that is gone, a place that is never reached', async () => {
    const { anchors } = await follow(writers, planOf(), [
      { lane: 'a', at: { steps: 5, marks: 0 }, to: 'nobody' },
      { lane: 'b', at: { steps: 1_000_000, marks: 0 }, to: 'a' },
      { lane: 'nobody', at: { steps: 3, marks: 0 }, to: 'a' },
    ]);
    expect(anchors).toEqual([]);
  });
});

const lane = (name: string) => ({ name, process: { name, lanes: [] }, files: [] });

describe('marks of deep engines', () => {
  test('are counted apart: so many since the last step', () => {
    const own = new OwnSteps();
    const see = (who: string, ...kinds: readonly (keyof typeof op)[]) => {
      for (const kind of kinds) own.see(0, { ...emptyRecord(), op: op[kind] }, lane(who));
    };
    see('a', 'start', 'mark', 'mark');
    expect(own.of('a')).toEqual({ steps: 1, marks: 2 });
    see('b', 'mark', 'read', 'mark');
    see('a', 'read');
    expect([own.of('a'), own.of('b'), own.of('c')]).toEqual([
      { steps: 2, marks: 0 },
      { steps: 1, marks: 1 },
      { steps: 0, marks: 0 },
    ]);
    see('a', 'mark', 'fault', 'quiet');
    expect(own.of('a')).toEqual({ steps: 2, marks: 1 });
    expect([...own.counts()]).toEqual([
      ['a', 2],
      ['b', 1],
    ]);
  });

  test('an anchor between two marks waits for the mark; without marks it waits for the next step', () => {
    const seeing = (chooser: AnchoredChooser, ...kinds: readonly (keyof typeof op)[]) => {
      for (const kind of kinds) chooser.see(0, { ...emptyRecord(), op: op[kind] }, lane('a'));
    };
    const ahead = () => ({ record: emptyRecord(), file: '' });
    const decision = (steps: number) => ({ steps, points: 0, ready: ['a', 'b'], fallback: 'a', ahead });
    const anchors = [{ lane: 'a', at: { steps: 2, marks: 1 }, to: 'b' }];
    const deep = new AnchoredChooser(anchors);
    expect(deep.choose(decision(0))).toEqual({ lane: 'a', untilStep: 2 });
    seeing(deep, 'start', 'mark', 'mark', 'read');
    expect(deep.choose(decision(4))).toEqual({ lane: 'a', untilStep: 5 });
    seeing(deep, 'mark');
    expect(deep.choose(decision(5)).lane).toBe('b');
    const plain = new AnchoredChooser(anchors);
    seeing(plain, 'start', 'read');
    expect(plain.choose(decision(2)).lane).toBe('a');
    seeing(plain, 'read');
    expect(plain.choose(decision(3)).lane).toBe('b');
    expect(plain.choose(decision(3)).lane).toBe('a');
  });
});

describe('near anchors', () => {
  const anchors: readonly Anchor[] = Array.from({ length: 20 }, (_, i) => ({
    lane: 'a',
    at: { steps: i * 10, marks: i % 3 },
    to: 'b',
  }));

  test('most stay, some move a little, as many as asked for are gone', () => {
    let moved = 0;
    for (let seed = 0; seed < 50; seed++) {
      const near = nearAnchors(anchors, stream('workload', seed, 0), 3);
      expect(near).toHaveLength(17);
      expect(near).toEqual(nearAnchors(anchors, stream('workload', seed, 0), 3));
      for (const anchor of near) {
        expect(anchor.at.steps).toBeGreaterThanOrEqual(0);
        if (!anchors.includes(anchor)) moved++;
      }
    }
    expect(moved / (50 * 17)).toBeGreaterThan(0.1);
    expect(moved / (50 * 17)).toBeLessThan(0.4);
  });

  test('of none there are none', () => {
    expect(nearAnchors([], stream('chooser', 1, 1), 2)).toEqual([]);
    expect(nearAnchors(anchors.slice(0, 1), stream('chooser', 1, 1), 5)).toEqual([]);
  });
});
