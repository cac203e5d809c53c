// pct keeps its promise: how often it finds bugs of a given depth, on lanes that exist on paper; and that no real lane
// starves the others.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Coordinator } from '../coordinator.ts';
import { stream } from '../../model/random.ts';
import { emptyRecord } from '../../model/record.ts';
import { coordinatorOf, planOf, process as start, scenarioOf } from '../../testing/lab.test-support.ts';
import type { Chooser } from '../chooser.ts';
import { pctBound, pctChooser } from './pct.ts';

const ahead = () => ({ record: emptyRecord(), file: '' });

/** Runs lanes that only count. Result: who took each switch point. */
function paperRun(chooser: Chooser, lengths: { readonly [lane: string]: number }): readonly string[] {
  const left = new Map(Object.entries(lengths));
  const taken: string[] = [];
  let current = '';
  for (;;) {
    const ready = [...left].filter(([, n]) => n > 0).map(([lane]) => lane);
    const fallback = ready.includes(current) ? current : ready[0];
    if (fallback === undefined) return taken;
    const { lane, points = Infinity } = chooser.choose({
      steps: taken.length,
      points: taken.length,
      ready,
      fallback,
      ahead,
    });
    const n = Math.min(points, left.get(lane) ?? 0);
    if (n < 1) throw new Error(`no step for ${lane}`);
    taken.push(...Array.from({ length: n }, () => lane));
    left.set(lane, (left.get(lane) ?? 0) - n);
    current = lane;
  }
}

/** Switch point at which a lane takes its `n`th, from 1 on. */
function when(taken: readonly string[], lane: string, n: number): number {
  let seen = 0;
  return taken.findIndex((one) => one === lane && ++seen === n);
}

const lengths = { a: 6, b: 4, c: 2 };
const points = 12;

/** Bugs that take certain orders of steps of different lanes; their depth is how many. */
const bugs: readonly (readonly [depth: number, name: string, happens: (taken: readonly string[]) => boolean])[] = [
  [1, 'c begins before a does', (t) => when(t, 'c', 1) < when(t, 'a', 1)],
  [2, 'b begins and ends within a', (t) => when(t, 'a', 3) < when(t, 'b', 1) && when(t, 'b', 4) < when(t, 'a', 4)],
  [
    3,
    'a stops in b, which stops in a',
    (t) => when(t, 'a', 3) < when(t, 'b', 2) && when(t, 'b', 2) < when(t, 'a', 4) && when(t, 'a', 6) < when(t, 'b', 3),
  ],
];

describe('finds a bug at least as often as it promises', () => {
  test.each(bugs)('depth %i: %s', (depth, _name, happens) => {
    const runs = 20_000; // some fifty finds at the least
    let found = 0;
    for (let run = 0; run < runs; run++) {
      const chooser = pctChooser(stream('chooser', 1, run), { depth, pointsExpected: points });
      if (happens(paperRun(chooser, lengths))) found++;
    }
    const bound = pctBound({ lanes: 3, points, depth });
    expect(found / runs).toBeGreaterThanOrEqual(bound);
    expect(found).toBeLessThan(runs);
  });

  test('the bound is 1/(n·k^(d−1))', () => {
    expect(pctBound({ lanes: 3, points: 100, depth: 1 })).toBeCloseTo(1 / 3);
    expect(pctBound({ lanes: 3, points: 100, depth: 3 })).toBeCloseTo(1 / 30_000);
  });
});

test('of depth 1 each lane runs to its end, in an order that chance makes', () => {
  const orders = new Set<string>();
  for (let run = 0; run < 200; run++) {
    const taken = paperRun(pctChooser(stream('chooser', 2, run), { depth: 1, pointsExpected: points }), lengths);
    const turns = taken.filter((lane, i) => lane !== taken[i - 1]);
    expect(turns).toHaveLength(3);
    orders.add(turns.join(''));
  }
  expect(orders.size).toBe(6);
});

test('of depth d a lane is interrupted d − 1 times at most', () => {
  for (let run = 0; run < 200; run++) {
    const taken = paperRun(pctChooser(stream('chooser', 3, run), { depth: 4, pointsExpected: points }), lengths);
    expect(taken.filter((lane, i) => lane !== taken[i - 1]).length).toBeLessThanOrEqual(3 + 3);
  }
});

describe('with real lanes', () => {
  let coordinator: Coordinator;
  beforeAll(async () => {
    coordinator = await coordinatorOf();
  });
  afterAll(() => coordinator.close());

  test('a lane that tries again and again lets the one go first that it waits for, also after the end of the plan', async () => {
    // The holder takes the lock and drops in priority; once the plan's end is reached, no sleep of the waiter lasts.
    const forEver = 1_000_000;
    const scenario = scenarioOf([
      start('holder', 'flocking', { holdMs: forEver }),
      start('waiter', 'flocking', { timeoutMs: forEver }),
    ]);
    const plan = planOf({ parameters: { gateways: 1, horizonMs: 500, stepsMax: 5000 } });
    for (let run = 0; run < 40; run++) {
      const history = await coordinator.run(
        scenario,
        plan,
        pctChooser(stream('chooser', 4, run), { depth: 3, pointsExpected: 6 }),
      );
      expect(history.end).toBe('stopped');
      expect(history.endings.map(({ ending }) => ending.how)).toEqual(['returned', 'returned']);
    }
  });

  test('its run replays from the preemptions it made', async () => {
    const scenario = scenarioOf([
      start('a', 'inserting', { from: 0, count: 3 }),
      start('d', 'connectingThreads', { sleepMs: 2, from: 200 }),
    ]);
    const plan = planOf();
    for (let run = 0; run < 4; run++) {
      const chooser = pctChooser(stream('chooser', 5, run), { depth: 4, pointsExpected: 400 });
      const { hash, preemptions } = await coordinator.run(scenario, plan, chooser);
      expect((await coordinator.run(scenario, { ...plan, preemptions })).hash).toBe(hash);
    }
  });
});
