// The crash sweep: one plan, run again and again, with a process killed before another step each time. It answers what
// no sampling does: is there any place in this run where a crash breaks a promise? Where it is asked for, a second process is killed
// in what follows each kill: does recovery get through a crash of its own? Those are more than can be tried, so that they are drawn.
// In place of the first kill the step itself may fail: does everybody get through an error at any place?
// What stays out: torn writes, and restarts (a program of the scenario may watch and restart; that is its own affair).
import type { Violation } from '../model/invariant.ts';
import { below, stream } from '../model/random.ts';
import { upperBound } from '../model/verdict.ts';
import type { History } from '../model/history.ts';
import { RunInterrupted } from '../errors/interrupted.ts';
import type { Coordinator } from '../run/coordinator.ts';
import { violationsOf } from '../judge/judge-history.ts';
import type { Plan } from '../model/plan.ts';
import { faultAt, type KillPoint, KillPoints } from './kill-points.ts';
import { replayDiffers } from './replay-differs.ts';
import { type Scenario, windowOf } from '../model/scenario.ts';
import type { StepSink } from '../model/step.ts';
import type { SweepStrike } from '../model/sweep-strike.ts';

/**
 * @property process is killed before each step of the run, whoever takes it; default: before each step the process that
 *   takes it
 * @property kind what is done there; default: a kill. What `second` adds is a kill in any case
 * @property from number of the first step to kill before; default 0
 * @property to number of the last; default: the run's last
 * @property second kills in what follows each kill that does no harm by itself
 * @property only look for violations of these invariants; default: all of the scenario's
 * @property timeMs real milliseconds for all: no kill is tried any more when what is left is what replaying each finding takes, and
 *   what runs then is cut off
 * @property now the clock of it; default: this process's own
 * @property stop asked between runs; true ends the sweep with what it has
 * @property onKill told after each kill how many were tried, of how many
 */
export interface CrashSweepOptions {
  readonly coordinator: Coordinator;
  readonly scenario: Scenario;
  readonly plan: Plan;
  readonly process?: string;
  readonly kind?: SweepStrike;
  readonly from?: number;
  readonly to?: number;
  readonly second?: SecondKills;
  readonly only?: readonly string[];
  readonly timeMs?: number;
  readonly now?: () => number;
  readonly stop?: () => boolean;
  readonly onKill?: (tried: number, places: number) => void;
}

/**
 * A second kill in one run: before a step that comes after the first kill, the process that takes it.
 *
 * @property each so many after each first one, drawn at random among the steps that there are; Infinity for all of them
 * @property within so many steps after the first kill at most; default: all that follow
 * @property seed of what is drawn
 */
export interface SecondKills {
  readonly each: number;
  readonly within?: number;
  readonly seed: number;
}

/** @property again a second one, in what follows */
export interface Kill extends KillPoint {
  readonly again?: KillPoint;
}

/**
 * What came of second kills.
 *
 * @property places where there is somebody to kill, after all first kills that were tried together
 * @property tried so many of them; `violating`: after so many something was violated
 * @property drawn of these, those that were drawn, after first kills that are followed by more places than were tried; `reached`: of
 *   the tried, those whose run reached the scenario's window
 * @property upperBound 95 % bound on the part of the places at which a kill does harm, each first kill weighing alike, where nothing
 *   was violated and some were not tried; 0 where all were; null where something was violated, nothing was tried, or the sweep ended early.
 *   Drawing for each first kill apart can only make a harmful place likelier to be met than drawing among all (the mean of
 *   factors, AM-GM), so that the bound of independent draws holds
 */
export interface SecondSweep {
  readonly places: number;
  readonly tried: number;
  readonly violating: number;
  readonly drawn: number;
  readonly reached: number;
  readonly upperBound: number | null;
}

/**
 * An invariant that some crash violates.
 *
 * @property at every kill that does, in the order of steps
 * @property first violation of the first of them, and its plan; `confirmed` by a replay with the same hash, unless the sweep
 *   was interrupted, or its time was up even for that
 */
export interface CrashFinding {
  readonly invariant: string;
  readonly at: readonly Kill[];
  readonly first: {
    readonly violation: Violation;
    readonly plan: Plan;
    readonly hash: string;
    readonly confirmed: boolean;
  };
}

/**
 * @property steps of the run without a kill
 * @property places where there is somebody to kill, within `from` and `to`
 * @property tried so many of them: fewer than `places` when the sweep was interrupted
 * @property reached runs that reached the scenario's window, the one without a kill among them
 * @property violating kills after which any invariant was violated
 * @property baseline what the run violates without a kill
 * @property findings in the order in which they were found
 * @property second what came of second kills; null where none were asked for
 * @property timeUp it ended because its time was up
 */
export interface CrashSweep {
  readonly steps: number;
  readonly places: number;
  readonly tried: number;
  readonly reached: number;
  readonly violating: number;
  readonly baseline: readonly Violation[];
  readonly findings: readonly CrashFinding[];
  readonly second: SecondSweep | null;
  readonly complete: boolean;
  readonly timeUp: boolean;
}

interface OpenFinding extends Omit<CrashFinding, 'at' | 'first'> {
  readonly at: Kill[];
  first: CrashFinding['first'];
}

class Sweep {
  readonly #options: CrashSweepOptions;
  readonly #findings = new Map<string, OpenFinding>();
  #baseline: History | undefined;
  #places: readonly KillPoint[] = [];
  #tried = 0;
  #reached = 0;
  #violating = 0;
  readonly #second = { places: 0, tried: 0, violating: 0, drawn: 0, reached: 0 };
  readonly #began: number;
  /** Of the run that took longest, real. */
  #longestMs = 0;
  #timeUp = false;
  /** The last run, whose autopsy goes on beside the next one. */
  #finish: (() => void) | undefined;

  constructor(options: CrashSweepOptions) {
    this.#options = options;
    this.#began = this.#now();
  }

  #now(): number {
    return this.#options.now?.() ?? performance.now();
  }

  /** Is what is left of the time no more than so many runs take? */
  #hasTimeFor(runs: number): boolean {
    return this.#now() - this.#began + runs * this.#longestMs < (this.#options.timeMs ?? Infinity);
  }

  /** Asked in the middle of runs. */
  readonly #mustEnd = (): boolean => this.#options.stop?.() === true || !this.#hasTimeFor(0);

  async go(): Promise<CrashSweep> {
    const complete = await this.#goFar();
    return {
      steps: this.#baseline?.steps ?? 0,
      places: this.#places.length,
      tried: this.#tried,
      reached: this.#reached,
      violating: this.#violating,
      baseline: this.#baseline === undefined ? [] : this.#violations(this.#baseline),
      findings: [...this.#findings.values()],
      second: this.#options.second === undefined ? null : { ...this.#second, upperBound: this.#secondBound(complete) },
      complete,
      timeUp: this.#timeUp,
    };
  }

  #secondBound(complete: boolean): number | null {
    const { places, tried, violating, drawn } = this.#second;
    if (!complete || violating > 0 || tried === 0) return null;
    return tried === places ? 0 : upperBound(drawn);
  }

  /** Result: false when it was interrupted. */
  async #goFar(): Promise<boolean> {
    const { coordinator, scenario, plan, from = 0, to = Infinity, stop } = this.#options;
    try {
      const { history, points } = await coordinator.orInNode(async () => {
        const seen = new KillPoints(this.#options.process, this.#options.kind);
        return { history: await coordinator.run(scenario, plan, undefined, [seen], this.#mustEnd), points: seen };
      });
      this.#longestMs = this.#now() - this.#began;
      this.#baseline = history;
      points.checkVictim();
      this.#saw(this.#baseline);
      this.#places = points.within(from, to);
      for (const point of this.#places) {
        if (stop?.() === true) throw new RunInterrupted();
        if (this.#isUp()) break;
        const following = await this.#kill(point);
        if (following !== undefined) await this.#killAgain(point, following);
        if (this.#timeUp) break;
      }
      this.#settle();
      await this.#confirm();
      return !this.#timeUp;
    } catch (error) {
      if (!(error instanceof RunInterrupted)) throw error;
      this.#settle();
      this.#timeUp = stop?.() !== true;
      return false;
    } finally {
      this.#options.coordinator.forgetBegun();
    }
  }

  /** Is the time for kills up? Of a run that has no verdict yet, a finding may come, too. */
  #isUp(): boolean {
    this.#timeUp = !this.#hasTimeFor(this.#findings.size + 2);
    return this.#timeUp;
  }

  /** @returns where somebody can be killed in what follows; undefined where nobody is to be, or the kill did harm by itself */
  async #kill(point: KillPoint): Promise<readonly KillPoint[] | undefined> {
    const { second } = this.#options;
    const seen = new KillPoints(undefined);
    const harmful = this.#violating;
    await this.#run(point, second === undefined ? [] : [seen], () => {
      this.#tried++;
      this.#options.onKill?.(this.#tried, this.#places.length);
    });
    if (second === undefined) return undefined;
    this.#settle(); // a kill that does harm by itself shows nothing of a second one
    if (this.#violating > harmful) return undefined;
    return seen.within(point.step + 1, point.step + (second.within ?? Infinity));
  }

  /** Second kills in what follows a first one: all that there are, or so many of them. */
  async #killAgain(point: KillPoint, following: readonly KillPoint[]): Promise<void> {
    const { second = { each: 0, seed: 0 }, stop } = this.#options;
    this.#second.places += following.length;
    const isDrawn = second.each < following.length;
    const chosen = isDrawn
      ? drawnFrom(following, second.each, stream('secondKills', second.seed, point.step))
      : following;
    for (const again of chosen) {
      if (stop?.() === true) throw new RunInterrupted();
      if (this.#isUp()) return;
      await this.#run({ ...point, again }, [], ({ marks }, harmed) => {
        this.#second.tried++;
        if (isDrawn) this.#second.drawn++;
        if (harmed) this.#second.violating++;
        if (this.#reachedIn(marks)) this.#second.reached++;
      });
    }
  }

  /** @param count told of the run when it is judged, which is while the next one is made */
  async #run(
    kill: Kill,
    sinks: readonly StepSink[],
    count: (history: History, harmed: boolean) => void,
  ): Promise<void> {
    const { coordinator, scenario, plan } = this.#options;
    const { again, ...first } = kill;
    const faults = [first, ...(again === undefined ? [] : [again])].map((point) => faultAt(point));
    const killing: Plan = { ...plan, faults: [...plan.faults, ...faults] };
    const began = this.#now();
    const finish = await coordinator.begin(scenario, killing, undefined, sinks, this.#mustEnd);
    this.#settle();
    this.#longestMs = Math.max(this.#longestMs, this.#now() - began);
    this.#finish = () => {
      const history = finish();
      const violations = this.#judge(kill, killing, history);
      if (again === undefined) {
        this.#saw(history);
        if (violations > 0) this.#violating++;
      }
      count(history, violations > 0);
    };
  }

  #settle(): void {
    const finish = this.#finish;
    this.#finish = undefined;
    finish?.();
  }

  /** Takes what a kill violated among the findings. Result: how much that is. */
  #judge(kill: Kill, plan: Plan, history: History): number {
    const violations = this.#violations(history);
    for (const violation of violations) {
      const { invariant } = violation;
      const known = this.#findings.get(invariant);
      if (known === undefined)
        this.#findings.set(invariant, {
          invariant,
          at: [kill],
          first: { violation, plan, hash: history.hash, confirmed: false },
        });
      else if (known.at.at(-1) !== kill) known.at.push(kill);
    }
    return violations.length;
  }

  #reachedIn(marks: History['marks']): boolean {
    const { scenario, plan } = this.#options;
    return (marks[windowOf(scenario, plan.strategy)] ?? 0) > 0;
  }

  #saw({ marks }: History): void {
    if (this.#reachedIn(marks)) this.#reached++;
  }

  #violations(history: History): readonly Violation[] {
    const { scenario, only } = this.#options;
    return violationsOf(scenario, history).filter(({ invariant }) => only?.includes(invariant) ?? true);
  }

  /** A finding counts only if its plan gives it again, bit for bit. */
  async #confirm(): Promise<void> {
    const { coordinator, scenario } = this.#options;
    for (const finding of this.#findings.values()) {
      const { first } = finding;
      const again = await coordinator.run(scenario, first.plan, undefined, [], this.#mustEnd);
      if (again.hash !== first.hash)
        throw await replayDiffers({ coordinator, scenario, plan: first.plan }, first.hash, again.hash);
      finding.first = { ...first, confirmed: true };
    }
  }
}

/** So many of them, each as likely as any other, in their order. */
function drawnFrom<T>(all: readonly T[], many: number, random: () => number): readonly T[] {
  const left = all.map((_one, i) => i);
  const chosen = Array.from({ length: many }, () => left.splice(below(random, left.length), 1)[0] ?? 0);
  return chosen.toSorted((a, b) => a - b).flatMap((i) => all[i] ?? []);
}

/**
 * Kills a process before each step of a plan's run in turn. The steps are those of the run without a kill, so a process
 * that lives only after one is never killed, but by a second kill.
 *
 * @throws a usage error when the process takes no step; harness errors; `REPLAY_DIFFERS` when a finding's plan does not give the same run again
 */
export async function crashSweep(options: CrashSweepOptions): Promise<CrashSweep> {
  return new Sweep(options).go();
}
