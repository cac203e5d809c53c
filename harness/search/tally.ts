// Runs of a search in the order of their numbers, whichever job made them: what counts, what was found first of each invariant, and
// where the search ends. What stays out: making the runs (search.ts), and what the counts come to (model/verdict.ts).
import { type Explored, ExploredTally, nothingExplored } from '../model/explored.ts';
import type { Plan } from '../model/plan.ts';
import { type Scenario, windowOf } from '../model/scenario.ts';
import { defaultBound, type RunCounts, runsNeeded } from '../model/verdict.ts';
import type { RunReport } from './runner.ts';

/**
 * The first run that violated an invariant.
 *
 * @property confirmed by a replay with the same hash; false where the search was interrupted just then, or its time was up
 */
export interface FirstFailure extends Pick<RunReport, 'run' | 'hash' | 'violations' | 'confirmed'> {
  readonly invariant: string;
  readonly plan: Plan;
}

/** Of a search, as search.ts has them. */
interface TallyOptions {
  readonly scenario: Pick<Scenario, 'window' | 'server' | 'invariants'>;
  readonly strategy: string;
  readonly only?: readonly string[];
  readonly first?: number;
  readonly bound?: number;
  readonly seen?: readonly string[];
  readonly tally?: ExploredTally;
  readonly goOn?: boolean;
  readonly failedAlready?: readonly string[];
  readonly enough?: number;
}

/** Reports in the order of run numbers, whichever job made them. */
export class Tally {
  readonly #reports = new Map<number, RunReport>();
  readonly #options: TallyOptions;
  readonly #needed: number;
  /** Fingerprints of runs that count, and of those of them that reached the window. */
  readonly #distinct: Set<string>;
  readonly #inWindow = new Set<string>();
  readonly #known: number;
  readonly #failures = new Map<string, FirstFailure>();
  readonly #explored: ExploredTally;
  /** Without a gap, up to where the search ends. */
  readonly counted: RunReport[] = [];
  /** Lowest number of a run that failed. */
  failed = Infinity;
  settled = false;

  constructor(options: TallyOptions) {
    this.#options = options;
    this.#needed = runsNeeded(options.bound ?? defaultBound);
    this.#distinct = new Set(options.seen);
    this.#known = this.#distinct.size;
    this.#explored = options.tally ?? new ExploredTally();
  }

  add(report: RunReport): void {
    this.#reports.set(report.run, report);
    if (report.plan !== undefined) this.failed = Math.min(this.failed, report.run);
    const first = this.#options.first ?? 0;
    while (!this.settled) {
      const next = this.#reports.get(first + this.counted.length);
      if (next === undefined) return;
      this.#count(next);
    }
  }

  get made(): number {
    return this.#reports.size;
  }

  /**
   * Nothing more will come. A gap before a failure is a run that was interrupted, or whose jobs died: it takes nothing from
   * what was found.
   */
  end(): void {
    if (this.failed === Infinity) return;
    const last = this.counted.at(-1)?.run ?? -1;
    const rest = [...this.#reports.values()].filter(({ run }) => run > last).toSorted((a, b) => a.run - b.run);
    for (const report of rest) if (!this.settled) this.#count(report);
  }

  get counts(): RunCounts {
    const runs = this.counted.length;
    return { runs, repeats: runs - (this.#distinct.size - this.#known), reached: this.#inWindow.size };
  }

  get fingerprints(): readonly string[] {
    return [...this.#distinct].slice(this.#known);
  }

  get explored(): Explored {
    return this.#explored.explored;
  }

  /** What earlier searches have explored is in it too. */
  get exploredSoFar(): Pick<ExploredTally, 'runs' | 'curve'> {
    return this.#explored;
  }

  get failures(): readonly FirstFailure[] {
    return [...this.#failures.values()];
  }

  #count(report: RunReport): void {
    const { scenario, strategy, only, goOn = false } = this.#options;
    const { run, drawn, fingerprint, marks, violations, plan, hash, confirmed } = report;
    if (drawn) this.#explored.add(report.explored);
    // What it explored is in the tally now, and much: a search makes runs by the ten thousand.
    const kept = { ...report, explored: nothingExplored };
    this.counted.push(kept);
    this.#reports.set(run, kept);
    if (drawn && !this.#distinct.has(fingerprint)) {
      this.#distinct.add(fingerprint);
      if (marks.includes(windowOf(scenario, strategy))) this.#inWindow.add(fingerprint);
    }
    if (plan !== undefined)
      for (const { invariant } of violations)
        if (!this.#failures.has(invariant))
          this.#failures.set(invariant, { invariant, run, hash, violations, plan, confirmed });
    const { failedAlready = [], first = 0, enough = Infinity } = this.#options;
    const since = failedAlready.length > 0 ? first - 1 : this.failures[0]?.run;
    if (since === undefined) {
      this.settled = this.#inWindow.size >= enough;
      return;
    }
    const all = new Set([...failedAlready, ...this.#failures.keys()]).size === (only ?? scenario.invariants).length;
    this.settled = !goOn || all || this.#inWindow.size >= this.#needed || run - since >= this.#needed;
  }
}
