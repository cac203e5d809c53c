// What a campaign keeps of ranges: which are planned, and what they gave. Every change is one transaction that may be asked for twice:
// a range that two workers finish counts once, since only who takes it off the plan keeps it. Whoever changes something of a cell
// locks its row first, so that no two wait for each other. What stays out: the queue's own statements (queue.ts), failures
// (failures.ts), generations (generations.ts), making runs.
import type { ErrorSaid } from '../harness/errors/errors.ts';
import type { CampaignState } from './campaigns.ts';
import { FailureLedger, workersDied } from './failures.ts';
import { closeGenerations, keepCoverage } from './generations.ts';
import { type CellPlan, nextRanges } from './plan.ts';
import type { Claim, Queue, RangeJob } from './queue.ts';
import type { RangeResult } from './range.ts';
import type { Spec } from './spec.ts';
import type { Database, Sql } from './store/database.ts';

/** A range of a cell grows or shrinks towards its time, by this factor at most at a time, and never beyond so many runs. */
const growth = 4;
const rangeMost = 5000;

/** A worker that was not seen for so long is not there any more. */
const presentSeconds = 60;

/**
 * What a worker needs to know before it does the next thing.
 *
 * @property planned ranges on the plan, those set aside not counted; at most as many as it would look for
 * @property jobs of all workers that are there
 * @property hasFailures is there one to be made small, or is somebody at it?
 */
export interface Outlook {
  readonly state: CampaignState;
  readonly planned: number;
  readonly jobs: number;
  readonly hasFailures: boolean;
}

export class Ledger {
  readonly #database: Database;
  readonly #queue: Queue;
  readonly name: string;
  readonly failures: FailureLedger;

  constructor(database: Database, queue: Queue, name: string) {
    this.#database = database;
    this.#queue = queue;
    this.name = name;
    this.failures = new FailureLedger(database, queue, name);
  }

  /** @param most ranges that it counts */
  async outlook(most: number): Promise<Outlook> {
    const [row] = await this.#database.query(
      `SELECT state,
         (SELECT count(*)::int FROM (SELECT 1 FROM lockstep.planned WHERE campaign = $1 AND error IS NULL LIMIT $2) p) AS planned,
         (SELECT coalesce(sum(jobs), 0)::int FROM lockstep.workers WHERE campaign = $1 AND ended IS NULL
           AND seen > now() - make_interval(secs => $3)) AS jobs,
         EXISTS (SELECT 1 FROM lockstep.shown WHERE campaign = $1 AND failure IS NULL AND error IS NULL) AS failures
       FROM lockstep.campaigns WHERE name = $1`,
      [this.name, most, presentSeconds],
    );
    return {
      state: row === undefined ? 'stopped' : (row['state'] as CampaignState),
      planned: Number(row?.['planned'] ?? 0),
      jobs: Number(row?.['jobs'] ?? 0),
      hasFailures: row?.['failures'] === true,
    };
  }

  /**
   * Plans the next ranges, so that at least `most` stand on the plan: those of the cell that has had the least time first. A plan is
   * as long as the queue is short: whoever comes next finds work, and nobody plans a million at once.
   *
   * One plans at a time: two would both see too little on the plan. Neither this lock nor any other here is one that a row which
   * refers to the campaign waits for (`FOR UPDATE` would be): who settles a range has locked its cell and adds such rows, and who
   * plans changes cells, so that each would wait for the other until the server ends one of them, a second later.
   *
   * @param waits while somebody else plans; otherwise it leaves it to him
   * @returns how many ranges are on the plan now, those set aside not counted; undefined where it was left to somebody else, or the campaign is gone
   */
  async plan(spec: Spec, most: number, { waits = true } = {}): Promise<number | undefined> {
    const isOver = spec.until !== null && Date.now() >= Date.parse(spec.until);
    return this.#database.transaction(async (sql) => {
      const mine = await sql.query(
        `SELECT 1 FROM lockstep.campaigns WHERE name = $1 FOR NO KEY UPDATE ${waits ? '' : 'SKIP LOCKED'}`,
        [this.name],
      );
      if (mine.length === 0) return undefined;
      const [row] = await sql.query(
        `SELECT count(*)::int AS n FROM lockstep.planned WHERE campaign = $1 AND error IS NULL`,
        [this.name],
      );
      const onPlan = Number(row?.['n']);
      const jobs = isOver || onPlan >= most ? [] : await this.#planNext(sql, spec, most - onPlan);
      return onPlan + jobs.length;
    });
  }

  async #planNext(sql: Sql, spec: Spec, missing: number): Promise<readonly RangeJob[]> {
    const rows = await sql.query(
      `SELECT cell, next::text AS next, size, weight, generation FROM lockstep.cells WHERE campaign = $1
       ORDER BY place`,
      [this.name],
    );
    const cells = rows.map(
      (row): CellPlan => ({
        cell: String(row['cell']),
        next: Number(row['next']),
        size: Number(row['size']),
        weight: Number(row['weight']),
        generation: Number(row['generation']),
      }),
    );
    const { jobs, changed } = nextRanges(cells, spec, missing);
    if (jobs.length === 0) return jobs;
    // Others settle meanwhile, and change a weight by what they have found: so does this.
    await sql.query(
      `UPDATE lockstep.cells SET next = n.next, weight = cells.weight + n.ranges
       FROM unnest($2::text[], $3::bigint[], $4::int[]) AS n (cell, next, ranges)
       WHERE campaign = $1 AND cells.cell = n.cell`,
      [this.name, changed.map((one) => one.cell), changed.map((one) => one.next), changed.map((one) => one.ranges)],
    );
    await this.#onPlan(sql, jobs);
    return jobs;
  }

  async #onPlan(sql: Sql, jobs: readonly RangeJob[]): Promise<void> {
    await sql.query(
      `INSERT INTO lockstep.planned (campaign, cell, first, count)
       SELECT $1, * FROM unnest($2::text[], $3::bigint[], $4::int[])`,
      [this.name, jobs.map((one) => one.cell), jobs.map((one) => one.first), jobs.map((one) => one.count)],
    );
    await this.#queue.sendRanges(sql, jobs);
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
      await this.#lockCell(sql, cell);
      const mine = await sql.query(
        `DELETE FROM lockstep.planned WHERE campaign = $1 AND cell = $2 AND first = $3 AND count = $4 AND error IS NULL RETURNING 1`,
        [this.name, cell, first, count],
      );
      await this.#queue.done('ranges', sql, claim);
      if (mine.length === 0) return;
      if (result.count > 0) await this.#keep(sql, cell, result, machine);
      const rest = { cell, first: first + result.count, count: count - result.count };
      if (rest.count > 0) await this.#onPlan(sql, [rest]);
      else await this.#size(sql, cell, result, spec.rangeMs);
      await closeGenerations(sql, this.name, spec, cell);
    });
  }

  async #lockCell(sql: Sql, cell: string): Promise<void> {
    await sql.query(`SELECT 1 FROM lockstep.cells WHERE campaign = $1 AND cell = $2 FOR NO KEY UPDATE`, [
      this.name,
      cell,
    ]);
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
    await sql.query(
      `UPDATE lockstep.cells SET runs = runs + $3, failing = failing + $4, reached = reached + $5, steps = steps + $6,
         seconds = seconds + $7 WHERE campaign = $1 AND cell = $2`,
      [this.name, cell, count, failing, reached, steps, seconds],
    );
    await sql.query(
      `INSERT INTO lockstep.machines (campaign, machine, seconds) VALUES ($1, $2, $3)
       ON CONFLICT (campaign, machine) DO UPDATE SET seconds = machines.seconds + excluded.seconds`,
      [this.name, machine, seconds],
    );
    await keepCoverage(sql, this.name, cell, result);
    await this.failures.keep(sql, cell, result);
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
  async fail(spec: Spec, claim: Claim<RangeJob>, error: ErrorSaid): Promise<void> {
    if (this.#queue.isLast(claim)) await this.setAside(spec, claim.data, error);
    await this.#queue.failed('ranges', claim, error);
  }

  async setAside(spec: Spec, { cell, first }: RangeJob, error: ErrorSaid): Promise<void> {
    await this.#database.transaction(async (sql) => {
      await this.#lockCell(sql, cell);
      await sql.query(
        `UPDATE lockstep.planned SET error = $4 WHERE campaign = $1 AND cell = $2 AND first = $3 AND error IS NULL`,
        [this.name, cell, first, JSON.stringify(error)],
      );
      await closeGenerations(sql, this.name, spec, cell);
    });
  }

  /** Sets aside what the queue has given up: its workers died one after the other. */
  async takeGivenUp(spec: Spec): Promise<void> {
    for (let claim; (claim = await this.#queue.claim('ranges-given-up')) !== undefined; ) {
      const { cell, first, count } = claim.data;
      await this.setAside(spec, claim.data, workersDied(`the runs ${first} to ${first + count - 1} of ${cell}`));
      const given = claim;
      await this.#database.transaction((sql) => this.#queue.done('ranges-given-up', sql, given));
    }
    await this.failures.takeGivenUp();
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

  /** Is there, and seen now, with so many ranges side by side. */
  async present(worker: string, machine: string, jobs: number): Promise<void> {
    await this.#database.query(
      `INSERT INTO lockstep.workers (id, campaign, machine, jobs) VALUES ($1, $2, $3, $4)
       ON CONFLICT (id) DO UPDATE SET seen = now()`,
      [worker, this.name, machine, jobs],
    );
  }

  async leave(worker: string): Promise<void> {
    await this.#database.query(`UPDATE lockstep.workers SET ended = now() WHERE id = $1`, [worker]);
  }
}

/** As PostgreSQL reads a bit string. */
function bitsOf(bytes: Buffer): string {
  return [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
}
