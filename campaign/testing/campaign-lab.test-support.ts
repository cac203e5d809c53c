// A campaign of simulated runs in some store, and what one process alone would have found.
import { keyOf } from '../../compare/cells.ts';
import type { Database } from '../store/database.ts';
import { makeTables } from '../store/schema.ts';
import { campaignIn, createCampaign } from '../campaigns.ts';
import { Ledger } from '../ledger.ts';
import { Queue, type QueueTimes } from '../queue.ts';
import { RangeTally } from '../range.ts';
import type { RangeMaker } from '../runs.ts';
import type { Spec } from '../spec.ts';
import { type CellTotal, totalsOf } from '../totals.ts';
import { work, type WorkEnd } from '../work.ts';
import { simulated, simulatedRun, window } from './simulated.test-support.ts';

/** As fast as pg-boss takes them. */
export const shortTimes: QueueTimes = { heartbeatSeconds: 10, superviseSeconds: 1, retries: 2 };

export function specOf(more: Partial<Spec> = {}): Spec {
  return {
    seed: 1,
    chooser: 'preemptions',
    bound: 0.05,
    short: false,
    runs: 200,
    until: null,
    rangeMs: 10,
    generation: null,
    code: 'code',
    machines: {},
    cells: ['a', 'b'].map((strategy) => ({
      scenario: 's',
      strategy,
      engine: '3.50.4',
    })),
    ...more,
  };
}

export async function newCampaign(database: Database, name: string, spec: Spec): Promise<void> {
  await makeTables(database);
  await createCampaign(database, name, spec);
}

interface Working {
  readonly makeRuns?: () => RangeMaker;
  readonly stop?: () => boolean;
  readonly jobs?: number;
}

/** One worker, to its end. Failures are not made small: nobody could run them. */
export async function workedOn(database: Database, name: string, options: Working = {}): Promise<WorkEnd> {
  const { spec } = await campaignIn(database, name);
  const queue = await Queue.open(database, name, { times: shortTimes, onTrouble: () => {} });
  const ledger = new Ledger(database, queue, name);
  const { makeRuns = () => simulated(spec), stop = () => false, jobs = 2 } = options;
  try {
    return await work({
      database,
      queue,
      ledger,
      spec,
      jobs,
      stop,
      makeRuns,
      machines: new Map(),
      shrinkMs: 1e3,
      onTrouble: () => {},
    });
  } finally {
    await queue.close();
  }
}

/** What is exact of a total: everything but times, and what was made small of failures. */
export function exactOf({ cell, runs, repeats, reached, steps, marks, hazards, groups, hashes }: CellTotal) {
  const failing = groups.map((one) => ({
    group: one.group,
    runs: one.runs.toSorted((a, b) => a - b),
    first: one.kept[0].run,
    kept: one.kept.map(({ run, plan, hash, violations }) => ({ run, plan, hash, violations })),
  }));
  return { cell, runs, repeats, reached, steps, marks, hazards, failing, hashes };
}

export async function exactTotals(database: Database, name: string) {
  return (await totalsOf(database, await campaignIn(database, name))).map(exactOf);
}

/** The same by a loop. */
export function aloneOf(spec: Spec) {
  return spec.cells.map((cell) => {
    const tally = new RangeTally(0, window);
    const seen = new Map<string, boolean>();
    for (let run = 0; run < (spec.runs ?? 0); run++) {
      const report = simulatedRun(spec.seed, cell, run);
      tally.add(report);
      if (report.drawn && !seen.has(report.fingerprint)) seen.set(report.fingerprint, report.marks.includes(window));
    }
    const { count, steps, marks, hazards, failed, kept, hashes } = tally.result(0);
    const failing = Object.entries(failed)
      .map(([group, runs]) => ({
        group,
        runs,
        first: runs[0] ?? 0,
        kept: kept
          .filter((one) => one.group === group)
          .map((one) => ({ run: one.run, plan: one.plan, hash: one.hash, violations: one.violations })),
      }))
      .toSorted((a, b) => a.first - b.first);
    return {
      cell: keyOf(cell),
      runs: count,
      repeats: count - seen.size,
      steps,
      marks,
      hazards,
      failing,
      reached: [...seen.values()].filter(Boolean).length,
      hashes: hashes.toString('hex'),
    };
  });
}
