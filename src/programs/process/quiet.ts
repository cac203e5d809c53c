// What a watcher may promise when it goes to sleep: until when each of its ticks, as long as nobody changes anything, does
// just what the last one did (World.sleep, quietUntilMs). A promise must be true; none is always true. What stays out:
// what a tick does (the watchers), and what becomes of a promise (the coordinator).
import { boardCode } from '../../board-file/board-error.ts';

/** No clock will make the next tick differ. */
export const forever = Number.MAX_SAFE_INTEGER;

/**
 * What a watcher says of its tick.
 *
 * @property idle it found nothing to do, changed nothing, and left nothing for the next
 * @property dueMs the earliest virtual time at which the clock alone makes its next tick do something else; `forever` for
 *   a tick that looks at no clock
 */
export interface TickReport {
  readonly idle: boolean;
  readonly dueMs: number;
}

/** A tick that failed: with which error, and since when the clock may make it fail otherwise. */
export interface TickFailure {
  readonly code: string;
  readonly statement: string;
  readonly dueMs: number;
}

/** A tick that is over. `tookMs`: virtual time from its begin to its end. */
export interface Tick {
  readonly tookMs: number;
  readonly report: TickReport | TickFailure;
}

/** Ticks that must be alike before there is a promise: the first of a process also prepares the board. */
const idleTicksMin = 2;
const failedTicksMin = 6;

/** A refused board is copied each time anew, under a new name: no such tick is like the last. */
const neverAlike: string = boardCode.corrupt;

/** The ticks of one watcher, and what it may promise after each. */
export class Promises {
  #alike = 0;
  #last = '';

  /**
   * @returns until when the next ticks do what this one did, virtual ms since the Unix epoch; undefined: no promise
   */
  after({ tookMs, report }: Tick): number | undefined {
    const failed = 'code' in report;
    const kind = failed ? `${report.code} ${report.statement}` : `idle ${report.idle}`;
    this.#alike = kind === this.#last ? this.#alike + 1 : 1;
    this.#last = kind;
    // A tick that slept, waited for a lock or polled has another period than its sleep.
    if (tookMs > 0) return undefined;
    if (failed) return report.code !== neverAlike && this.#alike >= failedTicksMin ? report.dueMs : undefined;
    return report.idle && this.#alike >= idleTicksMin ? report.dueMs : undefined;
  }
}
