// A worker of a campaign: takes ranges off the queue, makes them, keeps what they gave; makes failures small; sees to it that there is
// something on the plan, and that jobs of workers that died go to others. Any number may work side by side, on any machines. What
// stays out: what is kept and how it counts once (ledger.ts), making runs (runs.ts).
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { LockstepError, sayError } from '../harness/errors/errors.ts';
import type { LaneBinaries } from '../harness/run/pool.ts';
import { scenarioModuleOf } from '../scenarios/known.ts';
import { Worker, type WorkerAnswer } from '../compare/worker.ts';
import { cellOf, type Ledger } from './ledger.ts';
import type { Claim, FailureJob, Queue, RangeJob } from './queue.ts';
import type { FailingRun } from './range.ts';
import { type RangeMaker, Runs } from './runs.ts';
import type { Spec } from './spec.ts';
import type { Database } from './store/database.ts';

/**
 * @property jobs ranges side by side
 * @property shrinkMs real milliseconds at most for making one failure small
 * @property stop asked several times a second: ends the work within a range, and keeps what was made of it
 * @property onTrouble what went wrong in the background and will be tried again
 */
export interface WorkOptions {
  readonly database: Database;
  readonly queue: Queue;
  readonly ledger: Ledger;
  readonly spec: Spec;
  readonly machines: ReadonlyMap<string, LaneBinaries>;
  readonly jobs: number;
  readonly shrinkMs: number;
  readonly stop: () => boolean;
  readonly onTrouble: (error: unknown) => void;
  /** Makes ranges, one a job; default: in processes of their own. */
  readonly makeRuns?: () => RangeMaker;
}

/** How a worker's work ended: nothing is left to do, a person stopped the campaign, or this worker was told to stop. */
export type WorkEnd = 'done' | 'stopped' | 'told';

/** Real milliseconds between two looks for work where there was none. */
const idleMs = 300;

/** Steps that the timeline of a failure may have. */
const stepsMax = 5000;

/** For each job of a worker so many ranges stand on the plan. */
const plannedPerJob = 3;

/** A worker that was not seen for so long is not there any more. */
const presentSeconds = 60;

class WorkerOfCampaign {
  readonly #options: WorkOptions;
  readonly #id = randomUUID();
  #over: WorkEnd | undefined;

  constructor(options: WorkOptions) {
    this.#options = options;
  }

  async go(): Promise<WorkEnd> {
    const { jobs, queue } = this.#options;
    await this.#present();
    const beats = this.#every(queue.superviseMs, async () => {
      await this.#present();
      await queue.supervise();
      await this.#options.ledger.takeGivenUp();
    });
    try {
      await Promise.all(Array.from({ length: jobs }, () => this.#slot()));
      return this.#over ?? 'told';
    } finally {
      beats();
      await this.#leave();
    }
  }

  /** Does something again and again, one at a time, and never ends the work by failing. Result: ends it. */
  #every(ms: number, body: () => Promise<void>): () => void {
    let busy = false;
    const timer = setInterval(() => {
      if (busy) return;
      busy = true;
      void body()
        .catch(this.#options.onTrouble)
        .finally(() => (busy = false));
    }, ms);
    return () => clearInterval(timer);
  }

  #ends(): boolean {
    if (this.#options.stop()) this.#over ??= 'told';
    return this.#over !== undefined;
  }

  async #slot(): Promise<void> {
    const { spec, machines, makeRuns = () => new Runs(spec, machines) } = this.#options;
    const runs = makeRuns();
    try {
      while (!this.#ends()) if (!(await this.#next(runs))) await pause(idleMs);
    } finally {
      await runs.close();
    }
  }

  /** Does one thing; false where there was nothing to do. */
  async #next(runs: RangeMaker): Promise<boolean> {
    const { ledger, queue, spec } = this.#options;
    const state = await ledger.state();
    if (state === 'stopped' || state === 'done') this.#over ??= state;
    if (state !== 'running') return false;
    const failure = await queue.claim('failures');
    if (failure !== undefined) {
      await this.#beating('failures', failure, () => this.#makeSmall(failure));
      return true;
    }
    const planned = await ledger.plan(spec, await this.#wanted());
    const range = await queue.claim('ranges');
    if (range !== undefined) {
      await this.#beating('ranges', range, () => this.#make(range, runs));
      return true;
    }
    if (planned === 0 && (await ledger.finishIfDone())) this.#over ??= 'done';
    return false;
  }

  async #make(claim: Claim<RangeJob>, runs: RangeMaker): Promise<void> {
    const { ledger, spec, stop } = this.#options;
    try {
      const result = await runs.make(cellOf(spec, claim.data.cell), claim.data, stop);
      await ledger.settle(spec, claim, result, hostname());
    } catch (error) {
      await ledger.fail(claim, sayError(error, 'RANGE_FAILED'));
    }
  }

  async #makeSmall(claim: Claim<FailureJob>): Promise<void> {
    const { ledger } = this.#options;
    const began = performance.now();
    try {
      const first = await ledger.firstOf(claim.data);
      if (first === undefined) throw new Error(`no run is kept of ${claim.data.group}`);
      const answer = await this.#visit(claim.data, first);
      if (answer.stopped) return await ledger.giveBack(claim);
      if ('error' in answer) throw LockstepError.from(answer.error);
      const { failure } = answer.report;
      if (failure === null) throw new Error(`run ${first.run} of ${claim.data.cell} did not fail again`);
      const seconds = (performance.now() - began) / 1000;
      await ledger.keepShown('failures', claim, {
        run: first.run,
        failure: { ...failure, how: 'search' },
        error: null,
        seconds,
      });
    } catch (error) {
      await ledger.failFailure(claim, sayError(error, 'SHRINK_FAILED'));
    }
  }

  /** As a comparison makes small what another cell has found (compare/visit.ts). */
  async #visit({ cell: key }: FailureJob, { group, plan }: FailingRun): Promise<WorkerAnswer> {
    const { spec, machines, shrinkMs, stop } = this.#options;
    const cell = cellOf(spec, key);
    const machine = machines.get(cell.engine);
    if (machine === undefined) throw new Error(`no machine for ${cell.engine}`);
    const worker = new Worker();
    const watch = setInterval(() => {
      if (stop()) worker.stop();
    }, 100);
    try {
      const { seed, chooser, bound, short } = spec;
      return await worker.visit({
        cell,
        machine,
        seed,
        chooser,
        bound,
        short,
        shrinkMs,
        stepsMax,
        scenarioModule: scenarioModuleOf(cell.scenario),
        seen: [],
        first: 0,
        runs: 0,
        replayFrom: 0,
        violated: [],
        borrowed: [
          {
            name: group,
            plan,
          },
        ],
        searches: 'never',
        timeMs: null,
        wholeMs: null,
        powerLoss: [],
        powerFirst: 0,
        powerRuns: 0,
        powerOnly: false,
      });
    } finally {
      clearInterval(watch);
      await worker.close();
    }
  }

  async #beating(kind: 'ranges' | 'failures', claim: Claim<unknown>, body: () => Promise<void>): Promise<void> {
    const { queue } = this.#options;
    const beats = this.#every(queue.beatMs, () => queue.beat(kind, claim));
    try {
      await body();
    } finally {
      beats();
    }
  }

  /** Ranges that should stand on the plan: some for each job of everybody who works on it. */
  async #wanted(): Promise<number> {
    const [row] = await this.#options.database.query(
      `SELECT coalesce(sum(jobs), 0)::int AS jobs FROM lockstep.workers
       WHERE campaign = $1 AND ended IS NULL AND seen > now() - make_interval(secs => $2)`,
      [this.#options.ledger.name, presentSeconds],
    );
    return plannedPerJob * Math.max(Number(row?.['jobs']), this.#options.jobs);
  }

  async #present(): Promise<void> {
    const { database, ledger, jobs } = this.#options;
    await database.query(
      `INSERT INTO lockstep.workers (id, campaign, machine, jobs) VALUES ($1, $2, $3, $4)
       ON CONFLICT (id) DO UPDATE SET seen = now()`,
      [this.#id, ledger.name, hostname(), jobs],
    );
  }

  async #leave(): Promise<void> {
    await this.#options.database
      .query(`UPDATE lockstep.workers SET ended = now() WHERE id = $1`, [this.#id])
      .catch(this.#options.onTrouble);
  }
}

/**
 * Works on a campaign until nothing is left of it, a person stops it, or `stop` says so.
 *
 * @throws a harness error when the store is lost
 */
export function work(options: WorkOptions): Promise<WorkEnd> {
  return new WorkerOfCampaign(options).go();
}
