// One run of a search: the plan and the schedule of run i, and what came of it. Depends on the options and on i alone,
// so that any number of jobs gives the same runs. What stays out: how many runs, and in which process (search.ts).
import { harnessError, LockstepError } from '../errors.ts';
import type { History } from '../history/history.ts';
import type { Violation } from '../invariants/invariant.ts';
import { spreadChooser, turnsChooser } from '../schedule/choosers/preemptions.ts';
import type { Chooser } from '../schedule/chooser.ts';
import { replayChooser } from '../schedule/choosers/replay.ts';
import { type Coordinator, violationsOf } from './coordinator.ts';
import { type Parameters, type Plan, planFormat } from './plan.ts';
import { randomOf } from './random.ts';
import type { Scenario } from './scenario.ts';

/** `replay` is the default schedule without preemptions; `preemptions` adds random ones. */
export const chooserNames = ['preemptions', 'replay'] as const;
export type ChooserName = (typeof chooserNames)[number];

/**
 * What determines the runs of a search. JSON, so that it can be handed to another process.
 *
 * @property only look for violations of these invariants; default: all of the scenario's
 * @property preemptions so many in each run; default: turns of random length, as many as the run is long for
 */
export interface RunnerOptions {
  readonly strategy: string;
  readonly engine: string;
  readonly parameters: Parameters;
  readonly seed: number;
  readonly chooser: ChooserName;
  readonly preemptions?: number;
  readonly only?: readonly string[];
}

/** What came of one run. */
export interface RunReport {
  readonly run: number;
  readonly steps: number;
  readonly hash: string;
  readonly marks: readonly string[];
  readonly violations: readonly Violation[];
  /** The plan with the preemptions that were made; only when something was violated. */
  readonly plan: Plan | undefined;
}

/** The plan of run `run`, before any preemption. */
export function planOfRun(scenario: Scenario, options: RunnerOptions, run: number): Plan {
  const random = randomOf(options.seed, run, 0);
  return {
    format: planFormat,
    scenario: scenario.name,
    strategy: options.strategy,
    engine: options.engine,
    parameters: options.parameters,
    workload: scenario.generate(random, options.parameters),
    faults: scenario.faults?.(randomOf(options.seed, run, 2), options.parameters) ?? [],
    preemptions: [],
    seed: Math.floor(random() * 2 ** 32),
  };
}

export class Runner {
  readonly #coordinator: Coordinator;
  readonly #scenario: Scenario;
  readonly #options: RunnerOptions;
  #points: number | undefined;

  constructor(coordinator: Coordinator, scenario: Scenario, options: RunnerOptions) {
    this.#coordinator = coordinator;
    this.#scenario = scenario;
    this.#options = options;
  }

  /** Run number `run`; number 0 keeps to the default schedule. A violation is confirmed by a replay. */
  async run(run: number): Promise<RunReport> {
    return (await this.begin(run))();
  }

  /** The same, but the autopsy goes on while the caller begins the next run. Result: waits for it, and reports. */
  async begin(run: number): Promise<() => Promise<RunReport>> {
    const plan = planOfRun(this.#scenario, this.#options, run);
    const finish = await this.#naming(run, async () =>
      this.#coordinator.begin(this.#scenario, plan, await this.#chooserOf(run)),
    );
    return () => this.#naming(run, async () => this.#report(run, plan, finish()));
  }

  /** A harness error says in which run of which seed it happened: with that it can be had again. */
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

  async #chooserOf(run: number): Promise<Chooser> {
    if (run === 0 || this.#options.chooser === 'replay') return replayChooser([]);
    const random = randomOf(this.#options.seed, run, 1);
    const { preemptions } = this.#options;
    return preemptions === undefined
      ? turnsChooser(random)
      : spreadChooser(random, await this.#expectedPoints(), preemptions);
  }

  /** Switch points of run 0: preemptions are spread over so many. */
  async #expectedPoints(): Promise<number> {
    this.#points ??= (
      await this.#coordinator.run(this.#scenario, planOfRun(this.#scenario, this.#options, 0))
    ).switchPoints;
    return this.#points;
  }

  async #report(run: number, plan: Plan, history: History): Promise<RunReport> {
    if (run === 0) this.#points = history.switchPoints;
    const { only } = this.#options;
    const violations = violationsOf(this.#scenario, history).filter(
      ({ invariant }) => only === undefined || only.includes(invariant),
    );
    const found = violations.length === 0 ? undefined : { ...plan, preemptions: history.preemptions };
    if (found !== undefined) await this.#confirm(found, history);
    return {
      run,
      steps: history.steps,
      hash: history.hash,
      marks: Object.entries(history.marks).flatMap(([name, count]) => (count > 0 ? [name] : [])),
      violations,
      plan: found,
    };
  }

  /** A finding counts only if its plan gives it again, bit for bit. */
  async #confirm(plan: Plan, history: History): Promise<void> {
    const again = await this.#coordinator.run(this.#scenario, plan);
    const said = (one: History) => JSON.stringify(violationsOf(this.#scenario, one));
    if (again.hash === history.hash && said(again) === said(history)) return;
    throw harnessError(
      'REPLAY_DIFFERS',
      `A run of ${plan.scenario} violated an invariant, and its replay took another course ` +
        `(${history.hash.slice(0, 12)} and ${again.hash.slice(0, 12)}).`,
      'This breaks the first promise of Lockstep: report it with scenario, strategy, engine and seed.',
    );
  }
}
