// A visit to a cell: shipped plans are replayed in it, then random runs are made until one fails or the visit's budget is
// spent; a failure is made small and explained. Runs in a worker process (worker-main.ts). What stays out: which cell is
// visited when (campaign.ts), and files.
import type { Coordinator } from '../../harness/explore/coordinator.ts';
import { violationsOf } from '../../harness/explore/coordinator.ts';
import type { ExplainedFact } from '../../harness/explore/explain/fact.ts';
import type { Plan } from '../../harness/explore/plan.ts';
import type { Scenario } from '../../harness/explore/scenario.ts';
import { search } from '../../harness/explore/search.ts';
import { shrink } from '../../harness/explore/shrink/shrink.ts';
import { type PlanSize, sizeOf } from '../../harness/explore/size.ts';
import { witness } from '../../harness/explore/timeline/witness.ts';
import type { Timeline } from '../../harness/history/timeline.ts';
import type { Violation } from '../../harness/invariants/invariant.ts';
import type { RandomChooserName } from '../../harness/schedule/choosers/catalogue.ts';
import type { Machine } from '../../harness/schedule/pool.ts';
import { RunInterrupted } from '../../harness/schedule/run-errors.ts';
import { smallParameters } from '../../scenarios/small.ts';
import { scenarioModule } from '../find-scenario.ts';
import type { CellName } from './cells.ts';
import { type ShippedPlan, shippedFor } from './shipped.ts';

/**
 * @property short random runs take minutes of virtual time (scenarios/small.ts), and longer shipped plans are left out
 * @property first number of the first random run: what earlier visits have made is not made again
 * @property runs random runs at most; null for no bound
 * @property timeMs real milliseconds for replays and random runs; null for no bound
 * @property replays shipped plans are replayed first
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
  readonly replays: boolean;
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
  readonly timeline: Timeline;
}

/**
 * @property reached random runs that reached the scenario's window; `reachedByReplay` replays that did
 * @property hazards hazards (no harm by themselves) that some run violated
 */
export interface VisitReport {
  readonly replayed: number;
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
}

/** A run that has begun may take so many times the visit's share: a day of virtual time is worth waiting for, a bit. */
const patience = 2;

/** A failing run, before it was made small. */
interface Found {
  readonly how: Failure['how'];
  readonly shipped: ShippedPlan | null;
  readonly plan: Plan;
}

class Visit {
  readonly #visitor: Visitor;
  readonly #order: VisitOrder;
  readonly #began = performance.now();
  readonly #harm: readonly string[];
  readonly #marks = new Map<string, number>();
  readonly #hazards = new Set<string>();
  #replayed = 0;
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
    const found = (this.#order.replays ? await this.#replay() : undefined) ?? (await this.#search());
    const failure = found === undefined ? null : await this.#failure(found);
    return {
      replayed: this.#replayed,
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

  /** Shipped plans, for half of the time. */
  async #replay(): Promise<Found | undefined> {
    const { scenario, coordinator } = this.#visitor;
    const { cell, short } = this.#order;
    const horizonMsMost = short ? smallParameters(scenario).horizonMs : Infinity;
    for (const shipped of shippedFor(cell, horizonMsMost)) {
      if (this.#spent(0.5)) return undefined;
      const history = await unlessInterrupted(() => coordinator.run(scenario, shipped.plan));
      if (history === undefined) return undefined;
      this.#replayed++;
      this.#steps += history.steps;
      const reached = Object.keys(history.marks).filter((name) => (history.marks[name] ?? 0) > 0);
      this.#count(reached, 1);
      if (reached.includes(scenario.window)) this.#reachedByReplay++;
      if (this.#harms(violationsOf(scenario, history))) return { how: 'shipped', shipped, plan: shipped.plan };
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
    return result.plan === undefined ? undefined : { how: 'search', shipped: null, plan: result.plan };
  }

  async #failure({ how, shipped, plan }: Found): Promise<Failure> {
    const { scenario, coordinator, stop } = this.#visitor;
    const from = sizeOf(scenario, plan);
    const known = shipped?.minimalHere === true;
    const { shrinkMs: timeMs, stepsMax } = this.#order;
    this.#visitor.until = performance.now() + patience * timeMs;
    const small = known || stop() ? undefined : await shrink({ coordinator, scenario, plan, timeMs, stop });
    const smallest = small?.plan ?? plan;
    this.#visitor.until = Infinity; // without this last run there is nothing to show
    const { history, facts, timeline } = await witness(coordinator, scenario, smallest, { stepsMax });
    const violations = violationsOf(scenario, history);
    this.#harms(violations);
    return {
      how,
      shipped: shipped?.name ?? null,
      plan: smallest,
      full: JSON.stringify(smallest) === JSON.stringify(plan) ? null : plan,
      hash: history.hash,
      violations: violations.filter(({ invariant }) => this.#harm.includes(invariant)),
      minimal: { locallyMinimal: known || (small?.minimal ?? false), size: sizeOf(scenario, smallest), from },
      explanation: facts,
      symptoms: scenario.symptoms.map((symptom) => {
        const { reported } = symptom;
        const evidence = symptom.see(history);
        return { reported, seen: evidence !== undefined, evidence: evidence ?? 'not seen in this run' };
      }),
      timeline,
    };
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
