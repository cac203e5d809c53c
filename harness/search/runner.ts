// One run of a search: the plan and the schedule of run i, and what came of it. Depends on the options and on i alone,
// so that any number of jobs gives the same runs. What stays out: how many runs, and in which process (search.ts).
import { LockstepError } from '../errors/errors.ts';
import { Fingerprint } from '../judge/fingerprint.ts';
import type { History } from '../model/history.ts';
import type { Violation } from '../model/invariant.ts';
import { noticedIn, type NoticedInRun } from '../model/noticed.ts';
import {
  baseChooserOf,
  type ChooserKind,
  type ChooserSettings,
  choosers,
  type DryRun,
  type RunShape,
} from '../run/choosers/catalogue.ts';
import { type BaseChooserName, type ChooserName, defaultDepth, type RandomChooserName } from '../run/choosers/names.ts';
import type { Chooser } from '../run/chooser.ts';
import { replayChooser } from '../run/choosers/replay.ts';
import { RunInterrupted } from '../errors/interrupted.ts';
import type { Coordinator } from '../run/coordinator.ts';
import { violationsOf } from '../judge/judge-history.ts';
import { type DrawOptions, drawPlan, type Streams } from './draw-plan.ts';
import type { Reached } from './feedback.ts';
import { groupOf } from '../judge/signature.ts';
import type { RunExplored } from '../model/explored.ts';
import type { Plan } from '../model/plan.ts';
import { stream } from '../model/random.ts';
import type { StepSink } from '../model/step.ts';
import { CoverageRecorder, featureOf } from '../run/choosers/coverage.ts';
import { SiteRecorder } from '../run/choosers/sites.ts';
import { placeFaults, type StepCount, StepCounter } from './place-faults.ts';
import { type Recipe, RecipeStreams } from './recipe.ts';
import { judgedOtherwise, replayDiffers } from './replay-differs.ts';
import type { Scenario } from '../model/scenario.ts';

/**
 * What determines the runs of a search. JSON, so that it can be handed to another process.
 *
 * @property base every run has this plan's workload, faults, parameters and seed of lanes; only the schedule differs
 * @property over the chooser over which `feedback` goes; default: `preemptions`
 * @property only look for violations of these invariants; default: all of the scenario's
 * @property preemptions so many in each run; default: turns of random length, as many as the run is long for
 * @property depth bug depth for the chooser `pct`; default {@link defaultDepth}
 */
export interface RunnerOptions extends DrawOptions {
  readonly base?: Plan;
  readonly seed: number;
  readonly chooser: RandomChooserName;
  readonly preemptions?: number;
  readonly depth?: number;
  readonly over?: BaseChooserName;
  readonly only?: readonly string[];
}

/** Just these options, of an object that has more: what is sent to another process. */
export function runnerOptionsOf(more: RunnerOptions): RunnerOptions {
  const names = ['base', 'gatewaysFixed', 'preemptions', 'depth', 'over', 'only'] as const;
  const { strategy, engine, parameters, seed, chooser } = more;
  const given = names.flatMap((name) => (more[name] === undefined ? [] : [[name, more[name]]]));
  return { strategy, engine, parameters, seed, chooser, ...(Object.fromEntries(given) as Partial<RunnerOptions>) };
}

interface OneRun {
  readonly base?: Plan | undefined;
  readonly chooser: ChooserName;
  readonly preemptions?: number | undefined;
}

/** Is every run of these options the same one: a plan that is given, under a schedule in which nothing is drawn? */
export function isOneRun({ base, chooser, preemptions }: OneRun): boolean {
  return base !== undefined && (chooser === 'replay' || (chooser === 'preemptions' && preemptions === 0));
}

/**
 * What came of one run.
 *
 * @property drawn something of it was drawn at random: its plan, or its schedule
 * @property fingerprint what it did, without the bytes (judge/fingerprint.ts)
 */
export interface RunReport {
  readonly run: number;
  readonly drawn: boolean;
  readonly fingerprint: string;
  readonly shape: RunShape;
  readonly steps: number;
  readonly hash: string;
  readonly marks: readonly string[];
  readonly noticed: NoticedInRun;
  readonly violations: readonly Violation[];
  /** Names of other invariants that it violated: those that `only` leaves out. */
  readonly besides: readonly string[];
  /** The plan with the preemptions that were made; only when something was violated. */
  readonly plan: Plan | undefined;
  /** Has a replay given each of the violations again? False where there was no time for it. */
  readonly confirmed: boolean;
  /** Under `feedback`: what the run reached, and of what it was drawn. */
  readonly reached?: Reached;
  /** How its lanes met. */
  readonly explored: RunExplored;
  /** How it failed, in a line that runs which fail alike share (judge/signature.ts); only when something was violated. */
  readonly group: string | undefined;
}

/**
 * What ends a run early, asked in the middle of it.
 *
 * @property run true: it is cut off ({@link RunInterrupted})
 * @property confirmation true: what it found stays without being confirmed
 */
export interface RunLimits {
  readonly run: () => boolean;
  readonly confirmation: () => boolean;
}

const unlimited: RunLimits = { run: () => false, confirmation: () => false };

/**
 * The plan of run `run`, before any preemption.
 *
 * @param streams of chance; default: those of the run's number
 */
export function planOfRun(
  scenario: Scenario,
  options: RunnerOptions,
  run: number,
  streams: Streams = (name) => stream(name, options.seed, run),
): Plan {
  const { base, strategy, engine } = options;
  if (base !== undefined) return { ...base, strategy, engine, preemptions: [] };
  const io = options.chooser !== 'replay'; // under that chooser only workload and faults differ from run to run
  return drawPlan(scenario, { ...options, io }, streams);
}

function shapeOf({ endings, switchPoints }: History): RunShape {
  return { lanes: endings.length, points: switchPoints };
}

function settingsOf({ preemptions, depth = defaultDepth }: RunnerOptions): ChooserSettings {
  return { depth, ...(preemptions === undefined ? {} : { preemptions }) };
}

/**
 * Least probability that a run of this shape finds a bug of the chooser's depth. Null where the chooser promises nothing;
 * and where plans differ from run to run, since the promise is about one: its own lanes and switch points.
 */
export function promiseOf(options: RunnerOptions, shape: RunShape): number | null {
  if (options.chooser === 'portfolio' || options.chooser === 'feedback') return null;
  const kind: ChooserKind = choosers[options.chooser];
  return options.base === undefined ? null : (kind.bound?.(settingsOf(options), shape) ?? null);
}

function isSink(chooser: Chooser & Partial<StepSink>): chooser is Chooser & StepSink {
  return chooser.see !== undefined;
}

/** A run whose history has not been taken yet. */
interface Begun {
  readonly run: number;
  readonly recipe: Recipe;
  readonly plan: Plan;
  readonly fingerprint: Fingerprint;
  readonly coverage: CoverageRecorder;
  readonly streams: RecipeStreams;
  readonly finish: () => History;
}

/** What its steps show, and what it came to: marks, how lanes ended, and what the disk was like. */
function reachedBy(coverage: CoverageRecorder, { marks, endings, autopsy }: History): readonly number[] {
  const came = [
    ...Object.entries(marks).flatMap(([name, count]) => (count > 0 ? [featureOf('mark', name)] : [])),
    ...endings.map(({ lane, ending }) => featureOf('end', lane, ending.how)),
    featureOf('disk', autopsy.opened, autopsy.before.opened, String(autopsy.before.hotJournal)),
  ];
  return [...coverage.features(), ...came];
}

export class Runner {
  readonly #coordinator: Coordinator;
  readonly #scenario: Scenario;
  readonly #options: RunnerOptions;
  #dry: DryRun | undefined;
  /** Steps of run 0's plan, whole but without its faults. */
  #counts: readonly StepCount[] | undefined;
  /** Invariants of which a violation was confirmed. */
  readonly #confirmed = new Set<string>();

  constructor(coordinator: Coordinator, scenario: Scenario, options: RunnerOptions) {
    this.#coordinator = coordinator;
    this.#scenario = scenario;
    this.#options = options;
  }

  /**
   * Run number `run`; number 0 keeps to the default schedule. A violation is confirmed by a replay.
   *
   * @param recipe how it is drawn; default: from the streams of its own number
   */
  async run(run: number, limits: RunLimits = unlimited, recipe?: Recipe): Promise<RunReport> {
    return (await this.begin(run, limits, recipe))();
  }

  /** The same, but the autopsy goes on while the caller begins the next run. Result: waits for it, and reports. */
  async begin(
    run: number,
    limits: RunLimits = unlimited,
    recipe: Recipe = { root: run, changes: [] },
  ): Promise<() => Promise<RunReport>> {
    const begun = async (): Promise<Begun> => {
      const streams = new RecipeStreams(this.#options.seed, recipe);
      const drawn = planOfRun(this.#scenario, this.#options, recipe.root, (name) => streams.of(name));
      const plan = run === 0 ? drawn : await this.#placed(drawn, limits, streams);
      const fingerprint = new Fingerprint();
      const coverage = new CoverageRecorder();
      const chooser = await this.#chooserOf(run, plan, limits, streams, recipe);
      const sinks = [fingerprint, coverage, ...(isSink(chooser) ? [chooser] : [])];
      const finish = await this.#coordinator.begin(this.#scenario, plan, chooser, sinks, limits.run);
      return { run, recipe, plan, fingerprint, coverage, streams, finish };
    };
    const made = await this.#naming(run, () => this.#coordinator.orInNode(begun));
    return () => this.#naming(run, async () => this.#report(made, made.finish(), limits));
  }

  /** A harness error says in which run of which seed it happened: with that, and what those before it have shown, it can be had again. */
  async #naming<T>(run: number, body: () => Promise<T>): Promise<T> {
    try {
      return await body();
    } catch (error) {
      if (!(error instanceof LockstepError)) throw error;
      const { kind, code, message, remedy } = error;
      throw new LockstepError(kind, code, `${message} (Run ${run} of seed ${this.#options.seed}.)`, remedy, {
        cause: error,
      });
    }
  }

  async #chooserOf(
    run: number,
    plan: Plan,
    limits: RunLimits,
    streams: RecipeStreams,
    { stalled }: Recipe,
  ): Promise<Chooser & Partial<StepSink>> {
    if (run === 0) return replayChooser([]);
    const kind: ChooserKind = choosers[baseChooserOf(this.#options, run, stalled)];
    const settings = settingsOf(this.#options);
    const dry = await this.#dryRun(kind.dryRun(settings), plan, limits);
    return kind.make(streams.of('chooser'), settings, dry);
  }

  /** With faults where they come to bear; those of a plan that is given stay. */
  async #placed(plan: Plan, { run: stop }: RunLimits, streams: RecipeStreams): Promise<Plan> {
    if (this.#options.base !== undefined || plan.faults.length === 0) return plan;
    if (this.#counts === undefined) {
      const counter = new StepCounter();
      const bare = { ...this.#wholePlan(), faults: [] };
      await this.#coordinator.run(this.#scenario, bare, replayChooser([]), [counter], stop);
      this.#counts = counter.counts;
    }
    return { ...plan, faults: placeFaults(plan.faults, this.#counts, streams.of('placed')) };
  }

  /** The shared one is of run 0's plan, whole: any job makes it for itself, and finds the same. Where a plan is given, it is every run's own. */
  async #dryRun(which: ReturnType<ChooserKind['dryRun']>, plan: Plan, limits: RunLimits): Promise<DryRun> {
    if (which === 'none') return { lanes: 1, points: 1, sites: [] };
    if (which === 'own' && this.#options.base === undefined) return this.#dryRunOf(plan, limits);
    this.#dry ??= await this.#dryRunOf(this.#wholePlan(), limits);
    return this.#dry;
  }

  /** Of run 0, with all that runs may have: it stands for those of other runs. */
  #wholePlan(): Plan {
    return planOfRun(this.#scenario, { ...this.#options, whole: true }, 0);
  }

  /** Under the default schedule. */
  async #dryRunOf(plan: Plan, { run: stop }: RunLimits): Promise<DryRun> {
    const recorder = new SiteRecorder();
    const history = await this.#coordinator.run(this.#scenario, plan, replayChooser([]), [recorder], stop);
    return { ...shapeOf(history), sites: recorder.sites() };
  }

  async #report(
    { run, plan, recipe, fingerprint, coverage, streams }: Begun,
    history: History,
    { confirmation: stop }: RunLimits,
  ): Promise<RunReport> {
    const shape = shapeOf(history);
    const { only, base } = this.#options;
    const all = violationsOf(this.#scenario, history);
    const counts = ({ invariant }: Violation): boolean => only === undefined || only.includes(invariant);
    const violations = all.filter(counts);
    const found = violations.length === 0 ? undefined : { ...plan, preemptions: history.preemptions };
    const known = violations.every(({ invariant }) => this.#confirmed.has(invariant));
    const confirmed = found === undefined || known || (await this.#confirm(found, history, stop));
    if (confirmed) for (const { invariant } of violations) this.#confirmed.add(invariant);
    return {
      run,
      // One of which a few draws were replaced is no independent one.
      drawn: recipe.changes.length === 0 && (base === undefined || (run > 0 && !isOneRun(this.#options))),
      fingerprint: fingerprint.text,
      shape,
      steps: history.steps,
      hash: history.hash,
      marks: Object.entries(history.marks).flatMap(([name, count]) => (count > 0 ? [name] : [])),
      noticed: noticedIn(history),
      violations,
      besides: [...new Set(all.filter((one) => !counts(one)).map(({ invariant }) => invariant))],
      plan: found,
      confirmed,
      ...(this.#options.chooser === 'feedback' && {
        reached: { run, recipe, draws: streams.draws, features: reachedBy(coverage, history) },
      }),
      explored: coverage.explored(),
      group: found === undefined ? undefined : groupOf(violations, history),
    };
  }

  /**
   * A finding counts only if its plan gives it again, bit for bit; one that there is no time to confirm is not lost.
   *
   * @returns false where there was no time
   */
  async #confirm(plan: Plan, history: History, stop: () => boolean): Promise<boolean> {
    const replayed = this.#coordinator.run(this.#scenario, plan, undefined, [], stop);
    const again = await replayed.catch((error: unknown) => {
      if (error instanceof RunInterrupted) return undefined;
      throw error;
    });
    if (again === undefined) return false;
    if (again.hash !== history.hash) {
      const differing = { coordinator: this.#coordinator, scenario: this.#scenario, plan };
      throw await replayDiffers(differing, history.hash, again.hash);
    }
    const said = [history, again].map((one) => violationsOf(this.#scenario, one));
    const [one = [], other = []] = said;
    if (JSON.stringify(one) !== JSON.stringify(other)) throw judgedOtherwise(plan, history, one, other);
    return true;
  }
}
