// How `--time` is shared out: it is all that a command takes, from when the engine is there on. In `run` searching has all of it
// while nothing is found, but for what confirming a finding takes; once something is found, looking at the other invariants
// ends at half; making it smaller and explaining it has what is left. `bisect` shares it out among its engines. What stays
// out: keeping to it (harness/search/), and `compare`, whose visits have shares of their own (compare/visit-time.ts).
import { toleranceMs } from '../harness/search/shrink/trials.ts';

/** Of the whole, how much may be gone when a search that has found something looks no further. */
const othersShare = 0.5;

/** What a command with `--time` may still take; without it, whatever it needs. */
export class RunTime {
  readonly #allMs: number;
  readonly #now: () => number;
  readonly #began: number;

  /**
   * @param allMs real milliseconds; undefined: there is no limit
   * @param now the clock; default: this process's own
   */
  constructor(allMs: number | undefined, now = () => performance.now()) {
    this.#allMs = allMs ?? Infinity;
    this.#now = now;
    this.#began = now();
  }

  /** Real milliseconds for searching (SearchOptions); nothing where there is no limit. */
  get search(): { readonly timeMs?: number; readonly othersMs?: number } {
    return this.#allMs === Infinity ? {} : { timeMs: this.#allMs, othersMs: this.#allMs * othersShare };
  }

  /** Real milliseconds for the next of so many equal parts. */
  partMs(parts: number): number {
    return Math.max(0, this.#allMs - this.#goneMs()) / parts;
  }

  /** Is the time up for a search that has found something, or nothing yet? */
  isUp(found: boolean): boolean {
    return this.#goneMs() >= (found ? this.#allMs * othersShare : this.#allMs);
  }

  /**
   * Real milliseconds for making a plan smaller, so that its last replays fit in too.
   *
   * @param mostMs what `--shrink-time` says
   * @param parts how many such times follow each other: the plain engine has one of its own after a deep one
   * @returns undefined where there is no time for it
   */
  shrinkMs(mostMs: number, parts: number): number | undefined {
    const ms = (this.#allMs - this.#goneMs()) / parts - toleranceMs;
    return ms > 0 ? Math.min(mostMs, ms) : undefined;
  }

  #goneMs(): number {
    return this.#now() - this.#began;
  }
}
