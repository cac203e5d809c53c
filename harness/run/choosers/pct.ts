// pct: probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi, Nagarakatte: "A Randomized Scheduler with
// Probabilistic Guarantees of Finding Bugs", ASPLOS 2010). Each lane has a random priority, and the ready lane with the
// highest runs; at depth − 1 switch points drawn beforehand the running lane drops below all that have not dropped. A
// bug that takes `depth` ordered steps is then found with at least the probability that `pctBound` gives.
import { below, type Random } from '../../model/random.ts';
import type { Choice, Chooser, Decision } from '../chooser.ts';
import { Priorities } from './priorities.ts';

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
  readonly #priorities: Priorities;
  /** In the order of points. */
  readonly #changes: readonly Change[];
  #changed = 0;

  constructor(random: Random, { depth, pointsExpected }: PctOptions) {
    this.#priorities = new Priorities(random, depth);
    this.#changes = Array.from({ length: depth - 1 }, (_, i) => ({
      at: 1 + below(random, Math.max(1, pointsExpected)),
      priority: i + 1,
    })).toSorted((a, b) => a.at - b.at);
  }

  choose(decision: Decision): Choice {
    const { points } = decision;
    this.#priorities.meet(decision);
    this.#change(points);
    const lane = this.#priorities.take(decision);
    const following = this.#changes[this.#changed];
    return following === undefined ? { lane } : { lane, points: following.at - points };
  }

  #change(points: number): void {
    for (;;) {
      const due = this.#changes[this.#changed];
      if (due === undefined || due.at > points) return;
      this.#changed++;
      this.#priorities.lower(due.priority);
    }
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
