// Settings of SQLite that a plan asks for: they hold on every connection of every lane, a program's own win, and nothing
// of them is left in a process for the next run.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Coordinator } from '../run/coordinator.ts';
import { counter, counterPlan } from '../search/counter-lab.test-support.ts';
import type { SqliteParameters } from '../model/plan.ts';
import type { History } from '../model/history.ts';
import type { Json } from '../model/values.ts';
import { coordinatorOf, observed } from '../testing/lab.test-support.ts';

let coordinator: Coordinator;
let fresh: Coordinator;
beforeAll(async () => {
  coordinator = await coordinatorOf();
  fresh = await coordinatorOf({ fresh: true });
});
afterAll(() => {
  coordinator.close();
  fresh.close();
});

/** One process that reads its settings, after it has made some of its own. */
async function run(
  sqlite: SqliteParameters | undefined,
  own: readonly string[] = [],
  on = coordinator,
): Promise<History> {
  const args = { own } as unknown as Json;
  const scenario = { ...counter, start: () => [{ name: 'p', program: 'settings', args }] };
  const { parameters } = counter;
  return on.run(scenario, counterPlan({ parameters: sqlite === undefined ? parameters : { ...parameters, sqlite } }));
}

function said(history: History): readonly Json[] {
  expect(history.endings).toEqual([{ lane: 'p', ending: { how: 'returned' } }]);
  return [...observed(history, 'settings'), ...observed(history, 'fresh')];
}

/** SQLite's own: a cache of 2,000 KiB (sqlite.org/pragma.html#pragma_cache_size), better-sqlite3 sets 16,000. */
let plain: readonly Json[];
beforeAll(async () => {
  plain = said(await run(undefined));
});

test('without any, SQLite and its binding decide', () => {
  expect(plain).toEqual([
    { page_size: 4096, cache_size: expect.any(Number) as number, wal_autocheckpoint: 1000 },
    4096,
  ]);
});

describe('what a plan asks for', () => {
  test.each([512, 1024, 2048, 8192, 65_536] as const)(
    'pages of %i bytes, in every database of the run',
    async (pageBytes) => {
      const [settings, size] = said(await run({ pageBytes }));
      expect({ settings, size }).toMatchObject({ settings: { page_size: pageBytes }, size: pageBytes });
    },
  );

  test('a cache of so many pages, and checkpoints after so many', async () => {
    expect(said(await run({ cachePages: 7, autocheckpointPages: 3 }))[0]).toMatchObject({
      page_size: 4096,
      cache_size: 7,
      wal_autocheckpoint: 3,
    });
    expect(said(await run({ autocheckpointPages: 0 }))[0]).toMatchObject({ wal_autocheckpoint: 0 });
  });

  test("a program's own settings win", async () => {
    const own = ['cache_size=33', 'wal_autocheckpoint=44'];
    expect(said(await run({ cachePages: 7, autocheckpointPages: 3 }, own))[0]).toMatchObject({
      cache_size: 33,
      wal_autocheckpoint: 44,
    });
  });

  test('makes another run, and the same one again', async () => {
    const asked: readonly (SqliteParameters | undefined)[] = [
      undefined,
      { pageBytes: 512 },
      { pageBytes: 1024 },
      { cachePages: 2 },
      { autocheckpointPages: 1 },
      { autocheckpointPages: 2, pageBytes: 512 },
    ];
    const workload = {
      writers: [{ rounds: Array.from({ length: 6 }, () => ({ act: 'note', bytes: 900 })) }],
      readers: [],
    };
    const hashOf = async (sqlite: SqliteParameters | undefined) => {
      const parameters = sqlite === undefined ? counter.parameters : { ...counter.parameters, sqlite };
      return (await coordinator.run(counter, counterPlan({ workload: workload as unknown as Json, parameters }))).hash;
    };
    const hashes: string[] = [];
    for (const sqlite of asked) hashes.push(await hashOf(sqlite));
    expect(new Set(hashes).size).toBe(asked.length);
    for (const [i, sqlite] of asked.entries()) expect(await hashOf(sqlite)).toBe(hashes[i]);
  });
});

test('nothing is left for the next run in the same process, and fresh processes see the same', async () => {
  const all = { pageBytes: 512, cachePages: 7, autocheckpointPages: 3 } as const;
  const before = await run(undefined);
  const set = await run(all);
  expect(said(set)).not.toEqual(plain);
  const after = await run(undefined);
  expect({ said: said(after), hash: after.hash }).toEqual({ said: plain, hash: before.hash });
  expect((await run(all, [], fresh)).hash).toBe(set.hash);
  expect((await run(undefined, [], fresh)).hash).toBe(before.hash);
});
