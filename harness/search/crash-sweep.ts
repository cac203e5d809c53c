// The crash sweep: one plan, run again and again, with a process killed before another step each time. It answers what
// no sampling does: is there any place in this run where a crash breaks a promise? What stays out: torn writes, two
// crashes in one run, and restarts (a program of the scenario may watch and restart; that is its own affair).
import { usageError } from '../errors/errors.ts';
import type { Violation } from '../model/invariant.ts';
import { op } from '../model/operations.ts';
import type { RawRecord } from '../model/record.ts';
import type { StepLane, StepSink } from '../model/step.ts';
import type { History } from '../model/history.ts';
import { RunInterrupted } from '../errors/interrupted.ts';
import type { Coordinator } from '../run/coordinator.ts';
import { violationsOf } from '../judge/judge-history.ts';
import type { Plan } from '../model/plan.ts';
import { replayDiffers } from './replay-differs.ts';
import type { Scenario } from '../model/scenario.ts';

/**
 * @property process is killed before each step of the run, whoever takes it; default: before each step the process that
 *   takes it
 * @property from number of the first step to kill before; default 0
 * @property to number of the last; default: the run's last
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
  readonly from?: number;
  readonly to?: number;
  readonly only?: readonly string[];
  readonly timeMs?: number;
  readonly now?: () => number;
  readonly stop?: () => boolean;
  readonly onKill?: (tried: number, places: number) => void;
}

/** A place to kill at: before step `step`. */
export interface KillPoint {
  readonly step: number;
  readonly process: string;
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
  readonly at: readonly KillPoint[];
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
  readonly complete: boolean;
  readonly timeUp: boolean;
}

/** Steps that a lane cannot stand before, and steps of the coordinator's own (run/faults/fault.ts). */
const unreachable: ReadonlySet<number> = new Set([op.end, op.raw, op.fault, op.quiet, op.randomness]);

/** Finds the kill points of a run. */
class KillPoints implements StepSink {
  readonly #victims = new Set<string>();
  readonly #victim: string | undefined;
  readonly #points: KillPoint[] = [];
  /** First and last step of the victim: outside of them it is not there yet, or no more. */
  #first = Infinity;
  #last = -1;

  constructor(victim: string | undefined) {
    this.#victim = victim;
  }

  see(step: number, record: Readonly<RawRecord>, lane: StepLane): void {
    const { name } = lane.process;
    this.#victims.add(name);
    if (name === this.#victim) {
      this.#first = Math.min(this.#first, step);
      this.#last = step;
    }
    if (!unreachable.has(record.op)) this.#points.push({ step, process: this.#victim ?? name });
  }

  /** Throws a usage error when the victim takes no step. */
  checkVictim(): void {
    if (this.#victim === undefined || this.#victims.has(this.#victim)) return;
    throw usageError(
      'UNKNOWN_PROCESS',
      `No process "${this.#victim}" takes a step in this run.`,
      `Those that do: ${[...this.#victims].join(', ')}.`,
    );
  }

  within(from: number, to: number): readonly KillPoint[] {
    const [first, last] = this.#victim === undefined ? [0, Infinity] : [this.#first, this.#last];
    return this.#points.filter(({ step }) => step >= Math.max(from, first) && step <= Math.min(to, last));
  }
}

interface OpenFinding extends Omit<CrashFinding, 'at' | 'first'> {
  readonly at: KillPoint[];
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
      complete,
      timeUp: this.#timeUp,
    };
  }

  /** Result: false when it was interrupted. */
  async #goFar(): Promise<boolean> {
    const { coordinator, scenario, plan, from = 0, to = Infinity, stop } = this.#options;
    try {
      const { history, points } = await coordinator.orInNode(async () => {
        const seen = new KillPoints(this.#options.process);
        return { history: await coordinator.run(scenario, plan, undefined, [seen], this.#mustEnd), points: seen };
      });
      this.#longestMs = this.#now() - this.#began;
      this.#baseline = history;
      points.checkVictim();
      this.#saw(this.#baseline);
      this.#places = points.within(from, to);
      for (const point of this.#places) {
        if (stop?.() === true) throw new RunInterrupted();
        // Of a run that has no verdict yet, a finding may come, too.
        this.#timeUp = !this.#hasTimeFor(this.#findings.size + 2);
        if (this.#timeUp) break;
        await this.#kill(point);
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

  async #kill(point: KillPoint): Promise<void> {
    const { coordinator, scenario, plan } = this.#options;
    const { step, process } = point;
    const killing: Plan = { ...plan, faults: [...plan.faults, { kind: 'kill', at: { step }, process }] };
    const began = this.#now();
    const finish = await coordinator.begin(scenario, killing, undefined, [], this.#mustEnd);
    this.#settle();
    this.#longestMs = Math.max(this.#longestMs, this.#now() - began);
    this.#finish = () => this.#judge(point, killing, finish());
  }

  #settle(): void {
    this.#finish?.();
    this.#finish = undefined;
  }

  #judge(point: KillPoint, plan: Plan, history: History): void {
    this.#tried++;
    this.#saw(history);
    const violations = this.#violations(history);
    if (violations.length > 0) this.#violating++;
    for (const violation of violations) {
      const { invariant } = violation;
      const known = this.#findings.get(invariant);
      if (known === undefined)
        this.#findings.set(invariant, {
          invariant,
          at: [point],
          first: { violation, plan, hash: history.hash, confirmed: false },
        });
      else if (known.at.at(-1) !== point) known.at.push(point);
    }
    this.#options.onKill?.(this.#tried, this.#places.length);
  }

  #saw({ marks }: History): void {
    if ((marks[this.#options.scenario.window] ?? 0) > 0) this.#reached++;
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

/**
 * Kills a process before each step of a plan's run in turn. The steps are those of the run without a kill, so a process
 * that lives only after one is never killed.
 *
 * @throws a usage error when the process takes no step; harness errors; `REPLAY_DIFFERS` when a finding's plan does not give the same run again
 */
export async function crashSweep(options: CrashSweepOptions): Promise<CrashSweep> {
  return new Sweep(options).go();
}
