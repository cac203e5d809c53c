// A visit to a cell: shipped plans, and those borrowed from other cells that failed, are replayed in it (memory), then random runs
// are made (search) until one fails or the visit's budget is spent; a failure is made small and explained. A plan that fails does not end the visit: whoever chooses
// between fixes asks whether chance finds the failure too, and whether a fix that still fails at one thing holds at the
// others; so random runs go on until the other invariants have what a verdict takes, within the same share of the time or in
// a later visit. Runs in a worker process (worker-main.ts). What stays out: which cell is
// visited when (campaign.ts), and files.
import { symptomsIn, violationsOf } from '../harness/judge/judge-history.ts';
import type { Coordinator } from '../harness/run/coordinator.ts';
import { LockstepError } from '../harness/errors/errors.ts';
import type { ExplainedFact } from '../harness/explain/fact.ts';
import type { History } from '../harness/model/history.ts';
import type { ModelName } from '../harness/model/file-systems.ts';
import { type ExploredState, ExploredTally } from '../harness/model/explored.ts';
import { type Noticed, nothingNoticed } from '../harness/model/noticed.ts';
import type { Plan } from '../harness/model/plan.ts';
import type { PowerFigures } from '../harness/model/power-figures.ts';
import { isBroken, type PowerRuns, powerRuns } from '../harness/search/power-runs.ts';
import { replayDiffers, replayDiffersCode } from '../harness/search/replay-differs.ts';
import { type Scenario, windowOf } from '../harness/model/scenario.ts';
import { search, type SearchResult } from '../harness/search/search.ts';
import { shrink, type Shrunk } from '../harness/search/shrink/shrink.ts';
import { toleranceMs } from '../harness/search/shrink/trials.ts';
import { type PlanSize, sizeOf } from '../harness/search/size.ts';
import { inevitable } from '../harness/search/inevitable.ts';
import { witness } from '../harness/search/witness.ts';
import type { Timeline } from '../harness/model/timeline.ts';
import { harmNames, type Violation } from '../harness/model/invariant.ts';
import type { SymptomSeen } from '../harness/judge/symptoms.ts';
import type { RunCounts } from '../harness/model/verdict.ts';
import type { RandomChooserName } from '../harness/run/choosers/names.ts';
import type { LaneBinaries } from '../harness/run/pool.ts';
import { RunInterrupted } from '../harness/errors/interrupted.ts';
import { smallParameters } from '../scenarios/small.ts';
import type { CellName } from './cells.ts';
import { shippedFor } from './shipped.ts';
import { VisitTime, type VisitTimes } from './visit-time.ts';

/**
 * @property scenarioModule URL of the module that exports the cell's scenario
 * @property bound that a pass must keep to
 * @property seen fingerprints of the random runs that earlier visits have made
 * @property explored what those have explored; default: nothing
 * @property short random runs take minutes of virtual time (scenarios/small.ts), and longer shipped plans are left out
 * @property first number of the first random run: what earlier visits have made is not made again
 * @property runs random runs at most; null for no bound
 * @property enough runs in the window after which a visit that finds nothing ends; default: it takes its share
 * @property replayFrom shipped plans that earlier visits have replayed already
 * @property borrowed plans that made other cells fail, and that no earlier visit has replayed here
 * @property violated what earlier visits have found to be violated: a failure that is known is not shown again
 * @property searches `unless-failed`: where a plan that is replayed fails, random runs are left to a later visit · `never`: only
 *   `borrowed` ones are replayed, and for as long as the visit may take
 * @property powerLoss file systems on which the power goes in recorded runs; null: those that the scenario asks for. Of these runs
 *   `powerRuns` at most are made, from `powerFirst` on; `powerOnly`: and no others
 * @property stepsMax steps that the timeline of its failure may have
 */
export interface VisitOrder extends VisitTimes {
  readonly cell: CellName;
  readonly scenarioModule: string;
  readonly machine: LaneBinaries;
  readonly seed: number;
  readonly chooser: RandomChooserName;
  readonly bound: number;
  readonly seen: readonly string[];
  readonly explored?: ExploredState | null;
  readonly short: boolean;
  readonly first: number;
  readonly runs: number | null;
  readonly enough?: number;
  readonly replayFrom: number;
  readonly borrowed: readonly BorrowedPlan[];
  readonly violated: readonly Violated[];
  readonly searches: 'always' | 'unless-failed' | 'never';
  readonly powerLoss: readonly ModelName[] | null;
  readonly powerFirst: number;
  readonly powerRuns: number;
  readonly powerOnly: boolean;
  readonly stepsMax: number;
}

/** @property name its file below the folder of the comparison */
export interface BorrowedPlan {
  readonly name: string;
  readonly plan: Plan;
}

/**
 * An invariant that was violated in a cell.
 *
 * @property run the first random run that did, from 1 on, and its plan as it was found; null when none did
 * @property shipped name of the plan that was replayed and did, a shipped one or another cell's; null when none did
 */
export interface Violated {
  readonly invariant: string;
  readonly run: number | null;
  readonly plan: Plan | null;
  readonly shipped: string | null;
}

/** The failure of a cell that is shown. */
export interface Failure {
  readonly how: 'search' | 'shipped';
  readonly plan: Plan;
  /** As it was found, where shrinking changed it. */
  readonly full: Plan | null;
  readonly hash: string;
  readonly violations: readonly Violation[];
  readonly minimal: { readonly locallyMinimal: boolean; readonly size: PlanSize; readonly from: PlanSize };
  readonly explanation: readonly ExplainedFact[];
  readonly symptoms: readonly SymptomSeen[];
  /** Null when the harness could not make it. */
  readonly timeline: Timeline | null;
}

/**
 * @property replayable shipped plans that there are for the cell
 * @property reachedByReplay replays that reached the scenario's window
 * @property fingerprints of the random runs that count; none of those that are known from a result document only
 * @property explored what they and those of earlier visits have explored; null where there were none
 * @property borrowed names of other cells' plans that were replayed
 * @property powerLoss what power losses in recorded runs came to
 * @property runSeconds of `seconds`, what random runs took
 * @property noticed what random runs showed that is no violation and should be known
 * @property hazards hazards (no harm by themselves) that some run violated
 */
export interface VisitReport extends RunCounts {
  readonly replayed: number;
  readonly replayable: number;
  readonly reachedByReplay: number;
  readonly borrowed: readonly string[];
  readonly fingerprints: readonly string[];
  readonly explored: ExploredState | null;
  readonly steps: number;
  readonly seconds: number;
  readonly runSeconds: number;
  readonly marks: { readonly [name: string]: number };
  readonly hazards: readonly string[];
  readonly noticed: Noticed;
  readonly violated: readonly Violated[];
  readonly powerLoss: readonly PowerFigures[];
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

/** A failing run, before it was made small. */
interface Found {
  readonly how: Failure['how'];
  /** The plan that was replayed is known to be minimal in this cell. */
  readonly isMinimal: boolean;
  readonly plan: Plan;
  readonly hash: string | null;
  readonly violations: readonly Violation[];
}

class Visit {
  readonly #visitor: Visitor;
  readonly #order: VisitOrder;
  readonly #time: VisitTime;
  readonly #harm: readonly string[];
  readonly #marks = new Map<string, number>();
  readonly #hazards = new Set<string>();
  readonly #violated = new Map<string, Violated>();
  #replayed = 0;
  #replayable = 0;
  #reachedByReplay = 0;
  readonly #borrowed: string[] = [];
  #search: Pick<SearchResult, keyof RunCounts | 'fingerprints'> = { runs: 0, repeats: 0, reached: 0, fingerprints: [] };
  #explored: ExploredState | null;
  #steps = 0;
  #runSeconds = 0;
  #noticed: Noticed = nothingNoticed;
  #powerLoss: readonly PowerFigures[] = [];

  constructor(visitor: Visitor, order: VisitOrder) {
    this.#visitor = visitor;
    this.#order = order;
    this.#time = new VisitTime(order);
    this.#explored = order.explored ?? null;
    for (const one of order.violated) this.#violated.set(one.invariant, one);
    this.#harm = harmNames(visitor.scenario.invariants);
  }

  async make(): Promise<VisitReport> {
    this.#visitor.until = this.#time.runsUntil;
    const isKnown = this.#order.violated.length > 0;
    const { searches, powerOnly } = this.#order;
    const byMemory = isKnown || powerOnly ? undefined : await this.#remember();
    const isLeft = powerOnly || searches === 'never' || (byMemory !== undefined && searches === 'unless-failed');
    const bySearch = isLeft ? undefined : await this.#searchOn();
    const found = isKnown ? undefined : (byMemory ?? bySearch);
    const byPower = searches === 'never' ? undefined : await this.#losePower();
    const failure = found === undefined ? (isKnown ? null : (byPower ?? null)) : await this.#failure(found);
    return {
      replayed: this.#replayed,
      replayable: this.#replayable,
      reachedByReplay: this.#reachedByReplay,
      borrowed: this.#borrowed,
      ...this.#search,
      explored: this.#explored,
      steps: this.#steps,
      seconds: this.#time.goneMs / 1000,
      runSeconds: this.#runSeconds,
      marks: Object.fromEntries(this.#marks),
      hazards: [...this.#hazards].toSorted(),
      noticed: this.#noticed,
      powerLoss: this.#powerLoss,
      violated: [...this.#violated.values()],
      failure,
    };
  }

  async #remember(): Promise<Found | undefined> {
    const byBorrowed = await this.#replayBorrowed();
    return byBorrowed !== undefined || this.#order.searches === 'never' ? byBorrowed : this.#replay();
  }

  /** What made another cell fail. Of one that cannot be run here nothing is learnt, and it is not told. */
  async #replayBorrowed(): Promise<Found | undefined> {
    const { scenario, coordinator } = this.#visitor;
    const { cell, borrowed, searches } = this.#order;
    for (const { name, plan: other } of borrowed) {
      if (this.#visitor.stop() || (searches !== 'never' && !this.#time.replaysMore)) return undefined;
      const plan = { ...other, strategy: cell.strategy, engine: cell.engine };
      const history = await unlessBroken(() => coordinator.run(scenario, plan));
      if (history === undefined) continue;
      this.#borrowed.push(name);
      this.#steps += history.steps;
      const found = this.#byMemory(name, plan, history, false);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** The failure that a replay is; undefined where it did no harm. */
  #byMemory(name: string, plan: Plan, history: History, isMinimal: boolean): Found | undefined {
    const violations = violationsOf(this.#visitor.scenario, history);
    if (!this.#harms(violations)) return undefined;
    for (const invariant of this.#harmIn(violations))
      this.#violated.set(invariant, { invariant, run: null, plan: null, shipped: name });
    return { how: 'shipped', isMinimal, plan, hash: history.hash, violations };
  }

  /** Shipped plans, for a part of the time: those of other cells take as long as random runs do, and say less. */
  async #replay(): Promise<Found | undefined> {
    const { scenario, coordinator } = this.#visitor;
    const { cell, short } = this.#order;
    const horizonMsMost = short ? smallParameters(scenario).horizonMs : Infinity;
    const all = shippedFor(cell, horizonMsMost);
    this.#replayable = all.length;
    for (const shipped of all.slice(this.#order.replayFrom)) {
      if (this.#visitor.stop() || !this.#time.replaysMore) return undefined;
      const history = await unlessInterrupted(() => coordinator.run(scenario, shipped.plan));
      if (history === undefined) return undefined;
      this.#replayed++;
      this.#steps += history.steps;
      const reached = Object.keys(history.marks).filter((name) => (history.marks[name] ?? 0) > 0);
      this.#count(reached, 1);
      if (reached.includes(windowOf(scenario, cell.strategy))) this.#reachedByReplay++;
      const found = this.#byMemory(shipped.name, shipped.plan, history, shipped.minimalHere);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #harms(violations: readonly Violation[]): boolean {
    for (const { invariant } of violations) if (!this.#harm.includes(invariant)) this.#hazards.add(invariant);
    return this.#harmIn(violations).length > 0;
  }

  #harmIn(violations: readonly Violation[]): readonly string[] {
    return [...new Set(violations.map(({ invariant }) => invariant))].filter((name) => this.#harm.includes(name));
  }

  #count(marks: readonly string[], runs: number): void {
    for (const name of marks) this.#marks.set(name, (this.#marks.get(name) ?? 0) + runs);
  }

  async #searchOn(): Promise<Found | undefined> {
    const { scenario, coordinator, stop } = this.#visitor;
    const { cell, scenarioModule, machine, seed, chooser, bound, seen, short, first, runs, enough } = this.#order;
    if (this.#visitor.stop()) return undefined; // what memory found is shown
    const tally = new ExploredTally(this.#explored ?? undefined);
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
      goOn: true,
      failedAlready: [...this.#violated.keys()],
      bound,
      seen,
      tally,
      first,
      ...(runs === null ? {} : { runs }),
      ...(enough === undefined ? {} : { enough }),
      ...this.#time.search,
      stop,
    });
    const { repeats, reached, fingerprints } = result;
    this.#search = { runs: result.runs, repeats, reached, fingerprints };
    this.#explored = tally.state;
    this.#steps += result.steps;
    this.#runSeconds += result.seconds;
    this.#noticed = result.noticed;
    for (const [name, count] of Object.entries(result.marks)) this.#count([name], count);
    for (const name of result.besides) this.#hazards.add(name);
    for (const { invariant, run, plan } of result.failures) {
      const shipped = this.#violated.get(invariant)?.shipped ?? null;
      this.#violated.set(invariant, { invariant, run: run + 1, plan, shipped });
    }
    const { plan, hash, violations } = result;
    return plan === undefined ? undefined : { how: 'search', isMinimal: false, plan, hash, violations };
  }

  /** Recorded runs lose their power. Result: the first failure of that. */
  async #losePower(): Promise<Failure | undefined> {
    const { scenario, coordinator, stop } = this.#visitor;
    const { cell, seed, short, powerLoss, powerFirst: first, powerRuns: runs } = this.#order;
    const models = powerLoss ?? scenario.powerLoss ?? [];
    if (models.length === 0 || stop()) return undefined;
    const timeMs = this.#time.powerMs;
    this.#visitor.until = performance.now() + timeMs;
    const parameters = short ? smallParameters(scenario) : scenario.parameters;
    const { strategy, engine } = cell;
    const asked = { coordinator, scenario, strategy, engine, parameters, seed, models, first, runs, timeMs, stop };
    const { figures, failures } = await powerRuns({
      ...asked,
      statesMax: powerStatesMax,
      shownOn: (model) => isBroken({ model }),
    });
    this.#powerLoss = figures;
    const broken = failures.filter(isBroken);
    for (const { invariant, first: found } of broken) {
      const known = this.#violated.get(invariant);
      const { plan } = found;
      if (known === undefined) this.#violated.set(invariant, { invariant, run: null, plan, shipped: null });
    }
    const [shown] = broken;
    return shown === undefined ? undefined : failureByPower(scenario, shown);
  }

  async #failure(found: Found): Promise<Failure> {
    const { how, isMinimal: known, plan } = found;
    const { scenario } = this.#visitor;
    const from = sizeOf(scenario, plan);
    const small = known || this.#visitor.stop() ? undefined : await this.#shrunk(plan);
    const smallest = small?.plan ?? plan;
    const shown = await this.#show(smallest, small?.hash ?? found.hash);
    const violations = shown === undefined ? (small?.violations ?? found.violations) : shown.violations;
    this.#harms(violations);
    return {
      how,
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
    const timeMs = this.#time.shrinkMs;
    if (timeMs === undefined) return undefined;
    this.#visitor.until = performance.now() + timeMs + toleranceMs;
    return unlessBroken(() => shrink({ coordinator, scenario, plan, timeMs, stop }));
  }

  /** Runs the plan once more for what there is to see; undefined when the harness could not. */
  async #show(plan: Plan, hash: string | null): Promise<Shown | undefined> {
    const { scenario, coordinator } = this.#visitor;
    const { stepsMax } = this.#order;
    this.#visitor.finishing = true;
    this.#visitor.until = this.#time.showUntil;
    const witnessed = await unlessBroken(() => witness(coordinator, scenario, plan, { stepsMax }));
    if (witnessed === undefined) return undefined;
    const { history, facts, timeline } = witnessed;
    if (hash !== null && hash !== history.hash)
      throw await replayDiffers({ coordinator, scenario, plan }, hash, history.hash);
    const violations = violationsOf(scenario, history);
    const shown = { hash: history.hash, violations, facts, symptoms: symptomsIn(scenario, history) };
    return { ...shown, timeline: { ...timeline, ...(await this.#whenInevitable(plan, history, violations)) } };
  }

  /** Where there is time for it. */
  async #whenInevitable(
    plan: Plan,
    history: History,
    violations: readonly Violation[],
  ): Promise<Pick<Timeline, 'inevitable'>> {
    const { scenario, coordinator, stop } = this.#visitor;
    const timeMs = this.#time.inevitableMs;
    if (timeMs === undefined || stop()) return {};
    const points = await unlessBroken(() =>
      inevitable({ coordinator, scenario, plan, history, violations, timeMs, stop }),
    );
    return points === undefined || points.length === 0 ? {} : { inevitable: points };
  }
}

/** States of a recorded run that are tried on each file system: all, or a sample. */
const powerStatesMax = 100;

/** A failure as it was found: nobody has made it smaller, or looked at its steps. */
export function failureAsFound(
  scenario: Scenario,
  { plan, hash, violations, explanation = [] }: Pick<Failure, 'plan' | 'hash' | 'violations'> & Partial<Failure>,
): Failure {
  const size = sizeOf(scenario, plan);
  const minimal = { locallyMinimal: false, size, from: size };
  return { how: 'search', plan, full: null, hash, violations, minimal, explanation, symptoms: [], timeline: null };
}

/** A power loss violates what was promised, as the failure of a cell: its plan is replayed as any other. */
function failureByPower(scenario: Scenario, { model, first }: PowerRuns['failures'][number]): Failure {
  const { plan, hash, says, violation } = first;
  return failureAsFound(scenario, {
    plan,
    hash: hash ?? '',
    violations: [{ ...violation, message: `after a power loss (${model}): ${violation.message}` }],
    explanation: says.map((sentence) => ({ step: null, kind: 'fault', sentence: `${sentence}.`, lanes: [] })),
  });
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
