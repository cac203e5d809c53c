// The order of a comparison: workers visit cells until the budget is spent. With a number of runs every cell is visited
// once. With a time for the whole there are four rounds: the first shares out a quarter of it, cell by cell, and shows what runs cost; the second lets cells pass that
// have not failed, each for as long as that takes; the third shares the most of the rest among those that still
// have not passed, or among all that have not failed; the last goes to those that a shipped plan made fail, so
// that it can be said whether chance finds the failure too. A cell that fails early leaves its time to the others.
// Where cells lend each other plans, they are visited in waves: what made a cell fail is replayed in the cells of the same scenario
// and engine, first of all in those of later waves, and after each wave in all that have not failed. Nothing passes within a wave, so
// that what is found does not depend on who was visited first.
// What stays out: a visit (visit.ts), files, printing.
import type { ErrorSaid } from '../harness/errors/errors.ts';
import type { RandomChooserName } from '../harness/run/choosers/names.ts';
import type { ModelName } from '../harness/model/file-systems.ts';
import { nothingNoticed, noticedTogether } from '../harness/model/noticed.ts';
import type { Plan } from '../harness/model/plan.ts';
import { sumOfFigures, togetherByModel } from '../harness/model/power-figures.ts';
import { missingRuns, type RunCounts, sumOfRuns } from '../harness/model/verdict.ts';
import type { LaneBinaries } from '../harness/run/pool.ts';
import { scenarioModuleOf } from '../scenarios/known.ts';
import { type CellName, keyOf, planFileOf } from './cells.ts';
import type { BorrowedPlan, Failure, VisitOrder, VisitReport } from './visit.ts';
import { Worker, type WorkerAnswer } from './worker.ts';

/**
 * @property bound that a pass must keep to
 * @property runs random runs of each cell at most; null for no bound
 * @property timeMs real milliseconds for the whole; null for no bound
 * @property powerLoss file systems on which the power goes in recorded runs, `powerRuns` at most of each cell; null: as scenarios ask;
 *   `powerOnly`: no other runs are made
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
  readonly powerLoss?: readonly ModelName[] | null;
  readonly powerRuns?: number;
  readonly powerOnly?: boolean;
  readonly shrinkMs: number;
  readonly stepsMax: number;
  readonly stop: () => boolean;
  /** What earlier visits have found, by {@link keyOf}: those go on from there. */
  readonly known?: ReadonlyMap<string, CellReport>;
  /** Cells lend each other the plans that made them fail. */
  readonly lending?: Lending;
  /** Makes a worker; default: a process. */
  readonly makeWorker?: () => CampaignWorker;
  /**
   * What is known of a cell now: after each visit, but for one that was cut short and told nothing of a cell that is known.
   * `final`: all that the cell was to be visited for was done, but maybe for chance's part in a failure of memory.
   */
  readonly onCell: (finding: CellFinding, final: boolean) => void;
  readonly onBegin?: (cell: CellName) => void;
}

/**
 * @property waves all cells of the comparison, those to be visited first in the first; of those that are not in
 *   {@link CampaignOptions.cells} only what is lent to them and by them counts
 * @property plans what made cells fail before, by {@link keyOf}
 */
export interface Lending {
  readonly waves: readonly (readonly CellName[])[];
  readonly plans: ReadonlyMap<string, Plan>;
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

/** Recorded runs of a cell that lose their power. */
export const powerRunsDefault = 5;

/** Of a cell that nobody has visited. */
export const emptyReport: VisitReport = {
  replayed: 0,
  replayable: 0,
  reachedByReplay: 0,
  borrowed: [],
  runs: 0,
  repeats: 0,
  reached: 0,
  fingerprints: [],
  explored: null,
  steps: 0,
  seconds: 0,
  runSeconds: 0,
  marks: {},
  hazards: [],
  noticed: nothingNoticed,
  violated: [],
  powerLoss: [],
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
    borrowed: [...before.borrowed, ...later.borrowed].toSorted(),
    fingerprints: [...before.fingerprints, ...later.fingerprints],
    explored: later.explored ?? before.explored,
    steps: before.steps + later.steps,
    seconds: before.seconds + later.seconds,
    runSeconds: before.runSeconds + later.runSeconds,
    marks: added(before.marks, later.marks),
    noticed: noticedTogether([before, later]),
    hazards: [...new Set([...before.hazards, ...later.hazards])].toSorted(),
    violated: later.violated,
    powerLoss: togetherByModel([before.powerLoss, later.powerLoss], sumOfFigures),
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
const rounds = { first: 0.25, second: 0.85, last: 0.95 } as const;

/** Part of the time that replaying what was lent may take after each wave. */
const lendingPart = 0.05;

function sumOf(needs: readonly { readonly ms: number }[]): number {
  return needs.reduce((sum, { ms }) => sum + ms, 0);
}

/** So much longer than it looks as if a cell needed it may go on for its pass: what the rate is known by is few runs, and replays are left to be made. */
const passMargin = 2.2;

/**
 * `all`: every cell · `passes`: those that can have a pass in the time that is left · `open`: those that have not failed, for the last time · `failed`: those that only memory made fail ·
 * `lent`: what others lend is replayed
 */
type Round = 'all' | 'passes' | 'open' | 'failed' | 'lent';

class Campaign {
  readonly #options: CampaignOptions;
  readonly #began = performance.now();
  readonly #known: Map<string, CellReport>;
  readonly #waves: readonly (readonly CellName[])[];
  readonly #plans: Map<string, Plan>;
  /** Cells that met an error. */
  readonly #broken = new Set<string>();

  constructor(options: CampaignOptions) {
    this.#options = options;
    this.#known = new Map(options.known);
    this.#waves = options.lending?.waves ?? [options.cells];
    this.#plans = new Map(options.lending?.plans);
  }

  async go(): Promise<void> {
    const { cells, timeMs, stop, jobs } = this.#options;
    const makeWorker = this.#options.makeWorker ?? (() => new Worker());
    const lentTo = this.#options.lending === undefined ? 0 : this.#waves.flat().length;
    const workers = Array.from({ length: Math.min(jobs, cells.length + lentTo) }, makeWorker);
    const watch = setInterval(() => {
      if (stop()) for (const worker of workers) worker.stop();
    }, 50);
    try {
      if (timeMs === null) {
        await this.#inWaves('open', workers, cells, null);
        return;
      }
      const unsettled = cells.filter((cell) => !this.#isFailedByMemory(cell));
      await this.#inWaves('all', workers, unsettled, rounds.first * timeMs);
      const open = unsettled.filter((cell) => this.#isOpen(cell));
      const failed = cells.filter((cell) => this.#isFailedByMemory(cell));
      const untilMs = (failed.length === 0 ? rounds.last : rounds.second) * timeMs;
      await this.#passes(workers, open, untilMs);
      const lacking = this.#settlePassed(open.filter((cell) => this.#isOpen(cell)));
      await this.#inWaves('open', workers, lacking, untilMs);
      await this.#round('failed', workers, failed, rounds.last * timeMs);
    } finally {
      clearInterval(watch);
      await Promise.all(workers.map((worker) => worker.close()));
    }
  }

  /**
   * Of those that are open the ones that have no pass yet, as long as there are any: many answers are worth more than a few tight bounds.
   * Else all.
   */
  #settlePassed(open: readonly CellName[]): readonly CellName[] {
    const { bound, onCell } = this.#options;
    const reports = open.map((cell) => ({ cell, report: this.#known.get(keyOf(cell)) ?? emptyReport }));
    const { lacking = [], passed = [] } = Object.groupBy(reports, ({ report: { reached } }) =>
      missingRuns(reached, bound) > 0 ? 'lacking' : 'passed',
    );
    if (lacking.length === 0) return open;
    for (const { cell, report } of passed) onCell({ cell, report, error: null }, true);
    return lacking.map(({ cell }) => cell);
  }

  /**
   * Each until it has its pass, as long as all that it needs is left: shared out evenly the time would end just before many of them passed.
   * The dearest first where there is time for all, so that in the end no worker is alone with it; else the cheapest.
   */
  async #passes(workers: readonly CampaignWorker[], open: readonly CellName[], untilMs: number): Promise<void> {
    const needs = open
      .map((cell) => ({ cell, ...this.#needOf(cell) }))
      .filter(({ enough, ms }) => enough > 0 && ms < Infinity)
      .toSorted((a, b) => a.ms - b.ms);
    const leftMs = untilMs - this.#goneMs();
    const haveTime = needs.every(({ ms }) => ms <= leftMs) && sumOf(needs) <= leftMs * workers.length;
    const cells = (haveTime ? needs.toReversed() : needs).map(({ cell }) => cell);
    await this.#each(workers, cells, async (worker, cell) => {
      const { ms, enough } = this.#needOf(cell);
      if (ms > untilMs - this.#goneMs()) return;
      this.#options.onBegin?.(cell);
      const order = { ...this.#order(cell, Math.min(passMargin * ms, untilMs - this.#goneMs())), enough };
      this.#took(cell, await worker.visit(order), 'passes');
    });
  }

  /** Runs in the window that a cell lacks for its pass, and the real milliseconds that they take at the rate of those it has. */
  #needOf(cell: CellName): { readonly enough: number; readonly ms: number } {
    const { reached, runSeconds } = this.#known.get(keyOf(cell)) ?? emptyReport;
    const enough = missingRuns(reached, this.#options.bound);
    return { enough, ms: reached === 0 ? Infinity : (enough * runSeconds * 1000) / reached };
  }

  /**
   * Wave by wave; each has of the time what its cells are of all, where those of the first count twice. Parameters: as {@link #round}.
   */
  async #inWaves(
    round: Round,
    workers: readonly CampaignWorker[],
    cells: readonly CellName[],
    untilMs: number | null,
  ): Promise<void> {
    const wanted = new Set(cells.map(keyOf));
    const waves = this.#waves.map((wave) => wave.filter((cell) => wanted.has(keyOf(cell))));
    const weights = waves.map((wave, i) => wave.length * (i === 0 ? 2 : 1));
    for (const [i, wave] of waves.entries()) {
      const beganMs = this.#goneMs();
      const left = weights.slice(i).reduce((sum, weight) => sum + weight, 0);
      const part = (weights[i] ?? 0) / Math.max(1, left);
      await this.#round(round, workers, wave, untilMs === null ? null : beganMs + (untilMs - beganMs) * part);
      await this.#lend(workers);
    }
  }

  /** @param untilMs end of the round, from the campaign's beginning; null for no bound */
  async #round(
    round: Round,
    workers: readonly CampaignWorker[],
    cells: readonly CellName[],
    untilMs: number | null,
  ): Promise<void> {
    const earlier = new Map(cells.map((cell) => [cell, this.#lentTo(cell, 'earlier waves')]));
    await this.#each(workers, cells, async (worker, cell, left) => {
      const shareMs = untilMs === null ? null : this.#share(untilMs, left, workers.length);
      const known = this.#known.get(keyOf(cell));
      if (this.#over() || (shareMs !== null && shareMs < visitMsMin && known !== undefined)) {
        if (round !== 'failed') this.#options.onCell({ cell, report: known ?? emptyReport, error: null }, true);
        return;
      }
      this.#options.onBegin?.(cell);
      const order = { ...this.#order(cell, shareMs), borrowed: earlier.get(cell) ?? [] };
      this.#took(cell, await worker.visit(order), round);
    });
  }

  /** Replays what made cells fail in the others, until nothing new fails of it or its time is up. */
  async #lend(workers: readonly CampaignWorker[]): Promise<void> {
    const { timeMs, lending } = this.#options;
    if (lending === undefined) return;
    const untilMs = timeMs === null ? null : Math.min(this.#goneMs() + lendingPart * timeMs, rounds.last * timeMs);
    for (let failed = -1; failed !== this.#plans.size; ) {
      failed = this.#plans.size;
      const cells = this.#waves.flat().filter((cell) => this.#isOpen(cell));
      const lent = cells.map((cell) => ({ cell, borrowed: this.#lentTo(cell, 'all waves') }));
      const some = new Map(lent.filter(({ borrowed }) => borrowed.length > 0).map((one) => [one.cell, one.borrowed]));
      await this.#each(workers, [...some.keys()], async (worker, cell, left) => {
        if (untilMs !== null && this.#goneMs() >= untilMs) return;
        const shareMs = untilMs === null ? null : this.#share(untilMs, left, workers.length);
        const order: VisitOrder = {
          ...this.#order(cell, shareMs),
          borrowed: some.get(cell) ?? [],
          searches: 'never',
        };
        this.#took(cell, await worker.visit(order), 'lent');
      });
    }
  }

  /** Visits cells with all workers, in order. `left`: cells that are still to come, this one among them. */
  async #each(
    workers: readonly CampaignWorker[],
    cells: readonly CellName[],
    visit: (worker: CampaignWorker, cell: CellName, left: number) => Promise<void>,
  ): Promise<void> {
    let next = 0;
    const work = async (worker: CampaignWorker): Promise<void> => {
      for (;;) {
        const cell = cells[next];
        if (cell === undefined || this.#options.stop()) return;
        next++;
        await visit(worker, cell, cells.length - next + 1);
      }
    };
    await Promise.all(workers.map((worker) => work(worker)));
  }

  /** Plans that made other cells of the same scenario and engine fail, and were not replayed in this one. */
  #lentTo(cell: CellName, from: 'earlier waves' | 'all waves'): readonly BorrowedPlan[] {
    const known = this.#known.get(keyOf(cell))?.borrowed ?? [];
    const own = this.#waves.findIndex((wave) => wave.some((one) => keyOf(one) === keyOf(cell)));
    const lenders = from === 'all waves' ? this.#waves : this.#waves.slice(0, own);
    return lenders
      .flat()
      .filter((one) => one.scenario === cell.scenario && one.engine === cell.engine && keyOf(one) !== keyOf(cell))
      .flatMap((one) => {
        const plan = this.#plans.get(keyOf(one));
        return plan === undefined ? [] : [{ name: planFileOf(one), plan }];
      })
      .filter(({ name }) => !known.includes(name));
  }

  /** Was it visited, and has it neither failed nor met an error? */
  #isOpen(cell: CellName): boolean {
    return this.#known.get(keyOf(cell))?.failure === null && !this.#broken.has(keyOf(cell));
  }

  #goneMs(): number {
    return performance.now() - this.#began;
  }

  /** Did a shipped plan make it fail, and no random run was made? */
  #isFailedByMemory(cell: CellName): boolean {
    const known = this.#known.get(keyOf(cell));
    return known !== undefined && known.failure !== null && known.runs === 0;
  }

  /** Is the time for visits up? */
  #over(): boolean {
    return this.#goneMs() >= rounds.last * (this.#options.timeMs ?? Infinity);
  }

  #share(untilMs: number, cells: number, workers: number): number {
    const leftMs = untilMs - this.#goneMs();
    return Math.max(0, (leftMs * Math.min(workers, cells)) / cells);
  }

  #order(cell: CellName, shareMs: number | null): VisitOrder {
    const { machines, seed, chooser, bound, short, runs, timeMs, shrinkMs, stepsMax } = this.#options;
    const { powerLoss = null, powerRuns = powerRunsDefault, powerOnly = false } = this.#options;
    const machine = machines.get(cell.engine);
    if (machine === undefined) throw new Error(`no machine for ${cell.engine}`);
    const before = this.#known.get(keyOf(cell));
    const first = before?.runs ?? 0;
    const powerFirst = before?.powerLoss[0]?.runs ?? 0;
    return {
      cell,
      scenarioModule: scenarioModuleOf(cell.scenario),
      machine,
      seed,
      chooser,
      bound,
      seen: before?.fingerprints ?? [],
      explored: before?.explored ?? null,
      short,
      first,
      runs: runs === null ? null : Math.max(0, runs - first),
      timeMs: shareMs === null ? null : Math.max(visitMsMin, shareMs),
      wholeMs: timeMs === null ? null : Math.max(0, timeMs - this.#goneMs()),
      replayFrom: before?.replayed ?? 0,
      borrowed: [],
      violated: before?.violated ?? [],
      searches: shareMs === null || before !== undefined ? 'always' : 'unless-failed',
      stepsMax,
      powerLoss,
      powerFirst,
      powerRuns: Math.max(0, powerRuns - powerFirst),
      powerOnly,
      shrinkMs: shareMs === null ? shrinkMs : Math.min(shrinkMs, Math.max(2000, 2 * shareMs)),
    };
  }

  #took(cell: CellName, answer: WorkerAnswer, round: Round): void {
    const before = this.#known.get(keyOf(cell)) ?? emptyReport;
    const isFirst = !this.#known.has(keyOf(cell));
    const isBeside = round === 'failed' || round === 'lent'; // what was found before stands
    const isKept = 'report' in answer && (answer.report.failure !== null || isBeside);
    if (answer.stopped && !isKept) {
      if (isFirst && 'report' in answer) this.#options.onCell({ cell, ...answer, error: null, cut: true }, false);
      return;
    }
    if ('error' in answer) {
      if (isBeside) return;
      this.#broken.add(keyOf(cell));
      const report = { ...before, seconds: before.seconds + answer.seconds };
      this.#options.onCell({ cell, report, error: answer.error }, true);
      return;
    }
    const report = joined(before, answer.report);
    const { failure } = answer.report;
    this.#known.set(keyOf(cell), report);
    if (failure !== null && !this.#plans.has(keyOf(cell))) this.#plans.set(keyOf(cell), failure.plan);
    const final = report.failure !== null || round === 'open' || round === 'failed';
    this.#options.onCell({ cell, report, error: null, cut: answer.stopped && !isBeside }, final);
  }
}

/** Visits the cells; what is found is told by `onCell`. Ends early when `stop` says so. */
export function campaign(options: CampaignOptions): Promise<void> {
  return new Campaign(options).go();
}
