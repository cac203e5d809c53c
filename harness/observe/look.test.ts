// The look from outside, at processes that do what it must see.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Coordinator } from '../run/coordinator.ts';
import { coordinatorOf, planOf, process as start, scenarioOf } from '../testing/lab.test-support.ts';

let reused: Coordinator;
let fresh: Coordinator;
beforeAll(async () => {
  reused = await coordinatorOf({ engine: '3.50.4' });
  fresh = await coordinatorOf({ engine: '3.50.4', fresh: true });
}, 900_000);
afterAll(() => {
  reused.close();
  fresh.close();
});

const wedge = planOf({
  engine: '3.50.4',
  faults: [{ kind: 'lock-cancel', at: { lane: 'holder', op: 'sleep', nth: 1 }, files: 'db' }],
});
const scenario = scenarioOf([
  start('holder', 'holding', { begin: 'BEGIN', ms: 1000 }),
  start('visitor', 'inserting', { from: 0, count: 1 }),
  start('next', 'inserting', { from: 10, count: 1, sleepMs: 2000 }),
]);

test('an unlinked -wal that is held, beside the new one of that name; the same in fresh and reused processes', async () => {
  const looks = [];
  for (const coordinator of [reused, reused, fresh]) looks.push((await coordinator.run(scenario, wedge)).looks);
  expect(looks[1]).toEqual(looks[0]);
  expect(looks[2]).toEqual(looks[0]);
  const [seen] = looks[0] ?? [];
  expect(seen?.label).toBe('holding');
  expect(seen?.openFiles).toContainEqual({ process: 'holder', file: 'lab.db-wal', deleted: true, generation: 1 });
  expect(seen?.openFiles).toContainEqual({ process: 'next', file: 'lab.db-wal', deleted: false, generation: 2 });
  expect(seen?.paths).toContainEqual({ file: 'lab.db-wal', generation: 2 });
  expect(seen?.broken.map(({ file }) => file)).toContain('lab.db');
});

test('a sound holder: one generation of each file, every lock in its place', async () => {
  const { looks } = await reused.run(scenario, planOf({ engine: '3.50.4' }));
  const [seen] = looks;
  expect(seen?.openFiles.filter(({ deleted, generation }) => deleted || generation !== 1)).toEqual([]);
  expect(seen?.broken).toEqual([]);
  expect(seen?.locks.map(({ kind }) => kind)).toContain('posix');
});

test.each([
  ['BEGIN IMMEDIATE', ['RESERVED', 'SHARED']],
  ['BEGIN EXCLUSIVE', ['EXCLUSIVE', 'RESERVED']],
] as const)('a look in the middle of a transaction judges its locks too: %s', async (begin, held) => {
  const holder = scenarioOf([start('holder', 'holding', { begin, ms: 1000 })], 'delete');
  const faults: typeof wedge.faults = [
    { kind: 'lock-cancel', at: { lane: 'holder', op: 'sleep', nth: 1 }, files: 'db' },
  ];
  const lookOf = async (plan: typeof wedge) => (await reused.run(holder, plan)).looks[0];
  const whats = (locks: readonly { readonly what: string }[] = []) => locks.map(({ what }) => what).toSorted();
  const sound = await lookOf(planOf({ engine: '3.50.4' }));
  expect({ believed: whats(sound?.believed), broken: whats(sound?.broken) }).toEqual({ believed: held, broken: [] });
  expect(whats((await lookOf(planOf({ engine: '3.50.4', faults })))?.broken)).toEqual(held);
});

test.each([
  ['moved aside', [['rename', 'lab.db', 'aside']]],
  ['moved aside with its wal-index', ['lab.db', 'lab.db-shm'].map((name) => ['rename', name, `${name}.aside`])],
  [
    'unlinked',
    [
      ['unlink', 'lab.db'],
      ['unlink', 'lab.db-shm'],
    ],
  ],
  [
    'unlinked, and its name given to another',
    [
      ['copy', 'lab.db', 'copy'],
      ['rename', 'copy', 'lab.db'],
      ['rename', 'lab.db', 'aside'],
    ],
  ],
] as const)('locks on a database that was %s are still held', async (_what, acts) => {
  const { looks } = await reused.run(
    scenarioOf([
      start('holder', 'holding', { begin: 'BEGIN', ms: 1000 }),
      start('person', 'shelling', { afterMs: 500, acts }),
    ]),
    planOf({ engine: '3.50.4' }),
  );
  expect(looks[0]?.believed.length).toBeGreaterThan(1);
  expect(looks[0]?.broken).toEqual([]);
});
