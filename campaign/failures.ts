// Failures of a campaign: of each group (judge/signature.ts) the first few runs by number are kept, whichever came first, and each of
// them is made small and explained as a job of its own; later ones are counted. What stays out: making small (work.ts).
import type { Failure } from '../compare/visit.ts';
import type { ErrorSaid } from '../harness/errors/errors.ts';
import type { Claim, FailureJob, Queue } from './queue.ts';
import { type FailingRun, keptOfGroup, type RangeResult } from './range.ts';
import type { Database, Sql } from './store/database.ts';

/** What became of a failure that was to be made small. */
export type Shown = { readonly failure: Failure; readonly seconds: number } | { readonly error: ErrorSaid };

export class FailureLedger {
  readonly #database: Database;
  readonly #queue: Queue;
  readonly #campaign: string;

  constructor(database: Database, queue: Queue, campaign: string) {
    this.#database = database;
    this.#queue = queue;
    this.#campaign = campaign;
  }

  /** In the transaction that keeps a range, which has locked the cell. */
  async keep(sql: Sql, cell: string, { failed, kept }: RangeResult): Promise<void> {
    for (const [group, numbers] of Object.entries(failed))
      await sql.query(
        `INSERT INTO lockstep.groups (campaign, cell, "group", runs, first) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (campaign, cell, "group") DO UPDATE SET
           runs = groups.runs + excluded.runs, first = least(groups.first, excluded.first)`,
        [this.#campaign, cell, group, numbers.length, numbers[0]],
      );
    for (const run of kept) await this.#keepRun(sql, cell, run);
  }

  async #keepRun(sql: Sql, cell: string, { group, run, plan, hash, violations }: FailingRun): Promise<void> {
    const named = [this.#campaign, cell, group];
    await sql.query(
      `INSERT INTO lockstep.failures (campaign, cell, "group", run, plan, hash, violations)
       VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
      [...named, run, JSON.stringify(plan), hash, JSON.stringify(violations)],
    );
    const others = await sql.query(
      `DELETE FROM lockstep.failures WHERE campaign = $1 AND cell = $2 AND "group" = $3 AND run NOT IN (
         SELECT run FROM lockstep.failures WHERE campaign = $1 AND cell = $2 AND "group" = $3 ORDER BY run LIMIT $4)
       RETURNING run::text AS run`,
      [...named, keptOfGroup],
    );
    if (others.some((one) => Number(one['run']) === run)) return;
    await sql.query(
      `INSERT INTO lockstep.shown (campaign, cell, "group", run) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
      [...named, run],
    );
    const [least] = await sql.query(
      `SELECT count(*)::int AS n FROM lockstep.failures WHERE campaign = $1 AND cell = $2 AND "group" = $3`,
      named,
    );
    await this.#queue.sendFailure(sql, { cell, group, run }, { isFirst: Number(least?.['n']) === 1 });
  }

  /** The run of a job; undefined where enough earlier ones have come since: then nobody asks for it any more. */
  async runOf({ cell, group, run }: FailureJob): Promise<FailingRun | undefined> {
    const [row] = await this.#database.query(
      `SELECT plan, hash, violations FROM lockstep.failures WHERE campaign = $1 AND cell = $2 AND "group" = $3 AND run = $4`,
      [this.#campaign, cell, group, run],
    );
    if (row === undefined) return undefined;
    const { plan, violations } = row as Pick<FailingRun, 'plan' | 'violations'>;
    return { group, run, hash: String(row['hash']), plan, violations };
  }

  /** Keeps a failure that was made small, or why it could not be; undefined: neither is asked for any more. */
  async settle(
    kind: 'failures' | 'failures-given-up',
    claim: Claim<FailureJob>,
    shown: Shown | undefined,
  ): Promise<void> {
    const { cell, group, run } = claim.data;
    await this.#database.transaction(async (sql) => {
      if (shown !== undefined) {
        const [failure, error, seconds] =
          'error' in shown ? [null, shown.error, 0] : [shown.failure, null, shown.seconds];
        await sql.query(
          `UPDATE lockstep.shown SET failure = $5, error = $6, seconds = $7
           WHERE campaign = $1 AND cell = $2 AND "group" = $3 AND run = $4 AND failure IS NULL`,
          [this.#campaign, cell, group, run, jsonOrNull(failure), jsonOrNull(error), seconds],
        );
      }
      await this.#queue.done(kind, sql, claim);
    });
  }

  /** Gives a failure to somebody else, who has all attempts before him. */
  async giveBack(claim: Claim<FailureJob>): Promise<void> {
    await this.#database.transaction(async (sql) => {
      await this.#queue.done('failures', sql, claim);
      await this.#queue.sendFailure(sql, claim.data, { isFirst: true });
    });
  }

  /** One that could not be made small: it is tried again, and the last error is kept. */
  async fail(claim: Claim<FailureJob>, error: ErrorSaid): Promise<void> {
    if (this.#queue.isLast(claim)) await this.settle('failures', claim, { error });
    else await this.#queue.failed('failures', claim, error);
  }

  async takeGivenUp(): Promise<void> {
    for (let claim; (claim = await this.#queue.claim('failures-given-up')) !== undefined; ) {
      const { cell, group, run } = claim.data;
      const error = workersDied(`the failure of run ${run} of ${cell} (${group})`);
      await this.settle('failures-given-up', claim, { error });
    }
  }
}

function jsonOrNull(value: object | null): string | null {
  return value === null ? null : JSON.stringify(value);
}

export function workersDied(what: string): ErrorSaid {
  return {
    kind: 'harness',
    code: 'WORKERS_DIED',
    message: `The workers that had ${what} died or fell silent, one after the other.`,
    remedy: 'Most likely a machine is out of memory: make one of these runs there with `npx lockstep run`.',
  };
}
