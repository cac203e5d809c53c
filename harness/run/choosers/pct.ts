// pct: probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi, Nagarakatte: "A Randomized Scheduler with
// Probabilistic Guarantees of Finding Bugs", ASPLOS 2010). Each lane has a random priority, and the ready lane with the
// highest runs; at depth − 1 switch points drawn beforehand the running lane drops below all that have not dropped. A
// bug that takes `depth` ordered steps is then found with at least the probability that `pctBound` gives.
//
// A lane that is asleep is not ready, in a busy retry too, and virtual time moves only when nobody is ready: so the
// highest lane cannot spin on a lock that a lower one holds. Where sleeps return at once (a sleep of no time, or any
// sleep once the plan's end is reached) it could, so a lane that gives way drops below all others. A lane that waited for a mutex of its process goes on at the next decision after it
// was given back, since giving one back is no decision (run/run.ts).
import { below, type Random } from '../../model/random.ts';
import type { Choice, Chooser, Decision } from '../chooser.ts';

/**
 * @property depth bug depth d: priorities change d − 1 times; at least 1
 * @property pointsExpected switch points that a run of this plan passes, roughly: changes are spread over so many
 */
export interface PctOptions {
  readonly depth: number;
  readonly pointsExpected: number;
}

interface Change {
  readonly at: number;
  readonly priority: number;
}

class PctChooser implements Chooser {
  readonly #random: Random;
  readonly #depth: number;
  /** In the order of points. */
  readonly #changes: readonly Change[];
  readonly #priorities = new Map<string, number>();
  #changed = 0;
  #yields = 0;
  #last: { readonly lane: string; readonly ready: readonly string[] } | undefined;

  constructor(random: Random, { depth, pointsExpected }: PctOptions) {
    this.#random = random;
    this.#depth = depth;
    this.#changes = Array.from({ length: depth - 1 }, (_, i) => ({
      at: 1 + below(random, Math.max(1, pointsExpected)),
      priority: i + 1,
    })).toSorted((a, b) => a.at - b.at);
  }

  choose(decision: Decision): Choice {
    const { points, ready } = decision;
    for (const lane of ready) this.#priorityOf(lane);
    const gaveWay = this.#gaveWay(decision);
    if (gaveWay !== undefined) this.#priorities.set(gaveWay, -++this.#yields);
    this.#change(points);
    const lane = ready.reduce((high, other) => (this.#priorityOf(other) > this.#priorityOf(high) ? other : high));
    this.#last = { lane, ready };
    const following = this.#changes[this.#changed];
    return following === undefined ? { lane } : { lane, points: following.at - points };
  }

  /** Lanes begin in random order above the priorities of changes, 1 to depth − 1. */
  #priorityOf(lane: string): number {
    const known = this.#priorities.get(lane);
    if (known !== undefined) return known;
    const priority = this.#depth + this.#random();
    this.#priorities.set(lane, priority);
    return priority;
  }

  #change(points: number): void {
    for (;;) {
      const due = this.#changes[this.#changed];
      if (due === undefined || due.at > points) return;
      this.#changed++;
      if (this.#last !== undefined) this.#priorities.set(this.#last.lane, due.priority);
    }
  }

  /**
   * The lane that ran last, if it can run and is no longer the one to go on, while another one was ready all the time:
   * time cannot have passed, so it asked to stand still and was not let.
   */
  #gaveWay({ ready, fallback }: Decision): string | undefined {
    if (this.#last === undefined) return undefined;
    const { lane, ready: before } = this.#last;
    if (lane === fallback || !ready.includes(lane)) return undefined;
    return before.some((other) => other !== lane && ready.includes(other)) ? lane : undefined;
  }
}

export function pctChooser(random: Random, options: PctOptions): Chooser {
  return new PctChooser(random, options);
}

/**
 * Least probability that one run finds a bug of depth d: the paper's 1 / (n · k^(d − 1)) for n lanes and k switch points.
 *
 * @param shape what runs are like: lanes, switch points (roughly), and the depth the chooser was given
 * @returns a probability
 */
export function pctBound({ lanes, points, depth }: { lanes: number; points: number; depth: number }): number {
  return 1 / (Math.max(1, lanes) * Math.max(1, points) ** (depth - 1));
}
