// The order of a comparison: workers visit cells until the budget is spent. With a number of runs every cell is visited
// once. With a time for the whole there are three rounds: the first shares out more than half of it, cell by cell; the second
// shares the most of the rest among the cells that have not failed; the last goes to those that a shipped plan made fail, so
// that it can be said whether chance finds the failure too. A cell that fails early leaves its time to the others.
// What stays out: a visit (visit.ts), files, printing.
import type { ErrorSaid } from '../harness/errors/errors.ts';
import type { RandomChooserName } from '../harness/run/choosers/catalogue.ts';
import { type RunCounts, sumOfRuns } from '../harness/model/verdict.ts';
import type { LaneBinaries } from '../harness/run/pool.ts';
import { scenarioModuleOf } from '../scenarios/known.ts';
import { type CellName, keyOf } from './cells.ts';
import type { Failure, VisitOrder, VisitReport } from './visit.ts';
import { Worker, type WorkerAnswer } from './worker.ts';

/**
 * @property bound that a pass must keep to
 * @property runs random runs of each cell at most; null for no bound
 * @property timeMs real milliseconds for the whole; null for no bound
 * @property shrinkMs real milliseconds at most for making one failure small
 * @property stepsMax steps that the timeline of a failure may have
 */
export interface CampaignOptions {
  readonly cells: readonly CellName[];
  readonly machines: ReadonlyMap<string, LaneBinaries>;
  readonly seed: number;
  readonly chooser: RandomChooserName;
  readonly bound: number;
  readonly short: boolean;
  readonly jobs: number;
  readonly runs: number | null;
  readonly timeMs: number | null;
  readonly shrinkMs: number;
  readonly stepsMax: number;
  readonly stop: () => boolean;
  /** What earlier visits have found, by {@link keyOf}: those go on from there. */
  readonly known?: ReadonlyMap<string, CellReport>;
  /** Makes a worker; default: a process. */
  readonly makeWorker?: () => CampaignWorker;
  /**
   * What is known of a cell now: after each visit, but for one that was cut short and told nothing of a cell that is known.
   * `final`: all that the cell was to be visited for was done, but maybe for chance's part in a failure of memory.
   */
  readonly onCell: (finding: CellFinding, final: boolean) => void;
  readonly onBegin?: (cell: CellName) => void;
}

/** Who visits cells (worker.ts). */
export type CampaignWorker = Pick<Worker, 'visit' | 'stop' | 'close'>;

/**
 * All visits to a cell together.
 *
 * @property failure `kept`: the document that is gone on from has it, and its files are there
 */
export interface CellReport extends Omit<VisitReport, 'failure'> {
  readonly failure: Failure | 'kept' | null;
}

/**
 * All that visits have found of a cell.
 *
 * @property cut the visit that found its failure was interrupted, or the only one
 */
export interface CellFinding {
  readonly cell: CellName;
  readonly report: CellReport;
  readonly error: ErrorSaid | null;
  readonly cut?: boolean;
}

/** Least time for a visit: less would not even replay a plan. */
const visitMsMin = 500;

/** Of a cell that nobody has visited. */
export const emptyReport: VisitReport = {
  replayed: 0,
  replayable: 0,
  reachedByReplay: 0,
  runs: 0,
  repeats: 0,
  reached: 0,
  fingerprints: [],
  steps: 0,
  seconds: 0,
  marks: {},
  hazards: [],
  violated: [],
  failure: null,
};

function added(a: { readonly [name: string]: number }, b: { readonly [name: string]: number }): VisitReport['marks'] {
  const sum = new Map(Object.entries(a));
  for (const [name, count] of Object.entries(b)) sum.set(name, (sum.get(name) ?? 0) + count);
  return Object.fromEntries([...sum].toSorted(([x], [y]) => (x < y ? -1 : 1)));
}

/** Two visits of one cell, the later one going on from the earlier. */
function joined(before: CellReport, later: VisitReport): CellReport {
  return {
    replayed: before.replayed + later.replayed,
    replayable: Math.max(before.replayable, later.replayable),
    reachedByReplay: before.reachedByReplay + later.reachedByReplay,
    ...runsOf(before, later),
    fingerprints: [...before.fingerprints, ...later.fingerprints],
    steps: before.steps + later.steps,
    seconds: before.seconds + later.seconds,
    marks: added(before.marks, later.marks),
    hazards: [...new Set([...before.hazards, ...later.hazards])].toSorted(),
    violated: later.violated,
    failure: later.failure ?? before.failure,
  };
}

/** Runs of a visit that knew what the one before had done add up; those of a document that is gone on from may be the same. */
function runsOf(before: CellReport, later: VisitReport): RunCounts {
  const wasCompared = before.fingerprints.length === before.runs - before.repeats;
  if (!wasCompared) return sumOfRuns([before, later]);
  const sum = (of: (counts: RunCounts) => number): number => of(before) + of(later);
  return {
    runs: sum(({ runs }) => runs),
    repeats: sum(({ repeats }) => repeats),
    reached: sum(({ reached }) => reached),
  };
}

/** Parts of the time after which the rounds end; what is left then is for making small and showing what was found last. */
const rounds = { first: 0.55, second: 0.85, last: 0.95 } as const;

/** `all`: every cell · `open`: those that have not failed, for the last time · `failed`: those that only memory made fail */
type Round = 'all' | 'open' | 'failed';

class Campaign {
  readonly #options: CampaignOptions;
  readonly #began = performance.now();
  readonly #known: Map<string, CellReport>;

  constructor(options: CampaignOptions) {
    this.#options = options;
    this.#known = new Map(options.known);
  }

  async go(): Promise<void> {
    const { cells, timeMs, stop, jobs } = this.#options;
    const makeWorker = this.#options.makeWorker ?? (() => new Worker());
    const workers = Array.from({ length: Math.min(jobs, cells.length) }, makeWorker);
    const watch = setInterval(() => {
      if (stop()) for (const worker of workers) worker.stop();
    }, 50);
    try {
      if (timeMs === null) {
        await this.#round('open', workers, cells, null);
        return;
      }
      const unsettled = cells.filter((cell) => !this.#isFailedByMemory(cell));
      const open = await this.#round('all', workers, unsettled, rounds.first * timeMs);
      const failed = cells.filter((cell) => this.#isFailedByMemory(cell));
      await this.#round('open', workers, open, (failed.length === 0 ? rounds.last : rounds.second) * timeMs);
      await this.#round('failed', workers, failed, rounds.last * timeMs);
    } finally {
      clearInterval(watch);
      await Promise.all(workers.map((worker) => worker.close()));
    }
  }

  /**
   * @param untilMs end of the round, from the campaign's beginning; null for no bound
   * @returns cells that have neither failed nor met an error
   */
  async #round(
    round: Round,
    workers: readonly CampaignWorker[],
    cells: readonly CellName[],
    untilMs: number | null,
  ): Promise<readonly CellName[]> {
    const open: CellName[] = [];
    let next = 0;
    const work = async (worker: CampaignWorker): Promise<void> => {
      for (;;) {
        const cell = cells[next];
        if (cell === undefined || this.#options.stop()) return;
        const shareMs = untilMs === null ? null : this.#share(untilMs, cells.length - next, workers.length);
        next++;
        const known = this.#known.get(keyOf(cell));
        if (this.#over() || (shareMs !== null && shareMs < visitMsMin && known !== undefined)) {
          if (round !== 'failed') this.#options.onCell({ cell, report: known ?? emptyReport, error: null }, true);
          continue;
        }
        this.#options.onBegin?.(cell);
        const answer = await worker.visit(this.#order(cell, shareMs));
        if (this.#took(cell, answer, round)) open.push(cell);
      }
    };
    await Promise.all(workers.map((worker) => work(worker)));
    return cells.filter((cell) => open.includes(cell));
  }

  /** Did a shipped plan make it fail, and no random run was made? */
  #isFailedByMemory(cell: CellName): boolean {
    const known = this.#known.get(keyOf(cell));
    return known !== undefined && known.failure !== null && known.runs === 0;
  }

  /** Is the time for visits up? */
  #over(): boolean {
    return performance.now() - this.#began >= rounds.last * (this.#options.timeMs ?? Infinity);
  }

  #share(untilMs: number, cells: number, workers: number): number {
    const leftMs = untilMs - (performance.now() - this.#began);
    return Math.max(0, (leftMs * Math.min(workers, cells)) / cells);
  }

  #order(cell: CellName, shareMs: number | null): VisitOrder {
    const { machines, seed, chooser, bound, short, runs, timeMs, shrinkMs, stepsMax } = this.#options;
    const machine = machines.get(cell.engine);
    if (machine === undefined) throw new Error(`no machine for ${cell.engine}`);
    const before = this.#known.get(keyOf(cell));
    const first = before?.runs ?? 0;
    return {
      cell,
      scenarioModule: scenarioModuleOf(cell.scenario),
      machine,
      seed,
      chooser,
      bound,
      seen: before?.fingerprints ?? [],
      short,
      first,
      runs: runs === null ? null : Math.max(0, runs - first),
      timeMs: shareMs === null ? null : Math.max(visitMsMin, shareMs),
      wholeMs: timeMs === null ? null : Math.max(0, timeMs - (performance.now() - this.#began)),
      replayFrom: before?.replayed ?? 0,
      violated: before?.violated ?? [],
      searches: shareMs === null || before !== undefined ? 'always' : 'unless-failed',
      stepsMax,
      shrinkMs: shareMs === null ? shrinkMs : Math.min(shrinkMs, Math.max(2000, 2 * shareMs)),
    };
  }

  /** @returns whether the cell may be visited again */
  #took(cell: CellName, answer: WorkerAnswer, round: Round): boolean {
    const before = this.#known.get(keyOf(cell)) ?? emptyReport;
    const isFirst = !this.#known.has(keyOf(cell));
    const isKept = 'report' in answer && (answer.report.failure !== null || round === 'failed');
    if (answer.stopped && !isKept) {
      if (isFirst && 'report' in answer) this.#options.onCell({ cell, ...answer, error: null, cut: true }, false);
      return false;
    }
    if ('error' in answer) {
      if (round === 'failed') return false; // what memory found stands
      const report = { ...before, seconds: before.seconds + answer.seconds };
      this.#options.onCell({ cell, report, error: answer.error }, true);
      return false;
    }
    const report = joined(before, answer.report);
    this.#known.set(keyOf(cell), report);
    const failed = report.failure !== null;
    const final = round !== 'all' || failed;
    this.#options.onCell({ cell, report, error: null, cut: answer.stopped && round !== 'failed' }, final);
    return !failed;
  }
}

/** Visits the cells; what is found is told by `onCell`. Ends early when `stop` says so. */
export function campaign(options: CampaignOptions): Promise<void> {
  return new Campaign(options).go();
}
