// lockstep compare: every scenario under every strategy on every engine, within a budget, and the page that shows it; or one
// strategy taken apart.
import { existsSync } from 'node:fs';
import { harmNames } from '../../harness/model/invariant.ts';
import { sayError } from '../../harness/errors/errors.ts';
import type { Plan } from '../../harness/model/plan.ts';
import { planText } from '../../harness/search/plan-file.ts';
import { type About, type ResultCell, type ResultCost, type Results, resultsFormat } from '../../reports/results.ts';
import { ablationOf } from '../../reports/ablation.ts';
import { aboutRun } from '../../compare/about.ts';
import { campaign, type CellFinding, type Lending } from '../../compare/campaign.ts';
import { type CellName, keyOf, selectCells, type Selected } from '../../compare/cells.ts';
import { type Ablation, ablationAsked, asReportedName, lendingOf, strategiesOf } from '../compare/ablate.ts';
import { costedIn, costsOf, costTimeMs } from '../compare/costs.ts';
import { checkOutputs, exitCodeOf, keepEarlier, tellAnswer, tellResults, writeOutputs } from '../compare/outputs.ts';
import { Progress } from '../compare/progress.ts';
import { isFailedByMemory, judgeClaims, reportOf, resultCell } from '../../compare/result-cells.ts';
import { resumed } from '../../compare/resume.ts';
import { Store } from '../../compare/store.ts';
import { holdFolder } from '../../compare/hold-folder.ts';
import type { Interrupt } from '../interrupt.ts';
import { machinesFor } from '../machine.ts';
import type { CompareOptions } from '../declared/compare.ts';
import type { Output } from '../output.ts';

/**
 * Steps that all timelines of a page may have together: a step takes some 16 bytes of the page, and a page of 60 cells shall
 * be at most 5 MB.
 */
const pageSteps = 280_000;

/** A timeline is cut to the steps round what matters, never below the first and above the second number. */
const timelineSteps = [2000, 20_000] as const;

/** Of the whole, when no budget is given. */
const defaultTimeMs = 10 * 60_000;

/** What is compared. */
interface Asked {
  readonly selected: Selected;
  readonly ablation: Ablation | undefined;
}

/** A comparison that goes on: what is known, and how it is written. */
class Comparison {
  readonly #store: Store;
  readonly #selected: Selected;
  readonly #began = performance.now();
  readonly #before: number;
  readonly #about: About;
  readonly #ablation: Ablation | undefined;
  readonly #output: Output;
  /** Minimal plans of the cells that failed, by the file that each should be in. */
  readonly #plans = new Map<string, Plan>();
  readonly cells: Map<string, ResultCell>;
  costs: readonly ResultCost[];
  /** Why files cannot be written any more. */
  unwritable: { readonly error: unknown } | undefined;

  constructor(output: Output, store: Store, asked: Asked, about: About, earlier: Results | undefined) {
    this.#output = output;
    this.#store = store;
    this.#selected = asked.selected;
    this.#ablation = asked.ablation;
    this.#about = about;
    this.#before = earlier?.about.seconds ?? 0;
    this.cells = new Map((earlier?.cells ?? []).map((cell) => [keyOf(cell), cell]));
    this.costs = earlier?.costs ?? [];
  }

  /** In the order of the selection, whatever came first. */
  results(interrupted: boolean): Results {
    const cells = this.#selected.cells.flatMap((cell) => this.cells.get(keyOf(cell)) ?? []);
    const seconds = this.#before + (performance.now() - this.#began) / 1000;
    const about = { ...this.#about, seconds, interrupted };
    return {
      format: resultsFormat,
      about,
      cells,
      claims: [...judgeClaims(this.#selected.scenarios, cells, about)],
      costs: [...this.costs],
      ...(this.#ablation === undefined ? {} : { ablation: ablationOf(this.#ablation.asked, { about, cells }) }),
    };
  }

  /** Takes what was found of a cell, and writes it. Where that fails, `unwritable` says why, and what was found stays. */
  took(finding: CellFinding): ResultCell {
    const scenario = this.#selected.scenarios.find(({ name }) => name === finding.cell.scenario);
    const harm = harmNames(scenario?.invariants ?? []);
    const before = this.cells.get(keyOf(finding.cell));
    const files = this.#write(() => this.#keepFailure(finding, before)) ?? null;
    const cell = resultCell(finding, files, { harm, bound: this.#about.bound, scenario }, before);
    this.cells.set(keyOf(cell), cell);
    this.keep();
    return cell;
  }

  #keepFailure({ cell, report }: CellFinding, before: ResultCell | undefined) {
    const { failure, violated } = report;
    if (failure === null) return null;
    if (failure === 'kept') return { others: this.#store.keepOthers(cell, before?.violations ?? [], violated) };
    this.#plans.set(this.#store.filesOf(cell, failure, violated).plan, failure.plan);
    return this.#store.keepFailure(cell, failure, violated);
  }

  /** Until the comparison is done, what is on disk is that of an interrupted one. */
  keep(): void {
    this.#write(() => this.#store.keepResults(this.results(true)));
  }

  /** Says the plans that no file has. */
  rescue(): void {
    for (const [file, plan] of this.#plans)
      if (!existsSync(this.#store.path(file))) this.#output.rescue(planText(plan), this.#store.path(file));
  }

  #write<T>(body: () => T): T | undefined {
    try {
      return body();
    } catch (error) {
      this.unwritable ??= { error };
      return undefined;
    }
  }
}

export async function compare(output: Output, interrupt: Interrupt, options: CompareOptions): Promise<number> {
  const { seed, chooser, bound, jobs, short, shard = null, runs = null } = options;
  const timeMs = options.time ?? (runs === null && !options.powerOnly ? defaultTimeMs : null);
  const ablation = ablationAsked(options);
  const names = ablation?.scenarios ?? options.scenarios?.names ?? [];
  const selected = selectCells({
    ...options,
    scenarios: names.length > 0 ? names.join(',') : undefined,
    ...(ablation === undefined ? {} : { strategies: strategiesOf(ablation) }),
  });
  const baseline = checkOutputs(options, output);
  using held = holdFolder(options.out);
  const store = new Store(
    options.out,
    held,
    'What was written before is complete: make room, and give the same command with --resume.',
  );
  const given = { seed, chooser, bound, jobs, budget: { runs, timeMs }, short, shard };
  const about = await aboutRun(given, selected.scenarios, selected.cells, interrupt.signal);
  interrupt.check();
  const earlier = resumed(store, about, options.ablate, options.resume);
  const at = earlier?.about.at ?? about.at;
  const comparison = new Comparison(output, store, { selected, ablation }, { ...about, at }, earlier);
  const machines = await machinesFor(selected.engines, output, interrupt, {
    host: options.host,
    scenarios: selected.scenarios,
  });
  if (earlier === undefined) keepEarlier(output, store);
  const lending = ablation === undefined ? {} : { lending: lendingOf(ablation, selected, store, earlier?.cells ?? []) };
  const exploration = { options, selected, machines, timeMs, interrupt, earlier, ...lending };
  const broken = await failureOf(() => explore(output, comparison, exploration));
  let results = comparison.results(interrupt.requested || broken !== undefined);
  const unwritten = await failureOf(async () => {
    results = await writeOutputs(output, store, results, options, baseline);
  });
  const failure = broken ?? unwritten;
  if (failure !== undefined) {
    comparison.rescue();
    output.result({ ...results, error: sayError(failure.error, 'COMPARISON_FAILED') });
    if (!output.json) tellAnswer(output, results);
    throw failure.error;
  }
  output.result(results);
  tellResults(output, store, results);
  if (interrupt.requested && !output.json) output.say('interrupted: the same command with --resume goes on.');
  return interrupt.requested ? interrupt.exitCode : exitCodeOf(results, options.reportOnly ?? false);
}

/** What a body throws: what was found before is said all the same. */
async function failureOf(body: () => Promise<void>): Promise<{ readonly error: unknown } | undefined> {
  try {
    await body();
    return undefined;
  } catch (error) {
    return { error };
  }
}

interface Exploration {
  readonly options: CompareOptions;
  readonly selected: Selected;
  readonly machines: Awaited<ReturnType<typeof machinesFor>>;
  readonly timeMs: number | null;
  readonly interrupt: Interrupt;
  readonly earlier: Results | undefined;
  readonly lending?: Lending;
}

/**
 * Cells that are to be visited: those that are not known; and where time was to be shared out and was not, those that have not
 * failed, or by memory only.
 */
function openCells({ selected, timeMs, earlier }: Exploration): Map<string, CellName> {
  const known = new Map((earlier?.cells ?? []).map((cell) => [keyOf(cell), cell]));
  const goesOn = timeMs !== null && earlier?.about.interrupted === true;
  const open = selected.cells.filter((cell) => {
    const before = known.get(keyOf(cell));
    return before === undefined || (goesOn && (before.verdict !== 'fail' || isFailedByMemory(before)));
  });
  return new Map(open.map((cell) => [keyOf(cell), cell]));
}

/** Real milliseconds that every cell gets which nobody has visited, though the time was up before the interrupt. */
const visitMsLeast = 2000;

/** What is left of the time for the whole. */
function timeLeftMs({ timeMs, earlier, options }: Exploration, costMs: number, unknown: number): number | null {
  if (timeMs === null) return null;
  const spentMs = (earlier?.about.seconds ?? 0) * 1000;
  return Math.max(timeMs - costMs - spentMs, (unknown * visitMsLeast) / options.jobs);
}

async function explore(output: Output, comparison: Comparison, exploration: Exploration): Promise<void> {
  const { options, selected, machines, timeMs, interrupt, earlier, lending } = exploration;
  const stop = (): boolean => interrupt.requested || comparison.unwritable !== undefined;
  const open = openCells(exploration);
  const again = (earlier?.cells ?? []).filter((cell) => open.has(keyOf(cell)));
  const measured = options.costs && (options.shard?.index ?? 1) === 1 && comparison.costs.length === 0;
  const own = costedIn(selected.all, selected.scenarios);
  // What an ablation's strategies cost is told beside the system as reported.
  const costed = lending === undefined ? own : [...new Set([asReportedName, ...own])];
  const costMs = measured ? (options.costTime ?? costTimeMs(costed.length, timeMs)) : 0;
  using progress = new Progress(output, {
    cells: selected.cells.length,
    known: earlier?.cells ?? [],
    open: open.size,
    bound: options.bound,
    timeMs: timeLeftMs(exploration, 0, open.size - again.length),
  });
  const { seed, chooser, bound, jobs, short, runs = null, shrinkTime: shrinkMs } = options;
  await campaign({
    cells: [...open.values()],
    known: new Map(
      (lending === undefined ? again : (earlier?.cells ?? [])).map((cell) => [keyOf(cell), reportOf(cell)]),
    ),
    ...(lending === undefined ? {} : { lending }),
    machines,
    seed,
    chooser,
    bound,
    jobs,
    short,
    runs,
    timeMs: timeLeftMs(exploration, costMs, open.size - again.length),
    shrinkMs,
    powerLoss: options.powerLoss ?? null,
    powerRuns: options.powerRuns,
    powerOnly: options.powerOnly,
    stepsMax: Math.min(timelineSteps[1], Math.max(timelineSteps[0], Math.floor(pageSteps / selected.all.length))),
    stop,
    onBegin: (cell) => progress.begins(cell),
    onCell: (finding, final) => {
      progress.took(comparison.took(finding), final);
    },
  });
  if (measured && !stop()) {
    const asked = { strategies: costed, cells: selected.all, machines, seed, timeMs: costMs, stop };
    comparison.costs = await costsOf({ ...asked, onProgress: (what) => progress.says(what) });
    comparison.keep();
  }
  if (comparison.unwritable !== undefined) throw comparison.unwritable.error;
}
