// The first promise: same plan, same trace hash; and what a trace may not hold.
import { hostname } from 'node:os';
import { fc, test as property } from '@fast-check/vitest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Coordinator } from './coordinator.ts';
import { stream } from '../model/random.ts';
import type { Fault } from '../model/fault.ts';
import { Tables } from '../observe/tables.ts';
import { coordinatorOf, planOf, process as start, scenarioOf, StepKeeper } from '../testing/lab.test-support.ts';
import { long, runsOf } from '../testing/long.test-support.ts';
import { turnsChooser } from './choosers/preemptions.ts';

let coordinator: Coordinator;
let fresh: Coordinator;
/** Of the reference host. */
let node: Coordinator;
let freshNode: Coordinator;
beforeAll(async () => {
  coordinator = await coordinatorOf();
  fresh = await coordinatorOf({ fresh: true });
  node = await coordinatorOf({ host: 'node' });
  freshNode = await coordinatorOf({ host: 'node', fresh: true });
});
afterAll(() => {
  for (const one of [coordinator, fresh, node, freshNode]) one.close();
});

const busy = (journal: 'wal' | 'delete') =>
  scenarioOf(
    [
      start('a', 'inserting', { from: 0, count: 6 }),
      start('b', 'inserting', { from: 100, count: 6, sleepMs: 3 }),
      start('c', 'reading', 6),
      start('d', 'connectingThreads', { sleepMs: 2, from: 200 }),
    ],
    journal,
  );

const faultArbitrary: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({ kind: fc.constant('kill' as const), at: fc.record({ step: fc.nat(1500) }) }),
  fc.record({
    kind: fc.constant('pause' as const),
    at: fc.record({ step: fc.nat(1500) }),
    ms: fc.integer({ min: 1, max: 50 }),
  }),
  fc.record({
    kind: fc.constant('lock-cancel' as const),
    at: fc.record({ step: fc.nat(1500) }),
    files: fc.constantFrom('db' as const, 'all' as const),
  }),
  fc.record({
    kind: fc.constant('io-error' as const),
    at: fc.record({ step: fc.nat(1500) }),
    code: fc.constantFrom('SQLITE_IOERR_WRITE', 'SQLITE_BUSY', 'SQLITE_FULL'),
  }),
);

// Interruptions in the middle of a run must not depend on whether a chooser or a plan asked for them.
property.prop(
  [
    fc.nat(1_000_000),
    fc.array(faultArbitrary, { maxLength: 2 }),
    fc.constantFrom('wal' as const, 'delete' as const),
    fc.record(
      {
        ioCost: fc.record({
          seed: fc.nat(1000),
          every: fc.constantFrom(1, 7, 60),
          ms: fc.integer({ min: 1, max: 9 }),
        }),
        switchPoints: fc.constant('unguarded' as const),
      },
      { requiredKeys: [] },
    ),
  ],
  {
    numRuns: runsOf(8, 3),
    examples: [
      // Between asking for a thread and its start another thread of the process draws: a thread that is made then, and not
      // taken from those that wait, must not disturb SQLite's chance.
      [
        999_989,
        [
          { kind: 'pause', at: { step: 1333 }, ms: 2 },
          { kind: 'io-error', at: { step: 167 }, code: 'SQLITE_BUSY' },
        ],
        'delete',
        {},
      ],
    ],
  },
)(
  'a run by chance replays from its preemptions: reused, reused again, in fresh processes, and so in the Node host',
  async (seed, faults, journal, io) => {
    const scenario = busy(journal);
    const plan = planOf({ seed, faults, parameters: { ...planOf().parameters, ...io } });
    const found = await coordinator.run(scenario, plan, turnsChooser(stream('chooser', seed, 0)));
    const replayed = { ...plan, preemptions: found.preemptions };
    const hashes: string[] = [];
    for (const one of [coordinator, coordinator, fresh, node, node, freshNode])
      hashes.push((await one.run(scenario, replayed)).hash);
    expect(hashes).toEqual(hashes.map(() => found.hash));
  },
);

// Where a thread waits, its parent starts SQLite's chance anew (World.thread); where one is made, it does so itself (gate.c).
test(
  'wherever another thread comes between asking for a thread and its start, all draw alike in fresh and reused processes',
  long,
  async () => {
    const scenario = scenarioOf([start('p', 'drawingFromSqlite')]);
    const keeper = new StepKeeper();
    const drawn = async (one: Coordinator, at: number) => {
      const { hash, observations } = await one.run(scenario, planOf({ preemptions: [{ at, to: 'p/a' }] }), undefined, [
        keeper,
      ]);
      return { at, hash, drawn: observations.filter(({ kind }) => kind === 'chance').map(({ data }) => data) };
    };
    await drawn(coordinator, 0);
    const asked = keeper.steps.findLast(({ text }) => text?.startsWith('thread b') === true)?.step;
    if (asked === undefined) throw new Error(JSON.stringify(keeper.steps.slice(0, 60)));
    const moments = Array.from({ length: 7 }, (_, i) => asked - 3 + i);
    const hashes = new Set<string>();
    for (const [i, at] of moments.entries()) {
      const reused = await drawn(coordinator, at);
      hashes.add(reused.hash);
      expect(reused.drawn).toHaveLength(8);
      // Whole Nodes that start anew cost the most: at the first moment, the middle one, the last.
      for (const one of [fresh, node, ...(i % 3 === 0 ? [freshNode] : [])])
        expect(await drawn(one, at)).toEqual(reused);
    }
    expect(hashes.size).toBeGreaterThan(3); // the other thread did come between
  },
);

/** The same value, what objects have in the reverse order. */
function reversed<T>(value: T): T {
  if (Array.isArray(value)) return value.map(reversed) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, one]) => [key, reversed<unknown>(one)]),
  ) as T;
}

test('in whichever order a plan says what it says, it is the same plan', async () => {
  const faults: readonly Fault[] = [
    { kind: 'io-error', at: { lane: 'a', op: 'write', nth: 2 }, code: 'SQLITE_IOERR_WRITE', until: { step: 900 } },
    { kind: 'lock-cancel', at: { step: 40 }, files: 'all' },
    { kind: 'pause', at: { step: 60 }, ms: 5 },
    { kind: 'kill', at: { timeMs: 4 }, process: 'c' },
  ];
  const plan = planOf({ faults });
  const { hash, strikes } = await coordinator.run(busy('wal'), plan);
  expect(strikes.map(({ kind }) => kind).toSorted()).toEqual(['io-error', 'kill', 'lock-cancel', 'pause']);
  expect((await coordinator.run(busy('wal'), reversed(plan))).hash).toBe(hash);
});

test('another seed, another schedule or another fault is another hash', async () => {
  const hash = async (more: Parameters<typeof planOf>[0]) => (await coordinator.run(busy('wal'), planOf(more))).hash;
  const hashes = [
    await hash({}),
    await hash({ seed: 8 }),
    await hash({ preemptions: [{ at: 90, to: 'b' }] }),
    await hash({ faults: [{ kind: 'pause', at: { step: 90 }, ms: 5 }] }),
  ];
  expect(new Set(hashes).size).toBe(hashes.length);
});

test('a preemption happens at its step, and one to a lane that cannot run is ignored', async () => {
  const keeper = new StepKeeper();
  const plan = planOf({ preemptions: [{ at: 90, to: 'b' }] });
  await coordinator.run(busy('wal'), plan, undefined, [keeper]);
  const at = keeper.steps.findIndex(({ lane }) => lane === 'b');
  expect(at).toBeGreaterThanOrEqual(90);
  expect(at).toBeLessThan(100);
  const ignored = await coordinator.run(busy('wal'), planOf({ preemptions: [{ at: 90, to: 'nobody' }] }));
  expect(ignored.hash).toBe((await coordinator.run(busy('wal'), planOf())).hash);
  expect(ignored.preemptions).toEqual([]);
});

test('a trace names no process id, no path and no host', async () => {
  const keeper = new StepKeeper();
  await coordinator.run(busy('wal'), planOf({ faults: [{ kind: 'kill', at: { step: 300 } }] }), undefined, [keeper]);
  const text = JSON.stringify(keeper.steps);
  expect(keeper.steps.length).toBeGreaterThan(300);
  for (const leak of ['/dev/shm', '/tmp', 'lockstep-', 'file:', `"${process.pid}`, hostname()])
    expect(text).not.toContain(leak);
  expect(new Set(keeper.steps.map(({ file }) => file))).toEqual(
    new Set([undefined, 'lab.db', 'lab.db-wal', 'lab.db-shm', 'lab.db-journal']),
  );
});

property.prop([fc.nat(1_000_000), fc.constantFrom('wal' as const, 'delete' as const)], {
  numRuns: runsOf(15, 4),
  examples: [[777_624, 'wal']],
})(
  'at any moment of a correct run the kernel holds every lock that the trace says SQLite holds',
  async (seed, journal) => {
    const scenario = scenarioOf(
      [start('a', 'inserting', { from: 0, count: 8 }), start('b', 'reading', 8), start('looker', 'looking', 30)],
      journal,
    );
    const tables = new Tables();
    const history = await coordinator.run(scenario, planOf({ seed }), turnsChooser(stream('faults', seed, 0)), [
      tables,
    ]);
    expect(history.looks).toHaveLength(30);
    expect(history.looks.flatMap(({ broken }) => broken)).toEqual([]);
    expect(tables.locks.believed()).toEqual([]);
  },
);
