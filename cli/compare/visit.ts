// A visit to a cell: shipped plans are replayed in it, then random runs are made until one fails or the visit's budget is
// spent; a failure is made small and explained. Runs in a worker process (worker-main.ts). What stays out: which cell is
// visited when (campaign.ts), and files.
import type { Coordinator } from '../../harness/explore/coordinator.ts';
import { violationsOf } from '../../harness/explore/coordinator.ts';
import { LockstepError } from '../../harness/errors.ts';
import type { ExplainedFact } from '../../harness/explore/explain/fact.ts';
import type { Plan } from '../../harness/explore/plan.ts';
import { replayDiffers, replayDiffersCode } from '../../harness/explore/replay-differs.ts';
import type { Scenario } from '../../harness/explore/scenario.ts';
import { search } from '../../harness/explore/search.ts';
import { shrink, type Shrunk } from '../../harness/explore/shrink/shrink.ts';
import { toleranceMs } from '../../harness/explore/shrink/trials.ts';
import { type PlanSize, sizeOf } from '../../harness/explore/size.ts';
import { witness } from '../../harness/explore/timeline/witness.ts';
import type { Timeline } from '../../harness/history/timeline.ts';
import type { Violation } from '../../harness/invariants/invariant.ts';
import type { RandomChooserName } from '../../harness/schedule/choosers/catalogue.ts';
import type { Machine } from '../../harness/schedule/pool.ts';
import { RunInterrupted } from '../../harness/schedule/run-errors.ts';
import { smallParameters } from '../../scenarios/small.ts';
import { scenarioModule } from '../find-scenario.ts';
import { symptomsSeen } from '../reproduce.ts';
import type { CellName } from './cells.ts';
import { type ShippedPlan, shippedFor } from './shipped.ts';

/**
 * @property short random runs take minutes of virtual time (scenarios/small.ts), and longer shipped plans are left out
 * @property first number of the first random run: what earlier visits have made is not made again
 * @property runs random runs at most; null for no bound
 * @property timeMs real milliseconds for replays and random runs; null for no bound
 * @property replayFrom shipped plans that earlier visits have replayed already
 * @property shrinkMs real milliseconds at most for making a failure small
 * @property stepsMax steps that its timeline may have
 */
export interface VisitOrder {
  readonly cell: CellName;
  readonly machine: Machine;
  readonly seed: number;
  readonly chooser: RandomChooserName;
  readonly short: boolean;
  readonly first: number;
  readonly runs: number | null;
  readonly timeMs: number | null;
  readonly replayFrom: number;
  readonly shrinkMs: number;
  readonly stepsMax: number;
}

/** How a cell failed. */
export interface Failure {
  readonly how: 'search' | 'shipped';
  readonly shipped: string | null;
  readonly plan: Plan;
  /** As it was found, where shrinking changed it. */
  readonly full: Plan | null;
  readonly hash: string;
  readonly violations: readonly Violation[];
  readonly minimal: { readonly locallyMinimal: boolean; readonly size: PlanSize; readonly from: PlanSize };
  readonly explanation: readonly ExplainedFact[];
  readonly symptoms: readonly { readonly reported: string; readonly seen: boolean; readonly evidence: string }[];
  /** Null when the harness could not make it. */
  readonly timeline: Timeline | null;
}

/**
 * @property replayable shipped plans that there are for the cell
 * @property reached random runs that reached the scenario's window; `reachedByReplay` replays that did
 * @property hazards hazards (no harm by themselves) that some run violated
 */
export interface VisitReport {
  readonly replayed: number;
  readonly replayable: number;
  readonly reachedByReplay: number;
  readonly runs: number;
  readonly reached: number;
  readonly steps: number;
  readonly seconds: number;
  readonly marks: { readonly [name: string]: number };
  readonly hazards: readonly string[];
  readonly failure: Failure | null;
}

/**
 * What a visit is made with.
 *
 * @property until runs are cut off, even in their middle, at this time of performance.now(); whoever makes the coordinator
 *   heeds it
 */
export interface Visitor {
  readonly scenario: Scenario;
  readonly coordinator: Coordinator;
  readonly stop: () => boolean;
  until: number;
  /** A failure is being shown: only `until` ends it, so that a Ctrl-C does not lose what was found. */
  finishing: boolean;
}

/** A run that has begun may take the visit to so many times its share: those of a day of virtual time take long. */
const patience = 3;

/** A failing run, before it was made small. */
interface Found {
  readonly how: Failure['how'];
  readonly shipped: ShippedPlan | null;
  readonly plan: Plan;
  readonly hash: string | null;
  readonly violations: readonly Violation[];
}

/** Part of a visit's time after which no further shipped plan is begun. */
const replayShare = 0.3;

/** Real milliseconds for the last run of a failure, which shows it. */
const showMs = 120_000;

class Visit {
  readonly #visitor: Visitor;
  readonly #order: VisitOrder;
  readonly #began = performance.now();
  readonly #harm: readonly string[];
  readonly #marks = new Map<string, number>();
  readonly #hazards = new Set<string>();
  #replayed = 0;
  #replayable = 0;
  #reachedByReplay = 0;
  #runs = 0;
  #reached = 0;
  #steps = 0;

  constructor(visitor: Visitor, order: VisitOrder) {
    this.#visitor = visitor;
    this.#order = order;
    this.#harm = visitor.scenario.invariants.filter(({ about }) => about === 'harm').map(({ name }) => name);
  }

  async make(): Promise<VisitReport> {
    const { timeMs } = this.#order;
    this.#visitor.until = timeMs === null ? Infinity : this.#began + patience * timeMs;
    const found = (await this.#replay()) ?? (await this.#search());
    const failure = found === undefined ? null : await this.#failure(found);
    return {
      replayed: this.#replayed,
      replayable: this.#replayable,
      reachedByReplay: this.#reachedByReplay,
      runs: this.#runs,
      reached: this.#reached,
      steps: this.#steps,
      seconds: (performance.now() - this.#began) / 1000,
      marks: Object.fromEntries(this.#marks),
      hazards: [...this.#hazards].toSorted(),
      failure,
    };
  }

  /** Has this part of the visit's time been spent? */
  #spent(part: number): boolean {
    const { timeMs } = this.#order;
    return this.#visitor.stop() || (timeMs !== null && performance.now() - this.#began >= part * timeMs);
  }

  /** Shipped plans, for a part of the time: those of other cells take as long as random runs do, and say less. */
  async #replay(): Promise<Found | undefined> {
    const { scenario, coordinator } = this.#visitor;
    const { cell, short } = this.#order;
    const horizonMsMost = short ? smallParameters(scenario).horizonMs : Infinity;
    const all = shippedFor(cell, horizonMsMost);
    this.#replayable = all.length;
    for (const shipped of all.slice(this.#order.replayFrom)) {
      if (this.#spent(replayShare)) return undefined;
      const history = await unlessInterrupted(() => coordinator.run(scenario, shipped.plan));
      if (history === undefined) return undefined;
      this.#replayed++;
      this.#steps += history.steps;
      const reached = Object.keys(history.marks).filter((name) => (history.marks[name] ?? 0) > 0);
      this.#count(reached, 1);
      if (reached.includes(scenario.window)) this.#reachedByReplay++;
      const violations = violationsOf(scenario, history);
      if (this.#harms(violations))
        return { how: 'shipped', shipped, plan: shipped.plan, hash: history.hash, violations };
    }
    return undefined;
  }

  #harms(violations: readonly Violation[]): boolean {
    for (const { invariant } of violations) if (!this.#harm.includes(invariant)) this.#hazards.add(invariant);
    return violations.some(({ invariant }) => this.#harm.includes(invariant));
  }

  #count(marks: readonly string[], runs: number): void {
    for (const name of marks) this.#marks.set(name, (this.#marks.get(name) ?? 0) + runs);
  }

  async #search(): Promise<Found | undefined> {
    const { scenario, coordinator, stop } = this.#visitor;
    const { cell, machine, seed, chooser, short, first, runs, timeMs } = this.#order;
    const left = timeMs === null ? null : Math.max(1, timeMs - (performance.now() - this.#began));
    const result = await search({
      scenario,
      scenarioModule,
      machine,
      coordinator,
      strategy: cell.strategy,
      engine: cell.engine,
      parameters: short ? smallParameters(scenario) : scenario.parameters,
      seed,
      chooser,
      only: this.#harm,
      first,
      ...(runs === null ? {} : { runs }),
      ...(left === null ? {} : { timeMs: left }),
      stop,
    });
    this.#runs += result.runs;
    this.#steps += result.steps;
    this.#reached += result.marks[scenario.window] ?? 0;
    for (const [name, count] of Object.entries(result.marks)) this.#count([name], count);
    for (const name of result.besides) this.#hazards.add(name);
    const { plan, hash, violations } = result;
    return plan === undefined ? undefined : { how: 'search', shipped: null, plan, hash, violations };
  }

  async #failure(found: Found): Promise<Failure> {
    const { how, shipped, plan } = found;
    const { scenario } = this.#visitor;
    const from = sizeOf(scenario, plan);
    const known = shipped?.minimalHere === true;
    const small = known || this.#visitor.stop() ? undefined : await this.#shrunk(plan);
    const smallest = small?.plan ?? plan;
    const shown = await this.#show(smallest, small?.hash ?? found.hash);
    const violations = shown === undefined ? (small?.violations ?? found.violations) : shown.violations;
    this.#harms(violations);
    return {
      how,
      shipped: shipped?.name ?? null,
      plan: smallest,
      full: JSON.stringify(smallest) === JSON.stringify(plan) ? null : plan,
      hash: shown?.hash ?? small?.hash ?? found.hash ?? '',
      violations: violations.filter(({ invariant }) => this.#harm.includes(invariant)),
      minimal: { locallyMinimal: known || (small?.minimal ?? false), size: sizeOf(scenario, smallest), from },
      explanation: shown?.facts ?? [],
      symptoms: shown?.symptoms ?? [],
      timeline: shown?.timeline ?? null,
    };
  }

  /** A smaller plan; undefined when there is none, or when the harness could not look for it: what was found counts. */
  async #shrunk(plan: Plan): Promise<Shrunk | undefined> {
    const { scenario, coordinator, stop } = this.#visitor;
    const { shrinkMs: timeMs } = this.#order;
    this.#visitor.until = performance.now() + timeMs + toleranceMs;
    return unlessBroken(() => shrink({ coordinator, scenario, plan, timeMs, stop }));
  }

  /** Runs the plan once more for what there is to see; undefined when the harness could not. */
  async #show(plan: Plan, hash: string | null): Promise<Shown | undefined> {
    const { scenario, coordinator } = this.#visitor;
    const { stepsMax } = this.#order;
    this.#visitor.finishing = true;
    this.#visitor.until = performance.now() + showMs;
    const witnessed = await unlessBroken(() => witness(coordinator, scenario, plan, { stepsMax }));
    if (witnessed === undefined) return undefined;
    const { history, facts, timeline } = witnessed;
    if (hash !== null && hash !== history.hash)
      throw await replayDiffers({ coordinator, scenario, plan }, hash, history.hash);
    const violations = violationsOf(scenario, history);
    return { hash: history.hash, violations, facts, timeline, symptoms: symptomsSeen(scenario, history) };
  }
}

/** What the last run of a failure shows. */
interface Shown {
  readonly hash: string;
  readonly violations: readonly Violation[];
  readonly facts: readonly ExplainedFact[];
  readonly timeline: Timeline;
  readonly symptoms: Failure['symptoms'];
}

/** The same, or undefined where the harness fails; but two replays that differ are said in any case. */
async function unlessBroken<T>(body: () => Promise<T>): Promise<T | undefined> {
  try {
    return await body();
  } catch (error) {
    const broken =
      error instanceof RunInterrupted || (error instanceof LockstepError && error.code !== replayDiffersCode);
    if (broken) return undefined;
    throw error;
  }
}

async function unlessInterrupted<T>(body: () => Promise<T>): Promise<T | undefined> {
  try {
    return await body();
  } catch (error) {
    if (error instanceof RunInterrupted) return undefined;
    throw error;
  }
}

/** Throws harness errors: then nothing is known of the cell. */
export function visit(visitor: Visitor, order: VisitOrder): Promise<VisitReport> {
  return new Visit(visitor, order).make();
}
