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
import { cellOf } from './campaigns.ts';
import { Goings } from './generations.ts';
import type { Ledger } from './ledger.ts';
import type { Claim, FailureJob, Queue, RangeJob } from './queue.ts';
import { type FailingRun, RangeTally } from './range.ts';
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

/** What a slot has done last. */
type Done = 'range' | 'failure' | 'nothing';

/** Real milliseconds between two looks for work where there was none. */
const idleMs = 300;

/** Steps that the timeline of a failure may have. */
const stepsMax = 5000;

/**
 * Ranges on the plan for each job of everybody who works on it, those under way among them: with fewer than `least` more are planned, up to
 * `most`.
 */
const plannedPerJob = { least: 2, most: 4 } as const;

class WorkerOfCampaign {
  readonly #options: WorkOptions;
  readonly #id = randomUUID();
  readonly #goings: Goings;
  /** Of all workers, as it was last heard. */
  #jobs: number;
  #over: WorkEnd | undefined;

  constructor(options: WorkOptions) {
    this.#options = options;
    this.#jobs = options.jobs;
    this.#goings = new Goings(options.database, options.ledger.name, options.spec);
  }

  async go(): Promise<WorkEnd> {
    const { jobs, queue, ledger, spec, onTrouble } = this.#options;
    await ledger.present(this.#id, hostname(), jobs);
    const beats = this.#every(queue.superviseMs, async () => {
      await ledger.present(this.#id, hostname(), jobs);
      await queue.supervise();
      await ledger.takeGivenUp(spec);
    });
    try {
      await Promise.all(Array.from({ length: jobs }, () => this.#slot()));
      return this.#over ?? 'told';
    } finally {
      beats();
      await ledger.leave(this.#id).catch(onTrouble);
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
      for (let last: Done = 'nothing'; !this.#ends(); ) {
        last = await this.#next(runs, last);
        if (last === 'nothing') await pause(idleMs);
      }
    } finally {
      await runs.close();
    }
  }

  /** Does one thing: ranges and failures in turns, where there are both, so that neither waits for the end of the other. */
  async #next(runs: RangeMaker, last: Done): Promise<Done> {
    const { ledger, spec } = this.#options;
    const { state, planned, jobs, hasFailures } = await ledger.outlook(plannedPerJob.least * this.#jobs);
    if (state === 'stopped' || state === 'done') this.#over ??= state;
    if (state !== 'running') return 'nothing';
    this.#jobs = Math.max(jobs, this.#options.jobs);
    if (hasFailures && last !== 'failure' && (await this.#takeFailure())) return 'failure';
    const isLow = planned < plannedPerJob.least * this.#jobs;
    const waits = planned === 0;
    const onPlan = (isLow ? await ledger.plan(spec, plannedPerJob.most * this.#jobs, { waits }) : planned) ?? planned;
    if (onPlan > 0 && (await this.#takeRange(runs))) return 'range';
    if (hasFailures && last === 'failure' && (await this.#takeFailure())) return 'failure';
    if (onPlan === 0 && (await ledger.finishIfDone())) this.#over ??= 'done';
    return 'nothing';
  }

  async #takeRange(runs: RangeMaker): Promise<boolean> {
    const claim = await this.#options.queue.claim('ranges');
    if (claim !== undefined) await this.#beating('ranges', claim, () => this.#make(claim, runs));
    return claim !== undefined;
  }

  async #takeFailure(): Promise<boolean> {
    const claim = await this.#options.queue.claim('failures');
    if (claim !== undefined) await this.#beating('failures', claim, () => this.#makeSmall(claim));
    return claim !== undefined;
  }

  async #make(claim: Claim<RangeJob>, runs: RangeMaker): Promise<void> {
    const { ledger, spec, stop } = this.#options;
    const { data } = claim;
    try {
      const going = await this.#goings.of(data);
      // Of one that somebody else has finished nothing is kept, whatever it gave.
      const result =
        going === 'over'
          ? new RangeTally(data.first, '').result(0)
          : await runs.make(cellOf(spec, data.cell), data, stop, going);
      await ledger.settle(spec, claim, result, hostname());
    } catch (error) {
      await ledger.fail(spec, claim, sayError(error, 'RANGE_FAILED'));
    }
  }

  async #makeSmall(claim: Claim<FailureJob>): Promise<void> {
    const { failures } = this.#options.ledger;
    const began = performance.now();
    try {
      const found = await failures.runOf(claim.data);
      if (found === undefined) return await failures.settle('failures', claim, undefined);
      const answer = await this.#visit(claim.data, found);
      if (answer.stopped) return await failures.giveBack(claim);
      if ('error' in answer) throw LockstepError.from(answer.error);
      const { failure } = answer.report;
      if (failure === null) throw new Error(`run ${found.run} of ${claim.data.cell} did not fail again`);
      const seconds = (performance.now() - began) / 1000;
      await failures.settle('failures', claim, { failure: { ...failure, how: 'search' }, seconds });
    } catch (error) {
      await failures.fail(claim, sayError(error, 'SHRINK_FAILED'));
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
        borrowed: [{ name: group, plan }],
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
}

/**
 * Works on a campaign until nothing is left of it, a person stops it, or `stop` says so.
 *
 * @throws a harness error when the store is lost
 */
export function work(options: WorkOptions): Promise<WorkEnd> {
  return new WorkerOfCampaign(options).go();
}
