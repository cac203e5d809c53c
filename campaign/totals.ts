// What a campaign came to so far: sums over distinct ranges, by cell. The same whoever made which range, and how often. What stays out:
// verdicts and pages (report.ts).
import type { ErrorSaid } from '../harness/errors/errors.ts';
import type { Failure } from '../compare/visit.ts';
import { keyOf } from '../compare/cells.ts';
import type { Campaign } from './ledger.ts';
import type { FailingRun } from './range.ts';
import type { Database } from './store/database.ts';

/**
 * @property runs that were made
 * @property failing of these, those that failed
 * @property inWindow drawn at random and in the window; repeats of others among them
 * @property planned ranges that are under way, or will be next
 * @property setAside ranges that could not be made
 * @property seconds real ones of all workers together
 */
export interface CellStatus {
  readonly cell: string;
  readonly runs: number;
  readonly failing: number;
  readonly inWindow: number;
  readonly steps: number;
  readonly seconds: number;
  readonly planned: number;
  readonly setAside: number;
}

/** All cells in their order, without reading what single runs did. */
export async function statusOf(database: Database, { name }: Campaign): Promise<readonly CellStatus[]> {
  const rows = await database.query(
    `SELECT c.cell, coalesce(r.runs, 0)::float8 AS runs, coalesce(r.failing, 0)::float8 AS failing,
       coalesce(r.reached, 0)::float8 AS reached, coalesce(r.steps, 0)::float8 AS steps, coalesce(r.seconds, 0) AS seconds,
       coalesce(p.planned, 0)::int AS planned, coalesce(p.aside, 0)::int AS aside
     FROM lockstep.cells c
     LEFT JOIN (SELECT cell, sum(count) AS runs, sum(failing) AS failing, sum(reached) AS reached, sum(steps) AS steps,
         sum(seconds) AS seconds FROM lockstep.ranges WHERE campaign = $1 GROUP BY cell) r ON r.cell = c.cell
     LEFT JOIN (SELECT cell, count(*) FILTER (WHERE error IS NULL) AS planned, count(*) FILTER (WHERE error IS NOT NULL) AS aside
         FROM lockstep.planned WHERE campaign = $1 GROUP BY cell) p ON p.cell = c.cell
     WHERE c.campaign = $1 ORDER BY c.place`,
    [name],
  );
  return rows.map((row) => ({
    cell: String(row['cell']),
    runs: Number(row['runs']),
    failing: Number(row['failing']),
    inWindow: Number(row['reached']),
    steps: Number(row['steps']),
    seconds: Number(row['seconds']),
    planned: Number(row['planned']),
    setAside: Number(row['aside']),
  }));
}

/** @property machines that worked on it, with the real seconds that each has put in */
export interface WorkStatus {
  readonly workers: number;
  readonly machines: readonly { readonly name: string; readonly seconds: number }[];
}

export async function workOn(database: Database, { name }: Campaign): Promise<WorkStatus> {
  const [row] = await database.query(
    `SELECT count(*)::int AS n FROM lockstep.workers
     WHERE campaign = $1 AND ended IS NULL AND seen > now() - interval '60 seconds'`,
    [name],
  );
  const machines = await database.query(
    `SELECT machine, sum(seconds) AS seconds FROM lockstep.ranges WHERE campaign = $1 GROUP BY machine ORDER BY machine`,
    [name],
  );
  return {
    workers: Number(row?.['n']),
    machines: machines.map((one) => ({ name: String(one['machine']), seconds: Number(one['seconds']) })),
  };
}

/** A failure of a group: the first few runs that failed so, how many did, and the one that was made small. */
export interface GroupTotal {
  readonly group: string;
  readonly runs: readonly number[];
  readonly first: FailingRun;
  readonly shown: Failure | null;
  readonly error: ErrorSaid | null;
}

/**
 * All that is known of a cell.
 *
 * @property repeats runs that count for nothing: an earlier one, by number, did the same
 * @property reached of the others, those in the window
 * @property hashes exclusive or over all runs (range.ts), in hex: two campaigns of the same runs have the same
 */
export interface CellTotal {
  readonly cell: string;
  readonly runs: number;
  readonly repeats: number;
  readonly reached: number;
  readonly steps: number;
  readonly seconds: number;
  readonly marks: { readonly [name: string]: number };
  readonly hazards: readonly string[];
  readonly groups: readonly GroupTotal[];
  readonly hashes: string;
  readonly setAside: readonly { readonly first: number; readonly count: number; readonly error: ErrorSaid }[];
}

/** Ranges that are read at once: their fingerprints are all that is large. */
const readAtOnce = 500;

interface Sums {
  runs: number;
  steps: number;
  seconds: number;
  readonly marks: Map<string, number>;
  readonly hazards: Set<string>;
  readonly failed: Map<string, number[]>;
  readonly hashes: Buffer;
  readonly distinct: Set<bigint>;
  reached: number;
}

export async function totalsOf(database: Database, campaign: Campaign): Promise<readonly CellTotal[]> {
  const totals: CellTotal[] = [];
  for (const cell of campaign.spec.cells) totals.push(await totalOf(database, campaign.name, keyOf(cell)));
  return totals;
}

async function totalOf(database: Database, campaign: string, cell: string): Promise<CellTotal> {
  const sums: Sums = {
    runs: 0,
    steps: 0,
    seconds: 0,
    reached: 0,
    marks: new Map(),
    hazards: new Set(),
    failed: new Map(),
    hashes: Buffer.alloc(32),
    distinct: new Set(),
  };
  for (let from = -1; ; ) {
    const rows = await database.query(
      `SELECT first::text AS first, count, steps::text AS steps, seconds, marks, hazards, failed, fingerprints,
         hashes::text AS hashes
       FROM lockstep.ranges WHERE campaign = $1 AND cell = $2 AND first > $3 ORDER BY ranges.first LIMIT $4`,
      [campaign, cell, from, readAtOnce],
    );
    for (const row of rows) addRange(sums, row);
    const last = rows.at(-1);
    if (last === undefined) break;
    from = Number(last['first']);
  }
  const { runs, reached, steps, seconds, marks, hazards, failed, hashes, distinct } = sums;
  return {
    cell,
    runs,
    repeats: runs - distinct.size,
    reached,
    steps,
    seconds,
    marks: Object.fromEntries([...marks].toSorted(([a], [b]) => (a < b ? -1 : 1))),
    hazards: [...hazards].toSorted(),
    groups: await groupsOf(database, campaign, cell, failed),
    hashes: hashes.toString('hex'),
    setAside: await setAsideOf(database, campaign, cell),
  };
}

function addRange(sums: Sums, row: Readonly<Record<string, unknown>>): void {
  sums.runs += Number(row['count']);
  sums.steps += Number(row['steps']);
  sums.seconds += Number(row['seconds']);
  for (const [name, count] of Object.entries(row['marks'] as CellTotal['marks']))
    sums.marks.set(name, (sums.marks.get(name) ?? 0) + count);
  for (const name of row['hazards'] as readonly string[]) sums.hazards.add(name);
  for (const [group, numbers] of Object.entries(row['failed'] as { readonly [group: string]: readonly number[] }))
    sums.failed.set(group, (sums.failed.get(group) ?? []).concat(numbers));
  const fingerprints = Buffer.from(row['fingerprints'] as Uint8Array);
  for (let at = 0; at + 8 <= fingerprints.length; at += 8) {
    const one = fingerprints.readBigUInt64BE(at);
    if (sums.distinct.has(one)) continue;
    sums.distinct.add(one);
    if ((one & 1n) === 1n) sums.reached++;
  }
  const bits = String(row['hashes']);
  for (let i = 0; i < 32; i++)
    sums.hashes[i] = (sums.hashes[i] ?? 0) ^ Number.parseInt(bits.slice(8 * i, 8 * i + 8), 2);
}

async function groupsOf(
  database: Database,
  campaign: string,
  cell: string,
  failed: ReadonlyMap<string, readonly number[]>,
): Promise<readonly GroupTotal[]> {
  const rows = await database.query(
    `SELECT DISTINCT ON (f."group") f."group", f.run::text AS run, f.plan, f.hash, f.violations, s.failure, s.error
     FROM lockstep.failures f LEFT JOIN lockstep.shown s USING (campaign, cell, "group")
     WHERE f.campaign = $1 AND f.cell = $2 ORDER BY f."group", f.run`,
    [campaign, cell],
  );
  const groups = rows.map((row): GroupTotal => {
    const group = String(row['group']);
    const { plan, violations } = row as Pick<FailingRun, 'plan' | 'violations'>;
    const { failure, error } = row as { readonly failure: Failure | null; readonly error: ErrorSaid | null };
    const first = { group, run: Number(row['run']), hash: String(row['hash']), plan, violations };
    return { group, runs: failed.get(group) ?? [], first, shown: failure, error };
  });
  return groups.toSorted((a, b) => a.first.run - b.first.run);
}

async function setAsideOf(database: Database, campaign: string, cell: string): Promise<CellTotal['setAside']> {
  const rows = await database.query(
    `SELECT first::text AS first, count, error FROM lockstep.planned
     WHERE campaign = $1 AND cell = $2 AND error IS NOT NULL ORDER BY planned.first`,
    [campaign, cell],
  );
  return rows.map((row) => ({
    first: Number(row['first']),
    count: Number(row['count']),
    error: row['error'] as ErrorSaid,
  }));
}
