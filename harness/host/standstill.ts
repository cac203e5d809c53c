// When a process that is waited for has been stopped (SIGSTOP, a debugger) for too long: nobody but who stopped it lets it go on.
// The one rule for lanes, examiners and jobs. What stays out: what is done about it.
import { isStopped } from './process-state.ts';

/** Real milliseconds for which a process may stand stopped. */
export const standstillMsMost = 5000;

/** Between two looks no more than this counts: whoever looks may have been stopped, too. */
const gapMsMost = 1000;

export class Standstill {
  readonly #pid: number;
  #lookedMs = performance.now();
  #stopped = false;
  #forMs = 0;

  constructor(pid: number) {
    this.#pid = pid;
  }

  /** To be called at least once a second. Result: real milliseconds that it has been stopped, once these are too many. */
  look(): number | undefined {
    const now = performance.now();
    const passedMs = Math.min(now - this.#lookedMs, gapMsMost);
    this.#lookedMs = now;
    const before = this.#stopped;
    this.#stopped = isStopped(this.#pid);
    this.#forMs = this.#stopped ? this.#forMs + (before ? passedMs : 0) : 0;
    return this.#forMs < standstillMsMost ? undefined : this.#forMs;
  }
}
