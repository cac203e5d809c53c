// When nothing can come any more from a process that something is asked of: for so long no thread of it has woken, nor one of a
// process that it has started. Every wait of ours wakes several times a second (waiting.ts), a compiler computes; what is left waits
// for what never comes, such as a thread that the system did not give. What stays out: what is done about it.
import { activityOf, childrenOf } from './process-state.ts';

/** Real milliseconds for which nothing of it may move. */
export const silenceMsMost = 30_000;

/** Between two looks no more than this counts: whoever looks may have been stopped, too. */
const gapMsMost = 2000;

/** All that was ever taken off a processor, of a process and its descendants; undefined where one can run now, or nothing is known. */
function switchesBelow(pid: number): number | undefined {
  const own = activityOf(pid);
  if (own === undefined || own.runnable) return undefined;
  let sum = own.switches;
  for (const child of childrenOf(pid)) {
    const below = switchesBelow(child);
    if (below === undefined) return undefined;
    sum += below;
  }
  return sum;
}

export class Silence {
  readonly #pid: number;
  readonly #now: () => number;
  #lookedMs: number;
  #switches: number | undefined;
  #forMs = 0;

  /** @param now the clock; default: this process's own */
  constructor(pid: number, now = () => performance.now()) {
    this.#pid = pid;
    this.#now = now;
    this.#lookedMs = now();
  }

  /** To be called at least once a second. Result: real milliseconds without a sign of life, once these are too many. */
  look(): number | undefined {
    const now = this.#now();
    const passedMs = Math.min(now - this.#lookedMs, gapMsMost);
    this.#lookedMs = now;
    const before = this.#switches;
    this.#switches = switchesBelow(this.#pid);
    this.#forMs = before !== undefined && before === this.#switches ? this.#forMs + passedMs : 0;
    return this.#forMs < silenceMsMost ? undefined : this.#forMs;
  }
}
