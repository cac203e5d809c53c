// How the time of a visit is shared out. Its share of the comparison's time is for shipped plans, a part of it at most, and for random
// runs. What has begun may go on past the share, since runs of a day of virtual time take long: a run for three times the share, and
// what confirms it as long again, but never past the end of the whole. Making a failure small, and the last run that shows it, have times of
// their own, within the whole too. What stays out: keeping to it (visit.ts), and who gets which share (campaign.ts).
import { toleranceMs } from '../harness/search/shrink/trials.ts';

/**
 * @property timeMs real milliseconds for replays and random runs; null for no bound
 * @property wholeMs real milliseconds that were left for the whole comparison when the visit began; null for no bound
 * @property shrinkMs real milliseconds at most for making a failure small
 * @property powerOnly all of the share is for power losses
 */
export interface VisitTimes {
  readonly timeMs: number | null;
  readonly wholeMs: number | null;
  readonly shrinkMs: number;
  readonly powerOnly?: boolean;
}

/** Part of the share after which no further shipped plan is begun. */
const replayShare = 0.3;

/** What has begun may take the visit to so many times its share: a run to half of that (SearchOptions), its confirmation to all. */
const overrunFactor = 6;

/** Part of what is left of the whole that making a failure small may take: the last run, which shows it, has the rest. */
const shrinkPart = 0.75;

/** Real milliseconds at least that are worth beginning to make a failure small. */
const shrinkMsLeast = 300;

/** Real milliseconds for seeing when a failure became inevitable: at most, and the part of what is left of the whole. */
const inevitableMs = { most: 5000, part: 0.1, least: 300 } as const;

/** Real milliseconds for the last run of a failure: at most, and in any case, even past the end of the whole. */
const showMs = { most: 120_000, least: 5000 } as const;

export class VisitTime {
  readonly #times: VisitTimes;
  readonly #now: () => number;
  readonly #began: number;

  /** @param now the clock; default: this process's own */
  constructor(times: VisitTimes, now = () => performance.now()) {
    this.#times = times;
    this.#now = now;
    this.#began = now();
  }

  get goneMs(): number {
    return this.#now() - this.#began;
  }

  /** May another shipped plan be replayed? */
  get replaysMore(): boolean {
    return this.goneMs < replayShare * (this.#times.timeMs ?? Infinity);
  }

  /** On the clock: when replays and random runs, and what confirms them, are cut off. */
  get runsUntil(): number {
    return this.#began + this.#runsMs;
  }

  /** For the random runs (SearchOptions): how long some may begin, and how much longer the last may go on. */
  get search(): { readonly timeMs?: number; readonly overrunMs: number } {
    const { timeMs } = this.#times;
    if (timeMs === null) return { overrunMs: Infinity };
    const left = Math.max(1, timeMs - this.goneMs);
    return { timeMs: left, overrunMs: Math.max(0, this.#runsMs - this.goneMs - left) };
  }

  /** Real milliseconds for power losses in recorded runs: a third of the share, on top of it, within the whole. */
  get powerMs(): number {
    const { timeMs, powerOnly = false } = this.#times;
    return Math.max(0, Math.min((timeMs ?? Infinity) / (powerOnly ? 1 : 3), this.#wholeLeftMs));
  }

  /** Real milliseconds for making a failure small; undefined where there is no time for it. */
  get shrinkMs(): number | undefined {
    const ms = Math.min(this.#times.shrinkMs, shrinkPart * (this.#wholeLeftMs - toleranceMs));
    return ms < shrinkMsLeast ? undefined : ms;
  }

  /** Real milliseconds for seeing when a failure became inevitable; undefined where there is no time for it. */
  get inevitableMs(): number | undefined {
    const ms = Math.min(inevitableMs.most, inevitableMs.part * this.#wholeLeftMs);
    return ms < inevitableMs.least ? undefined : ms;
  }

  /** On the clock: when the last run of a failure is cut off. */
  get showUntil(): number {
    return this.#now() + Math.min(showMs.most, Math.max(showMs.least, this.#wholeLeftMs));
  }

  get #runsMs(): number {
    const { timeMs, wholeMs } = this.#times;
    return Math.min(overrunFactor * (timeMs ?? Infinity), wholeMs ?? Infinity);
  }

  get #wholeLeftMs(): number {
    return (this.#times.wholeMs ?? Infinity) - this.goneMs;
  }
}
