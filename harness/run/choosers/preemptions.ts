// preemptions: lanes take turns of random length. Lengths are heavy-tailed (the logarithm is uniform), so that one run
// has turns of one switch point and turns of hundreds: a window that opens in one lane stays open while another does
// a whole transaction. How long the longest turns are varies from run to run, since nobody knows beforehand.
import { below, type Random } from '../../model/random.ts';
import type { Choice, Chooser, Decision } from '../chooser.ts';

/** Longest turn of a run, as a power of two: from 2^4 to 2^10 switch points. */
const longestLog2 = { least: 4, most: 10 } as const;

function otherThan(random: Random, ready: readonly string[], lane: string): string {
  const others = ready.filter((name) => name !== lane);
  return others[below(random, others.length)] ?? lane;
}

/** Turns without end: as many preemptions as the run is long for. */
export function turnsChooser(random: Random): Chooser {
  const { least, most } = longestLog2;
  const longest = least + below(random, most - least + 1);
  let until = 0;
  return {
    choose({ points, ready, fallback }: Decision): Choice {
      if (ready.length === 1) return { lane: fallback, alone: true };
      if (points < until) return { lane: fallback, points: until - points };
      until = points + Math.floor(2 ** (random() * longest));
      return { lane: otherThan(random, ready, fallback), points: until - points };
    },
  };
}

/**
 * A given number of preemptions, spread evenly over a run.
 *
 * @param pointsExpected switch points that a run of this plan passes, roughly
 */
export function spreadChooser(random: Random, pointsExpected: number, count: number): Chooser {
  const at = Array.from({ length: count }, () => below(random, Math.max(1, pointsExpected))).toSorted((a, b) => a - b);
  let next = 0;
  return {
    choose({ points, ready, fallback }: Decision): Choice {
      let lane = fallback;
      while ((at[next] ?? Infinity) <= points) {
        next++;
        lane = otherThan(random, ready, fallback);
      }
      const following = at[next];
      return following === undefined ? { lane } : { lane, points: following - points };
    },
  };
}
