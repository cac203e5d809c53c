// Free-running stress: the programs of a scenario in real processes without the gate, at full speed on all processors,
// round after round, each on fresh files; the same plans, the same autopsy and the same invariants as in a search. What
// a search is measured against. What stays out: schedules (nobody decides them), replays (there are none), printing.
import { atExit } from '../../host/at-exit.ts';
import { holdSignals } from '../../host/signals.ts';
import { realpathSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { usageError } from '../../errors/errors.ts';
import { Examiner } from '../../observe/autopsy.ts';
import type { Invariant, Violation } from '../../model/invariant.ts';
import { makeWorkplace, type Workplace } from '../../run/workplace.ts';
import { judgedBy } from '../../judge/judge-history.ts';
import { processesOf } from '../../run/check-processes.ts';
import { missingIn } from '../../run/check-queries.ts';
import { checkScenario } from '../../run/check-scenario.ts';
import type { Plan } from '../../model/plan.ts';
import { planOfRun, type RunnerOptions } from '../runner.ts';
import type { Scenario } from '../../model/scenario.ts';
import { Crew, cannotRunFree, type Played } from './crew.ts';
import { freeHistory, judgedFree } from './free-history.ts';
import { defaultRestMsMax } from './rests.ts';
import { Roots } from './roots.ts';

/**
 * @property binding SQLite binding of the engine, absolute path
 * @property only invariants that make a hit; default: all of the scenario's that can be judged without steps
 * @property crews rounds at once; default {@link crewsFor} this machine
 * @property restMsMax a sleep takes at most so many real milliseconds; default {@link defaultRestMsMax}
 * @property limitMs real milliseconds that a process may take for a round
 */
export interface StressOptions extends Omit<RunnerOptions, 'chooser' | 'preemptions' | 'depth'> {
  readonly scenario: Scenario;
  readonly binding: string;
  readonly crews?: number;
  readonly restMsMax?: number;
  readonly limitMs?: number;
}

/** @property seconds of stress until it was seen */
export interface StressHit {
  readonly round: number;
  readonly seconds: number;
  readonly violations: readonly Violation[];
}

/** @property seconds of stress, pauses between stretches not counted */
export interface StressResult {
  readonly crews: number;
  readonly restMsMax: number;
  readonly invariants: readonly string[];
  readonly rounds: number;
  readonly seconds: number;
  readonly hits: readonly StressHit[];
}

/** Rounds at once: while some rest or wait for a lock, others keep the processors busy. */
export function crewsFor(processors: number): number {
  return 4 * processors;
}

/** Stresses that are open: closed when this process exits, however it does. */
const open = new Set<Stress>();
atExit(() => {
  for (const stress of open) stress.close();
});

/** A round that has ended and waits for its autopsy. */
interface Ended {
  readonly round: number;
  readonly plan: Plan;
  readonly played: readonly Played[];
  readonly root: string;
  readonly ticket: number;
}

export class Stress {
  readonly #options: StressOptions;
  readonly #workplace: Workplace;
  readonly #folder: string;
  readonly #examiner: Examiner;
  readonly #crews: readonly Crew[];
  readonly #invariants: readonly Invariant[];
  readonly #restMsMax: number;
  readonly #hits: StressHit[] = [];
  /** In the order in which they ended. */
  readonly #ended: Ended[] = [];
  readonly #roots: Roots;
  #began = 0;
  #rounds = 0;
  #secondsBefore = 0;
  #stretchBegan: number | undefined;

  /** @throws a usage error when `only` has an invariant that needs steps */
  constructor(options: StressOptions) {
    checkScenario(options.scenario);
    this.#options = options;
    this.#invariants = judged(options);
    this.#restMsMax = options.restMsMax ?? defaultRestMsMax;
    this.#workplace = makeWorkplace();
    open.add(this);
    this.#folder = realpathSync(this.#workplace.folder);
    this.#examiner = new Examiner(this.#folder);
    this.#roots = new Roots(options.scenario, this.#folder);
    const count = options.crews ?? crewsFor(availableParallelism());
    this.#crews = Array.from({ length: count }, (_, number) => this.#crew(number));
  }

  /** Starts every process and makes the files that rounds begin with, so that `run` is stress from its first moment. */
  async warm(stop: () => boolean = () => false): Promise<void> {
    const plan = this.#planOf(0);
    const { scenario } = this.#options;
    const { start } = processesOf(scenario, plan);
    await this.#unlessStopped(stop, async () => {
      await Promise.all(this.#crews.map((crew) => crew.warm(start.length)));
      const [first] = this.#crews;
      if (first !== undefined) this.#checkQueries(await this.#roots.fresh(first, plan));
    });
  }

  /**
   * Goes on for so long, and judges every round that has begun; rounds that are cut off by `stop` do not count.
   *
   * @param timeMs real milliseconds
   * @param stop asked now and then; true ends it at once
   * @throws a usage error when the scenario cannot run free; harness errors
   */
  async run(timeMs: number, stop: () => boolean = () => false): Promise<void> {
    const began = performance.now();
    this.#stretchBegan = began;
    const goesOn = () => performance.now() - began < timeMs && !stop();
    try {
      await this.#unlessStopped(stop, async () => {
        const outcomes = await Promise.allSettled(this.#crews.map((crew) => this.#playOn(crew, goesOn)));
        for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
      });
      this.#judgeDownTo(0);
    } finally {
      this.#secondsBefore = this.#seconds();
      this.#stretchBegan = undefined;
    }
  }

  result(): StressResult {
    return {
      crews: this.#crews.length,
      restMsMax: this.#restMsMax,
      invariants: this.#invariants.map(({ name }) => name),
      rounds: this.#rounds,
      seconds: this.#seconds(),
      hits: this.#hits,
    };
  }

  /** Kills every process and removes every file. */
  close(): void {
    if (!open.delete(this)) return;
    holdSignals(() => {
      for (const crew of this.#crews) crew.close();
      this.#examiner.close();
      this.#workplace.remove();
    });
  }

  /** A round may take a minute: it ends with its processes. */
  async #unlessStopped(stop: () => boolean, body: () => Promise<void>): Promise<void> {
    const watch = setInterval(() => {
      if (stop()) for (const crew of this.#crews) crew.close();
    }, 50);
    try {
      await body();
    } catch (error) {
      if (!stop()) throw error;
    } finally {
      clearInterval(watch);
    }
  }

  /** A query that no database can answer would make every round a hit. */
  #checkQueries(root: string): void {
    const { scenario } = this.#options;
    const { database, queries } = scenario;
    missingIn(scenario, this.#examiner.answer(this.#examiner.ask({ root, database, queries })));
    rmSync(root, { recursive: true, force: true });
  }

  async #playOn(crew: Crew, goesOn: () => boolean): Promise<void> {
    while (goesOn()) await this.#playOne(crew, this.#began++);
  }

  async #playOne(crew: Crew, round: number): Promise<void> {
    const { scenario } = this.#options;
    const plan = this.#planOf(round);
    const root = await this.#roots.fresh(crew, plan);
    const played = await crew.play(plan, processesOf(scenario, plan).start, root);
    const ticket = this.#examiner.ask({ root, database: scenario.database, queries: scenario.queries });
    this.#ended.push({ round, plan, played, root, ticket });
    this.#judgeDownTo(this.#crews.length);
  }

  /** Judges the oldest until no more than so many are left: the examiner works while the crews play on. */
  #judgeDownTo(left: number): void {
    while (this.#ended.length > left) {
      const oldest = this.#ended.shift();
      if (oldest !== undefined) this.#judge(oldest);
    }
  }

  #judge({ round, plan, played, root, ticket }: Ended): void {
    const history = freeHistory(plan, played, this.#examiner.answer(ticket));
    rmSync(root, { recursive: true, force: true });
    this.#rounds++;
    // There are no steps to pin a violation to.
    const { scenario } = this.#options;
    const violations = judgedBy(scenario, this.#invariants, history).map((one) => ({ ...one, step: null }));
    if (violations.length > 0) this.#hits.push({ round, seconds: this.#seconds(), violations });
  }

  #planOf(round: number): Plan {
    const { scenario } = this.#options;
    const plan = planOfRun(scenario, { ...this.#options, chooser: 'replay' }, round);
    if (plan.faults.length > 0)
      throw cannotRunFree(scenario, 'Its plans have faults, which only a coordinator strikes.');
    return plan;
  }

  #crew(number: number): Crew {
    const { scenario, binding, limitMs = 60_000 } = this.#options;
    return new Crew({ scenario, binding, limitMs, folder: this.#folder, number, restMsMax: this.#restMsMax });
  }

  #seconds(): number {
    const stretchMs = this.#stretchBegan === undefined ? 0 : performance.now() - this.#stretchBegan;
    return this.#secondsBefore + stretchMs / 1000;
  }
}

function judged({ scenario, only }: StressOptions): readonly Invariant[] {
  const beyond = only?.filter((name) => !judgedFree.includes(name)) ?? [];
  if (beyond.length > 0) {
    throw usageError(
      'CANNOT_JUDGE_FREE',
      `Nobody sees the steps of a free-running round, so ${beyond.join(', ')} cannot be judged.`,
      `Take some of ${judgedFree.join(', ')}.`,
    );
  }
  return scenario.invariants.filter(({ name }) => (only ?? judgedFree).includes(name));
}
