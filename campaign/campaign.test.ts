// What a campaign gives is what one process alone would have found: whoever made which range, however often, and whatever died
// meanwhile. Runs are simulated; real ones are in real-runs.test.ts.
import { dir } from 'tmp-promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { campaignIn, setState } from './campaigns.ts';
import { Ledger } from './ledger.ts';
import { Queue } from './queue.ts';
import type { Database } from './store/database.ts';
import { openStore } from './store/open.ts';
import { statusOf, totalsOf } from './totals.ts';
import {
  aloneOf,
  exactTotals,
  newCampaign,
  shortTimes,
  specOf,
  workedOn,
} from './testing/campaign-lab.test-support.ts';
import { hasServer, startServer, type TestServer } from './testing/server.test-support.ts';
import { simulated } from './testing/simulated.test-support.ts';

const use = { connections: 8, stop: () => false };

interface Place {
  readonly database: Database;
  readonly close: () => Promise<void>;
}

async function inFolder(): Promise<Place> {
  const { path, cleanup } = await dir({ unsafeCleanup: true });
  const database = await openStore(`${path}/store`, use);
  return { database, close: () => database.close().then(() => cleanup()) };
}

async function onServer(): Promise<Place & { readonly server: TestServer }> {
  const server = await startServer();
  const database = await openStore(server.url, use);
  return { database, server, close: () => database.close().then(() => server.remove()) };
}

describe.each([
  ['a folder', true, inFolder],
  ['a server', hasServer, onServer],
] as const)('in %s', (_where, isThere, open) => {
  let place: Place;
  beforeAll(async () => {
    if (isThere) place = await open();
  });
  afterAll(async () => {
    if (isThere) await place.close();
  });

  test.skipIf(!isThere)('several jobs, or a worker after the other, give what one loop gives', async () => {
    const spec = specOf();
    await newCampaign(place.database, 'alike', spec);
    let made = 0;
    const makeRuns = () => simulated(spec, { onMade: () => made++ });
    expect(await workedOn(place.database, 'alike', { makeRuns, stop: () => made > 5 })).toBe('told');
    expect(await workedOn(place.database, 'alike', { jobs: 3 })).toBe('done');
    expect(await exactTotals(place.database, 'alike')).toEqual(aloneOf(spec));
    // A row of a damaged database, as an explanation has it. PostgreSQL looks into no document with a NUL in it.
    const failure = JSON.stringify({ plan: { seed: 7 }, explanation: ['It read the row \0.'] });
    await place.database.query(`UPDATE lockstep.shown SET failure = $1 WHERE campaign = 'alike'`, [failure]);
    const [total] = await totalsOf(place.database, await campaignIn(place.database, 'alike'));
    expect(total?.groups.map(({ kept: [first] }) => first.small)).toEqual(total?.groups.map(() => ({ seed: 7 })));
  });

  test.skipIf(!isThere)(
    'a range that cannot be made is tried again, and set aside with its error; the others count',
    async () => {
      const spec = specOf({ runs: 40, cells: specOf().cells.slice(0, 1) });
      await newCampaign(place.database, 'poison', spec);
      const tries: number[] = [];
      const makeRuns = () => {
        const made = simulated(spec, { broken: [1] });
        return {
          ...made,
          make: (...asked: Parameters<typeof made.make>) => (tries.push(asked[1].first), made.make(...asked)),
        };
      };
      expect(await workedOn(place.database, 'poison', { makeRuns })).toBe('done');
      const [total] = await totalsOf(place.database, await campaignIn(place.database, 'poison'));
      const [aside] = total?.setAside ?? [];
      expect(aside).toMatchObject({ first: 1, error: { code: 'SIMULATED' } });
      expect(tries.filter((first) => first === 1)).toHaveLength(3);
      expect(total?.runs).toBe(40 - (aside?.count ?? 0));
    },
  );

  test.skipIf(!isThere)(
    'nobody begins a range of a campaign that is paused; one that is stopped ends its workers',
    async () => {
      const spec = specOf({ runs: 100_000 });
      await newCampaign(place.database, 'turns', spec);
      let made = 0;
      let paused: number | undefined;
      const makeRuns = () => simulated(spec, { msOfRun: 1, onMade: () => made++ });
      const end = workedOn(place.database, 'turns', { makeRuns });
      await expect.poll(() => made, { timeout: 30_000 }).toBeGreaterThan(3);
      await setState(place.database, await campaignIn(place.database, 'turns'), 'paused');
      await expect
        .poll(() => (paused === made ? 'still' : ((paused = made), 'going')), { interval: 1000, timeout: 30_000 })
        .toBe('still');
      await setState(place.database, await campaignIn(place.database, 'turns'), 'running');
      await expect.poll(() => made, { timeout: 30_000 }).toBeGreaterThan(paused ?? made);
      await setState(place.database, await campaignIn(place.database, 'turns'), 'stopped');
      expect(await end).toBe('stopped');
      const [status] = await statusOf(place.database, await campaignIn(place.database, 'turns'));
      expect(status?.runs).toBeGreaterThan(0);
    },
  );

  test.skipIf(!isThere)(
    'a range that two have made counts once, whether the second has all of it or a part',
    async () => {
      const { database } = place;
      const spec = specOf({ runs: 20, cells: specOf().cells.slice(0, 1) });
      await newCampaign(database, 'twice', spec);
      const queue = await Queue.open(database, 'twice', { times: shortTimes, onTrouble: () => {} });
      const ledger = new Ledger(database, queue, 'twice');
      const [cell] = spec.cells;
      if (cell === undefined) throw new Error('no cell');
      try {
        while ((await ledger.plan(spec, 1)) !== 0) {
          const claim = await queue.claim('ranges');
          if (claim === undefined) throw new Error('a planned range is not in the queue');
          const whole = await simulated(spec).make(cell, claim.data, () => false);
          const none = await simulated(spec).make(cell, claim.data, () => true);
          await ledger.settle(spec, claim, whole, 'first');
          await ledger.settle(spec, claim, whole, 'second');
          await ledger.settle(spec, claim, none, 'third, which was stopped');
        }
      } finally {
        await queue.close();
      }
      expect(await exactTotals(database, 'twice')).toEqual(aloneOf(spec));
    },
  );
});

test.skipIf(!hasServer)('workers that plan and settle side by side never wait for each other in a circle', async () => {
  const server = await startServer();
  const databases = await Promise.all(Array.from({ length: 6 }, () => openStore(server.url, use)));
  const [database] = databases;
  if (database === undefined) throw new Error('no store');
  try {
    const spec = specOf({ runs: 300, rangeMs: 1 });
    await newCampaign(database, 'side-by-side', spec);
    await Promise.all(databases.map((one) => workedOn(one, 'side-by-side')));
    expect(await exactTotals(database, 'side-by-side')).toEqual(aloneOf(spec));
    await database.query('SELECT pg_stat_force_next_flush()');
    const [row] = await database.query(
      `SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()`,
    );
    expect(row?.['deadlocks']).toBe(0);
  } finally {
    await Promise.all(databases.map((one) => one.close()));
    await server.remove();
  }
});

test.skipIf(!hasServer)(
  'who finds that somebody else plans leaves it to him, where there is something to take',
  async () => {
    const server = await startServer();
    const [one, other] = [await openStore(server.url, use), await openStore(server.url, use)];
    const spec = specOf();
    await newCampaign(one, 'planners', spec);
    const queue = await Queue.open(other, 'planners', { times: shortTimes, onTrouble: () => {} });
    const ledger = new Ledger(other, queue, 'planners');
    try {
      await one.transaction(async (sql) => {
        await sql.query(`SELECT 1 FROM lockstep.campaigns FOR NO KEY UPDATE`);
        expect(await ledger.plan(spec, 4, { waits: false })).toBeUndefined();
      });
      expect(await ledger.plan(spec, 4, { waits: false })).toBe(4);
    } finally {
      await queue.close();
      await Promise.all([one.close(), other.close()]);
      await server.remove();
    }
  },
);

test.skipIf(!hasServer)(
  'two that make the same range count once, and a server that dies in the middle changes nothing',
  { timeout: 300_000 },
  async () => {
    const server = await startServer();
    const [one, other] = [await openStore(server.url, use), await openStore(server.url, use)];
    try {
      const spec = specOf({ runs: 400 });
      await newCampaign(one, 'blows', spec);
      let made = 0;
      const makeRuns = () => simulated(spec, { msOfRun: 1, onMade: () => made++ });
      const both = [one, other].map((database) => workedOn(database, 'blows', { makeRuns }));
      await expect.poll(() => made, { timeout: 30_000 }).toBeGreaterThan(5);
      await server.cutAll();
      await expect.poll(() => made, { timeout: 30_000 }).toBeGreaterThan(10);
      await server.kill();
      await server.start();
      expect(await Promise.all(both)).toContain('done');
      expect(await exactTotals(one, 'blows')).toEqual(aloneOf(spec));
    } finally {
      await Promise.all([one.close(), other.close()]);
      await server.remove();
    }
  },
);
