// What a campaign keeps: its plan of ranges, what ranges gave, failures. Every change is one transaction that may be asked for twice:
// a range that two workers finish counts once, since only who takes it off the plan keeps it. What stays out: the queue's own
// statements (queue.ts), making runs.
import type { Failure } from '../compare/visit.ts';
import type { ErrorSaid } from '../harness/errors/errors.ts';
import { usageError } from '../harness/errors/errors.ts';
import { type CellName, keyOf } from '../compare/cells.ts';
import type { Claim, FailureJob, Queue, RangeJob } from './queue.ts';
import { type FailingRun, keptOfGroup, type RangeResult } from './range.ts';
import { type Spec, specSchema } from './spec.ts';
import type { Database, Sql } from './store/database.ts';

/** `stopped` by a person; `done`: every run was made that was asked for. */
export type CampaignState = 'running' | 'paused' | 'stopped' | 'done';

/** A range of a cell grows or shrinks towards its time, by this factor at most at a time, and never beyond so many runs. */
const growth = 4;
const rangeMost = 5000;

export class Ledger {
  readonly #database: Database;
  readonly #queue: Queue;
  readonly name: string;

  constructor(database: Database, queue: Queue, name: string) {
    this.#database = database;
    this.#queue = queue;
    this.name = name;
  }

  /**
   * Plans the next ranges, so that at least `most` stand on the plan: those of the cell that has had the least time first. One that is
   * as long as the queue is short: whoever comes next finds work, and nobody plans a million at once.
   *
   * @returns how many ranges are on the plan now, those set aside not counted
   */
  async plan(spec: Spec, most: number): Promise<number> {
    const isOver = spec.until !== null && Date.now() >= Date.parse(spec.until);
    return this.#database.transaction(async (sql) => {
      // One plans at a time: two would both see too little on the plan.
      await sql.query(`SELECT 1 FROM lockstep.campaigns WHERE name = $1 FOR UPDATE`, [this.name]);
      const [row] = await sql.query(
        `SELECT count(*)::int AS n FROM lockstep.planned WHERE campaign = $1 AND error IS NULL`,
        [this.name],
      );
      const onPlan = Number(row?.['n']);
      const jobs = isOver ? [] : await this.#nextRanges(sql, spec, most - onPlan);
      await this.#queue.sendRanges(sql, jobs);
      return onPlan + jobs.length;
    });
  }

  async #nextRanges(sql: Sql, { runs }: Spec, missing: number): Promise<readonly RangeJob[]> {
    const jobs: RangeJob[] = [];
    while (jobs.length < missing) {
      const [row] = await sql.query(
        `WITH one AS (
           SELECT cell, next, size FROM lockstep.cells WHERE campaign = $1 AND ($2::bigint IS NULL OR next < $2)
           ORDER BY weight, place LIMIT 1)
         UPDATE lockstep.cells SET
           next = cells.next + least(one.size, coalesce($2 - cells.next, one.size)), weight = weight + 1
         FROM one WHERE campaign = $1 AND cells.cell = one.cell
         RETURNING cells.cell, one.next::text AS first, (cells.next - one.next)::int AS count`,
        [this.name, runs],
      );
      if (row === undefined) break;
      const job = { cell: String(row['cell']), first: Number(row['first']), count: Number(row['count']) };
      await sql.query(`INSERT INTO lockstep.planned (campaign, cell, first, count) VALUES ($1, $2, $3, $4)`, [
        this.name,
        job.cell,
        job.first,
        job.count,
      ]);
      jobs.push(job);
    }
    return jobs;
  }

  /**
   * Keeps what a range gave, whole or as far as it was made; what was not made of it is planned again. Counts for nothing where somebody
   * else was faster.
   *
   * @param machine a name for the machine, as results tell it
   */
  async settle(spec: Spec, claim: Claim<RangeJob>, result: RangeResult, machine: string): Promise<void> {
    const { cell, first, count } = claim.data;
    await this.#database.transaction(async (sql) => {
      const mine = await sql.query(
        `DELETE FROM lockstep.planned WHERE campaign = $1 AND cell = $2 AND first = $3 AND count = $4 RETURNING 1`,
        [this.name, cell, first, count],
      );
      await this.#queue.done('ranges', sql, claim);
      if (mine.length === 0) return;
      if (result.count > 0) await this.#keep(sql, cell, result, machine);
      const rest = { cell, first: first + result.count, count: count - result.count };
      if (rest.count > 0) {
        await sql.query(`INSERT INTO lockstep.planned (campaign, cell, first, count) VALUES ($1, $2, $3, $4)`, [
          this.name,
          cell,
          rest.first,
          rest.count,
        ]);
        await this.#queue.sendRanges(sql, [rest]);
      } else await this.#size(sql, cell, result, spec.rangeMs);
    });
  }

  async #keep(sql: Sql, cell: string, result: RangeResult, machine: string): Promise<void> {
    const { first, count, reached, steps, seconds, marks, hazards, failed, fingerprints, hashes } = result;
    const failing = Object.values(failed).reduce((sum, numbers) => sum + numbers.length, 0);
    const values = [this.name, cell, first, count, reached, steps, seconds];
    const documents = [marks, hazards, failed].map((one) => JSON.stringify(one));
    await sql.query(
      `INSERT INTO lockstep.ranges (campaign, cell, first, count, reached, steps, seconds, marks, hazards, failed, failing,
         fingerprints, hashes, machine)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
      [...values, ...documents, failing, fingerprints, bitsOf(hashes), machine],
    );
    for (const run of result.kept) await this.#keepFailing(sql, cell, run);
  }

  /** The first few of a group by number, whichever came first; the first that is kept of it is made small. */
  async #keepFailing(sql: Sql, cell: string, { group, run, plan, hash, violations }: FailingRun): Promise<void> {
    const isNew = await sql.query(
      `INSERT INTO lockstep.shown (campaign, cell, "group") VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING 1`,
      [this.name, cell, group],
    );
    await sql.query(
      `INSERT INTO lockstep.failures (campaign, cell, "group", run, plan, hash, violations)
       VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
      [this.name, cell, group, run, JSON.stringify(plan), hash, JSON.stringify(violations)],
    );
    await sql.query(
      `DELETE FROM lockstep.failures WHERE campaign = $1 AND cell = $2 AND "group" = $3 AND run NOT IN (
         SELECT run FROM lockstep.failures WHERE campaign = $1 AND cell = $2 AND "group" = $3 ORDER BY run LIMIT $4)`,
      [this.name, cell, group, keptOfGroup],
    );
    if (isNew.length > 0) await this.#queue.sendFailure(sql, { cell, group });
  }

  /** The next ranges of a cell take as long as they should, by what this one took. */
  async #size(sql: Sql, cell: string, { count, seconds }: RangeResult, rangeMs: number): Promise<void> {
    const wanted = Math.round((count * rangeMs) / Math.max(1, seconds * 1000));
    const size = Math.max(1, Math.min(wanted, growth * count, rangeMost));
    await sql.query(`UPDATE lockstep.cells SET size = $3, weight = weight + $4 WHERE campaign = $1 AND cell = $2`, [
      this.name,
      cell,
      size,
      (seconds * 1000) / rangeMs - 1,
    ]);
  }

  /** A range that could not be made: it is tried again, and after the last attempt set aside with its error. */
  async fail(claim: Claim<RangeJob>, error: ErrorSaid): Promise<void> {
    if (this.#queue.isLast(claim)) await this.setAside(claim.data, error);
    await this.#queue.failed('ranges', claim, error);
  }

  async setAside({ cell, first }: RangeJob, error: ErrorSaid): Promise<void> {
    await this.#database.query(
      `UPDATE lockstep.planned SET error = $4 WHERE campaign = $1 AND cell = $2 AND first = $3 AND error IS NULL`,
      [this.name, cell, first, JSON.stringify(error)],
    );
  }

  /** Sets aside what the queue has given up: its workers died one after the other. */
  async takeGivenUp(): Promise<void> {
    for (let claim; (claim = await this.#queue.claim('ranges-given-up')) !== undefined; ) {
      const { cell, first, count } = claim.data;
      await this.setAside(claim.data, workersDied(`the runs ${first} to ${first + count - 1} of ${cell}`));
      const given = claim;
      await this.#database.transaction((sql) => this.#queue.done('ranges-given-up', sql, given));
    }
    for (let claim; (claim = await this.#queue.claim('failures-given-up')) !== undefined; ) {
      const error = workersDied(`the failure ${claim.data.group} of ${claim.data.cell}`);
      await this.keepShown('failures-given-up', claim, { run: 0, failure: null, error, seconds: 0 });
    }
  }

  /** The first failing run of a group. */
  async firstOf({ cell, group }: FailureJob): Promise<FailingRun | undefined> {
    const [row] = await this.#database.query(
      `SELECT run::text AS run, plan, hash, violations FROM lockstep.failures
       WHERE campaign = $1 AND cell = $2 AND "group" = $3 ORDER BY run LIMIT 1`,
      [this.name, cell, group],
    );
    if (row === undefined) return undefined;
    const { plan, violations } = row as Pick<FailingRun, 'plan' | 'violations'>;
    return { group, run: Number(row['run']), hash: String(row['hash']), plan, violations };
  }

  /** Keeps a failure that was made small, or why it could not be. */
  async keepShown(
    kind: 'failures' | 'failures-given-up',
    claim: Claim<FailureJob>,
    shown: {
      readonly run: number;
      readonly failure: Failure | null;
      readonly error: ErrorSaid | null;
      readonly seconds: number;
    },
  ): Promise<void> {
    const { run, failure, error, seconds } = shown;
    const { cell, group } = claim.data;
    await this.#database.transaction(async (sql) => {
      await sql.query(
        `UPDATE lockstep.shown SET run = $4, failure = $5, error = $6, seconds = $7
         WHERE campaign = $1 AND cell = $2 AND "group" = $3 AND failure IS NULL`,
        [this.name, cell, group, run, jsonOrNull(failure), jsonOrNull(error), seconds],
      );
      await this.#queue.done(kind, sql, claim);
    });
  }

  /** Gives a failure to somebody else, who has all attempts before him. */
  async giveBack(claim: Claim<FailureJob>): Promise<void> {
    await this.#database.transaction(async (sql) => {
      await this.#queue.done('failures', sql, claim);
      await this.#queue.sendFailure(sql, claim.data);
    });
  }

  async failFailure(claim: Claim<FailureJob>, error: ErrorSaid): Promise<void> {
    if (this.#queue.isLast(claim))
      await this.keepShown('failures', claim, { run: 0, failure: null, error, seconds: 0 });
    else await this.#queue.failed('failures', claim, error);
  }

  async state(): Promise<CampaignState> {
    const [row] = await this.#database.query(`SELECT state FROM lockstep.campaigns WHERE name = $1`, [this.name]);
    return row === undefined ? 'stopped' : (row['state'] as CampaignState);
  }

  /** Is nothing left to do, now that all is planned? Then the campaign is done. */
  async finishIfDone(): Promise<boolean> {
    const rows = await this.#database.query(
      `UPDATE lockstep.campaigns SET state = 'done', ended = now() WHERE name = $1 AND state = 'running'
         AND NOT EXISTS (SELECT 1 FROM lockstep.planned WHERE campaign = $1 AND error IS NULL)
         AND NOT EXISTS (SELECT 1 FROM lockstep.shown WHERE campaign = $1 AND failure IS NULL AND error IS NULL)
       RETURNING 1`,
      [this.name],
    );
    return rows.length > 0;
  }
}

/** As PostgreSQL reads a bit string. */
function bitsOf(bytes: Buffer): string {
  return [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
}

function jsonOrNull(value: object | null): string | null {
  return value === null ? null : JSON.stringify(value);
}

function workersDied(what: string): ErrorSaid {
  return {
    kind: 'harness',
    code: 'WORKERS_DIED',
    message: `The workers that had ${what} died or fell silent, one after the other.`,
    remedy: 'Most likely a machine is out of memory: make one of these runs there with `npx lockstep run`.',
  };
}

/** A campaign as it stands in the store. */
export interface Campaign {
  readonly name: string;
  readonly spec: Spec;
  readonly state: CampaignState;
  readonly began: string;
  readonly ended: string | null;
}

/** All campaigns of a store, the latest first. */
export async function campaignsIn(database: Database): Promise<readonly Campaign[]> {
  const rows = await database.query(
    `SELECT name, spec, state, to_json(began)#>>'{}' AS began, to_json(ended)#>>'{}' AS ended
     FROM lockstep.campaigns ORDER BY campaigns.began DESC, name`,
  );
  return rows.map((row) => ({
    name: String(row['name']),
    spec: specSchema.parse(row['spec']),
    state: row['state'] as CampaignState,
    began: String(row['began']),
    ended: row['ended'] as string | null,
  }));
}

/**
 * The campaign of this name; without a name the only one, or the latest that is not over.
 *
 * @throws a usage error when there is none, or which one is meant is not clear
 */
export async function campaignIn(database: Database, name: string | undefined): Promise<Campaign> {
  const all = await campaignsIn(database);
  if (name !== undefined) {
    const named = all.find((one) => one.name === name);
    if (named !== undefined) return named;
    const known = all.map((one) => one.name).join(', ');
    throw usageError(
      'NO_CAMPAIGN',
      `The store ${database.shown} has no campaign ${name}.`,
      all.length === 0 ? '`npx lockstep campaign start` starts one.' : `It has: ${known}.`,
    );
  }
  const open = all.filter(({ state }) => state === 'running' || state === 'paused');
  const [only, second] = open.length > 0 ? open : all;
  if (only === undefined)
    throw usageError(
      'NO_CAMPAIGN',
      `The store ${database.shown} has no campaign.`,
      '`npx lockstep campaign start` starts one.',
    );
  if (second === undefined || open.length === 0) return only;
  throw usageError(
    'WHICH_CAMPAIGN',
    `The store ${database.shown} has several campaigns: ${open.map((one) => one.name).join(', ')}.`,
    'Name one with --name.',
  );
}

/**
 * Writes a new campaign down; its first ranges are planned by whoever works on it.
 *
 * @throws a usage error when there is one of that name
 */
export async function createCampaign(database: Database, name: string, spec: Spec): Promise<void> {
  const made = await database.transaction(async (sql) => {
    const rows = await sql.query(
      `INSERT INTO lockstep.campaigns (name, spec, state) VALUES ($1, $2, 'running') ON CONFLICT DO NOTHING RETURNING 1`,
      [name, JSON.stringify(spec)],
    );
    if (rows.length === 0) return false;
    for (const [place, cell] of spec.cells.entries())
      await sql.query(`INSERT INTO lockstep.cells (campaign, cell, place) VALUES ($1, $2, $3)`, [
        name,
        keyOf(cell),
        place,
      ]);
    return true;
  });
  if (made) return;
  throw usageError(
    'CAMPAIGN_EXISTS',
    `The store ${database.shown} has a campaign ${name} already.`,
    `Give another name with --name, or go on with it: npx lockstep campaign work --name ${name}.`,
  );
}

/** @throws a usage error when it is over, or is in that state already */
export async function setState(database: Database, { name, state }: Campaign, to: CampaignState): Promise<void> {
  const rows = await database.query(
    `UPDATE lockstep.campaigns SET state = $2, ended = CASE WHEN $2 IN ('stopped', 'done') THEN now() END
     WHERE name = $1 AND state IN ('running', 'paused') AND state <> $2 RETURNING 1`,
    [name, to],
  );
  if (rows.length > 0) return;
  throw usageError(
    'CAMPAIGN_STATE',
    `The campaign ${name} is ${state}.`,
    '`npx lockstep campaign status` tells of it.',
  );
}

/** The cell of a key. */
export function cellOf(spec: Spec, key: string): CellName {
  const cell = spec.cells.find((one) => keyOf(one) === key);
  if (cell === undefined) throw new Error(`The campaign has no cell ${key}.`);
  return cell;
}
