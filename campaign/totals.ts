// What a campaign came to so far: sums over distinct ranges, by cell. The same whoever made which range, and how often. What stays out:
// verdicts and pages (report.ts).
import type { ErrorSaid } from '../harness/errors/errors.ts';
import type { Failure } from '../compare/visit.ts';
import { keyOf } from '../compare/cells.ts';
import type { Campaign } from './campaigns.ts';
import { DistinctRuns } from './distinct-runs.ts';
import type { FailingRun } from './range.ts';
import type { Database } from './store/database.ts';

/**
 * @property runs that were made
 * @property failing of these, those that failed
 * @property inWindow drawn at random and in the window; repeats of others among them
 * @property planned ranges that are under way, or will be next
 * @property setAside ranges that could not be made
 * @property seconds real ones of all workers together
 * @property generation how many are whole, where runs come in such (generations.ts)
 * @property groups how runs failed, how many did so, and which was the first
 */
export interface CellStatus {
  readonly cell: string;
  readonly runs: number;
  readonly failing: number;
  readonly inWindow: number;
  readonly steps: number;
  readonly seconds: number;
  readonly generation: number;
  readonly planned: number;
  readonly setAside: number;
  readonly groups: readonly { readonly group: string; readonly runs: number; readonly first: number }[];
}

/** All cells in their order. Takes no longer the more ranges there are. */
export async function statusOf(database: Database, { name }: Campaign): Promise<readonly CellStatus[]> {
  const rows = await database.query(
    `SELECT c.cell, c.runs::float8 AS runs, c.failing::float8 AS failing, c.reached::float8 AS reached,
       c.steps::float8 AS steps, c.seconds, c.generation, coalesce(p.planned, 0)::int AS planned,
       coalesce(p.aside, 0)::int AS aside, coalesce(g.groups, '[]') AS groups
     FROM lockstep.cells c
     LEFT JOIN (SELECT cell, count(*) FILTER (WHERE error IS NULL) AS planned, count(*) FILTER (WHERE error IS NOT NULL) AS aside
         FROM lockstep.planned WHERE campaign = $1 GROUP BY cell) p ON p.cell = c.cell
     LEFT JOIN (SELECT cell, json_agg(json_build_object('group', "group", 'runs', runs, 'first', first) ORDER BY first) AS groups
         FROM lockstep.groups WHERE campaign = $1 GROUP BY cell) g ON g.cell = c.cell
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
    generation: Number(row['generation']),
    planned: Number(row['planned']),
    setAside: Number(row['aside']),
    groups: row['groups'] as CellStatus['groups'],
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
    `SELECT machine, seconds FROM lockstep.machines WHERE campaign = $1 ORDER BY machine`,
    [name],
  );
  return {
    workers: Number(row?.['n']),
    machines: machines.map((one) => ({ name: String(one['machine']), seconds: Number(one['seconds']) })),
  };
}

/**
 * A failing run that is kept.
 *
 * @property small what it was made small to; null where it was not yet, or with `error` could not be
 */
export interface KeptRun extends FailingRun {
  readonly small: Failure['plan'] | null;
  readonly error: ErrorSaid | null;
}

/**
 * Runs that failed alike.
 *
 * @property runs numbers of all of them
 * @property kept the first few
 */
export interface GroupTotal {
  readonly group: string;
  readonly runs: readonly number[];
  readonly kept: readonly [KeptRun, ...KeptRun[]];
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
  readonly distinct: DistinctRuns;
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
    distinct: new DistinctRuns(),
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
    addTo(sums.failed, group, numbers);
  const fingerprints = Buffer.from(row['fingerprints'] as Uint8Array);
  for (let at = 0; at + 8 <= fingerprints.length; at += 8) {
    const [high, low] = [fingerprints.readUInt32BE(at), fingerprints.readUInt32BE(at + 4)];
    if (sums.distinct.add(high, low) && (low & 1) === 1) sums.reached++;
  }
  const bits = String(row['hashes']);
  for (let i = 0; i < 32; i++)
    sums.hashes[i] = (sums.hashes[i] ?? 0) ^ Number.parseInt(bits.slice(8 * i, 8 * i + 8), 2);
}

function addTo(all: Map<string, number[]>, group: string, numbers: readonly number[]): void {
  const known = all.get(group) ?? [];
  for (const one of numbers) known.push(one);
  all.set(group, known);
}

async function groupsOf(
  database: Database,
  campaign: string,
  cell: string,
  failed: ReadonlyMap<string, readonly number[]>,
): Promise<readonly GroupTotal[]> {
  const rows = await database.query(
    `SELECT f."group", f.run::text AS run, f.plan, f.hash, f.violations, s.failure, s.error
     FROM lockstep.failures f LEFT JOIN lockstep.shown s USING (campaign, cell, "group", run)
     WHERE f.campaign = $1 AND f.cell = $2 ORDER BY f.run`,
    [campaign, cell],
  );
  const kept = rows.map((row): KeptRun => {
    const { plan, violations, error } = row as Pick<KeptRun, 'plan' | 'violations' | 'error'>;
    const [group, run, hash] = [String(row['group']), Number(row['run']), String(row['hash'])];
    // Not `->`: the server refuses to look into a document that has a NUL anywhere, and rows of a damaged database do.
    const small = (row['failure'] as { readonly plan: Failure['plan'] } | null)?.plan ?? null;
    return { group, run, plan, hash, violations, small, error };
  });
  const groups = Map.groupBy(kept, (one) => one.group);
  return [...groups].flatMap(([group, [first, ...others]]) =>
    first === undefined ? [] : [{ group, runs: failed.get(group) ?? [], kept: [first, ...others] }],
  );
}

/** The failure of a cell that is shown: of the first run by number of those that were made small. */
export async function shownOf(database: Database, { name }: Campaign, cell: string): Promise<Failure | null> {
  const [row] = await database.query(
    `SELECT failure FROM lockstep.shown WHERE campaign = $1 AND cell = $2 AND failure IS NOT NULL
     ORDER BY shown.run LIMIT 1`,
    [name, cell],
  );
  return (row?.['failure'] as Failure | undefined) ?? null;
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
