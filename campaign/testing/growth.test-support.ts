// `npm run bench:campaign`: how far a store carries. Ranges are simulated (no SQLite work), workers are processes of their own, the
// server is one of this machine with its usual settings. For 1, 2, 4, 8 and 16 workers, and again after each tenfold number of ranges:
// ranges a second, how long a claim takes, how large the tables are, what `status` and `report` cost. Between the sizes the server
// fills the table of ranges by itself: a million by workers would take an hour. What stays out: what
// it means (docs/campaigns.md).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { campaignIn } from '../campaigns.ts';
import type { Database } from '../store/database.ts';
import { openStore } from '../store/open.ts';
import { statusOf, totalsOf, workOn } from '../totals.ts';
import { newCampaign, specOf } from './campaign-lab.test-support.ts';
import { startServer } from './server.test-support.ts';

const { values } = parseArgs({
  options: {
    ranges: { type: 'string', default: '1e6' },
    workers: { type: 'string', default: '1,2,4,8,16' },
    cells: { type: 'string', default: '10' },
    runs: { type: 'string', default: '50' },
    seconds: { type: 'string', default: '10' },
  },
});
const program = new URL('./bench-worker.test-support.ts', import.meta.url).pathname;
const name = 'growth';
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** @returns milliseconds of each claim, of all workers, and the ranges that they settled a second */
async function round(database: Database, url: string, workers: number, seconds: number) {
  const args = ['--no-warnings', program, url, name, String(seconds), values.runs];
  const all = Array.from({ length: workers }, () =>
    spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] }),
  );
  const said = all.map((one) => {
    let text = '';
    one.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
    return () => text;
  });
  await Promise.all(all.map((one) => once(one.stdout, 'data')));
  const before = await rangesIn(database);
  const began = performance.now();
  for (const one of all) one.stdin.write('go\n');
  await Promise.all(all.map((one) => once(one, 'close')));
  const took = (performance.now() - began) / 1000;
  const made = (await rangesIn(database)) - before;
  const claims = said.flatMap((text) => JSON.parse(text().split('\n')[1] ?? '[]') as number[]);
  return { claims: claims.toSorted((a, b) => a - b), perSecond: made / took };
}

async function rangesIn(database: Database): Promise<number> {
  const [row] = await database.query('SELECT count(*)::int AS n FROM lockstep.ranges');
  return Number(row?.['n']);
}

/** Settles so many ranges at once, as many of each cell, as far as `ranges` and what planning reads are concerned. */
async function fill(database: Database, ranges: number, runs: number): Promise<void> {
  const asked = [name, Math.ceil(ranges / Number(values.cells)), runs];
  await database.transaction(async (sql) => {
    await sql.query(
      `INSERT INTO lockstep.ranges (campaign, cell, first, count, reached, steps, seconds, marks, hazards, failed, failing,
         fingerprints, hashes, machine)
       SELECT c.campaign, c.cell, c.next + i * $3::int, $3, $3 / 3, 4000 * $3, 10, jsonb_build_object(
         'wal reset inside a checkpoint', $3 / 3, 'checkpoint truncated the wal', $3), '[]', '{}', 0,
         (SELECT string_agg(sha256(convert_to(c.cell || '.' || i || '.' || k, 'UTF8')), '') FROM generate_series(1, ($3 + 3) / 4) k),
         (hashtextextended(c.cell, i)::bit(64) || repeat('0', 192)::bit(192))::bit(256), 'filled'
       FROM lockstep.cells c, generate_series(0, $2::int - 1) i WHERE c.campaign = $1`,
      asked,
    );
    await sql.query(
      `UPDATE lockstep.cells SET next = next + $2::bigint * $3, runs = runs + $2::bigint * $3, weight = weight + $2
       WHERE campaign = $1`,
      asked,
    );
  });
  await database.query('ANALYZE lockstep.ranges'); // as the server does by itself, a minute later
}

/** Of tables with their indexes and what is stored beside them, in bytes; those of the queue together. */
async function sizes(database: Database): Promise<{ readonly ranges: number; readonly queue: number }> {
  const [row] = await database.query(
    `SELECT pg_total_relation_size('lockstep.ranges')::float8 AS ranges, (
       SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::float8 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname = 'lockstep_queue' AND c.relkind = 'r') AS queue`,
  );
  return { ranges: Number(row?.['ranges']), queue: Number(row?.['queue']) };
}

async function msOf(body: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await body();
  return performance.now() - began;
}

async function tell(database: Database, url: string): Promise<void> {
  const ranges = await rangesIn(database);
  for (const workers of values.workers.split(',').map(Number)) {
    const { claims, perSecond } = await round(database, url, workers, Number(values.seconds));
    const at = (part: number): string => (claims[Math.floor(part * claims.length)] ?? Number.NaN).toFixed(1);
    say(
      `${String(ranges).padStart(9)} ranges  ${String(workers).padStart(2)} workers  ${perSecond.toFixed(0).padStart(6)} ranges/s` +
        `  claim p50 ${at(0.5).padStart(6)} ms  p99 ${at(0.99).padStart(7)} ms`,
    );
  }
  const campaign = await campaignIn(database, name);
  const status = await msOf(async () => [await statusOf(database, campaign), await workOn(database, campaign)]);
  const totals = await msOf(() => totalsOf(database, campaign));
  const size = await sizes(database);
  say(
    `${String(await rangesIn(database)).padStart(9)} ranges: ranges ${(size.ranges / 2 ** 20).toFixed(0)} MiB, queue` +
      ` ${(size.queue / 2 ** 20).toFixed(1)} MiB; status ${status.toFixed(1)} ms, totals for a report ${(totals / 1000).toFixed(2)} s`,
  );
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1)); // the server goes with it
const server = await startServer();
const database = await openStore(server.url, { connections: 2, stop: () => false });
try {
  const cells = Array.from({ length: Number(values.cells) }, (_, i) => {
    return { scenario: 's', strategy: `c${i}`, engine: '3.50.4' };
  });
  const most = Number(values.ranges);
  await newCampaign(database, name, specOf({ runs: 1e9, rangeMs: 10_000, cells }));
  await database.query('UPDATE lockstep.cells SET size = $1', [Number(values.runs)]);
  await tell(database, server.url);
  for (let wanted = 10_000; wanted <= most; wanted *= 10) {
    const left = wanted - (await rangesIn(database));
    if (left > 0) await fill(database, left, Number(values.runs));
    await tell(database, server.url);
  }
} finally {
  await database.close();
  await server.remove();
}
