// The queue of a campaign, by pg-boss: ranges of run numbers, failures to be made small, and what was tried too often. Only what is
// planned next stands in it (plan.ts), so that it stays small however long the campaign is. What stays out: what a job does.
import { PgBoss } from 'pg-boss';
import type { Database, Sql } from './store/database.ts';
import { queueIn } from './store/database.ts';

/** @property first number of the first run · @property count how many */
export interface RangeJob {
  readonly cell: string;
  readonly first: number;
  readonly count: number;
}

/** A failing run is made small. */
export interface FailureJob {
  readonly cell: string;
  readonly group: string;
  readonly run: number;
}

/** Where jobs stand; those that were tried too often stand in queues of their own. */
export type JobKind = 'ranges' | 'failures' | 'ranges-given-up' | 'failures-given-up';

interface JobOf {
  readonly ranges: RangeJob;
  readonly failures: FailureJob;
  readonly 'ranges-given-up': RangeJob;
  readonly 'failures-given-up': FailureJob;
}

/** A job as one attempt has it: what is said of it later counts only if no other attempt has begun. */
export interface Claim<Data> {
  readonly id: string;
  readonly retryCount: number;
  readonly data: Data;
}

/**
 * @property heartbeatSeconds without a word for so long, a worker counts as dead; pg-boss takes 10 and more
 * @property superviseSeconds between two looks for such
 * @property retries how often a range is tried again
 */
export interface QueueTimes {
  readonly heartbeatSeconds: number;
  readonly superviseSeconds: number;
  readonly retries: number;
}

export const usualTimes: QueueTimes = { heartbeatSeconds: 30, superviseSeconds: 10, retries: 3 };

/** A range is expected to take ten seconds; one that takes this long is given to somebody else. */
const expireInSeconds = 3600;

/** What is finished stands in our own tables. */
const deleteAfterSeconds = 60;

/** No job has this id. */
const nobody = '00000000-0000-4000-8000-000000000000';

const schema = 'lockstep_queue';

export class Queue {
  readonly #boss: PgBoss;
  readonly #times: QueueTimes;
  readonly #names: { readonly [kind in JobKind]: string };

  private constructor(boss: PgBoss, campaign: string, times: QueueTimes) {
    this.#boss = boss;
    this.#times = times;
    const named = (kind: JobKind): string => `${campaign}.${kind}`;
    this.#names = {
      ranges: named('ranges'),
      failures: named('failures'),
      'ranges-given-up': named('ranges-given-up'),
      'failures-given-up': named('failures-given-up'),
    };
  }

  /**
   * Opens the queue of a campaign, and makes it where there is none.
   *
   * @param onTrouble what pg-boss complains of by itself: a statement that failed and that it will try again
   */
  static async open(
    database: Database,
    campaign: string,
    { times = usualTimes, onTrouble }: { readonly times?: QueueTimes; readonly onTrouble: (error: unknown) => void },
  ): Promise<Queue> {
    const boss = new PgBoss({
      db: database.forQueue,
      backend: database.kind === 'folder' ? 'pglite' : 'postgres',
      schema,
      schedule: false,
      supervise: false, // by supervise(), as often as this queue wants it
      superviseIntervalSeconds: times.superviseSeconds,
      monitorIntervalSeconds: times.superviseSeconds,
    });
    boss.on('error', onTrouble);
    const queue = new Queue(boss, campaign, times);
    await database.making(async () => {
      await boss.start();
      await queue.#make();
    });
    return queue;
  }

  async #make(): Promise<void> {
    const { heartbeatSeconds, retries } = this.#times;
    const times = { heartbeatSeconds, expireInSeconds, retryLimit: retries, retryDelay: 1, retryBackoff: true };
    for (const kind of ['ranges', 'failures'] as const) {
      const deadLetter = this.#names[`${kind}-given-up`];
      await this.#boss.createQueue(deadLetter, { retryLimit: 0, deleteAfterSeconds });
      await this.#boss.createQueue(this.#names[kind], { ...times, deadLetter, deleteAfterSeconds });
    }
    // pg-boss looks a queue up when it first meets it, and not in the transaction that it is given: in a folder, which has one
    // connection, that would wait for itself.
    for (const name of Object.values(this.#names)) await this.#boss.findJobs(name, { id: nobody });
  }

  async sendRanges(sql: Sql, jobs: readonly RangeJob[]): Promise<void> {
    if (jobs.length === 0) return;
    await this.#boss.insert(
      this.#names.ranges,
      jobs.map((data) => ({ data })),
      { db: queueIn(sql) },
    );
  }

  /** @param isFirst of its group: comes before those that are not */
  async sendFailure(sql: Sql, data: FailureJob, { isFirst }: { readonly isFirst: boolean }): Promise<void> {
    await this.#boss.send(this.#names.failures, data, { priority: isFirst ? 1 : 0, db: queueIn(sql) });
  }

  /** The next job of a kind, for this worker alone as long as it says that it lives ({@link beat}). */
  async claim<Kind extends JobKind>(kind: Kind): Promise<Claim<JobOf[Kind]> | undefined> {
    const [job] = await this.#boss.fetch<JobOf[Kind]>(this.#names[kind], { includeMetadata: true });
    return job === undefined ? undefined : { id: job.id, retryCount: job.retryCount, data: job.data };
  }

  async done(kind: JobKind, sql: Sql, { id, retryCount }: Claim<unknown>): Promise<void> {
    await this.#boss.complete(this.#names[kind], { id, retryCount }, null, { db: queueIn(sql) });
  }

  /** It is tried again, or was tried too often. */
  async failed(kind: 'ranges' | 'failures', { id, retryCount }: Claim<unknown>, why: object): Promise<void> {
    await this.#boss.fail(this.#names[kind], { id, retryCount }, why);
  }

  /** Was this the last attempt? */
  isLast({ retryCount }: Claim<unknown>): boolean {
    return retryCount >= this.#times.retries;
  }

  /** Says that whoever has the job lives. */
  async beat(kind: 'ranges' | 'failures', { id, retryCount }: Claim<unknown>): Promise<void> {
    await this.#boss.touch(this.#names[kind], { id, retryCount });
  }

  /** Real milliseconds between two beats. */
  get beatMs(): number {
    return (this.#times.heartbeatSeconds * 1000) / 3;
  }

  get superviseMs(): number {
    return this.#times.superviseSeconds * 1000;
  }

  /** Gives jobs of workers that died to others. */
  async supervise(): Promise<void> {
    for (const name of Object.values(this.#names)) await this.#boss.supervise(name);
  }

  /** Removes the queue with all that is in it. */
  async remove(): Promise<void> {
    for (const name of Object.values(this.#names)) await this.#boss.deleteQueue(name);
  }

  async close(): Promise<void> {
    await this.#boss.stop({ graceful: false, close: false });
  }
}
