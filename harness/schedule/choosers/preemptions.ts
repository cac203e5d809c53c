// preemptions: the default schedule with a few preemptions at random switch points, to random lanes, and a random
// lane first and after each block. Few are needed (bug depth); how many varies from run to run over powers of two,
// since nobody knows beforehand.
import { below, type Random } from '../../explore/random.ts';
import type { Choice, Chooser, Decision } from '../chooser.ts';

const countsLog2 = 7;

/**
 * @param random the stream of this run
 * @param pointsExpected switch points that a run of this plan passes, roughly: preemptions are spread over them
 * @param count how many; default 1, 2, 4, … 64, as the run's stream draws
 */
export function preemptionsChooser(random: Random, pointsExpected: number, count?: number): Chooser {
  const wanted = count ?? 2 ** below(random, countsLog2);
  const at = Array.from({ length: wanted }, () => below(random, Math.max(1, pointsExpected))).sort((a, b) => a - b);
  let next = 0;
  let last = '';
  return {
    choose({ points, ready, fallback }: Decision): Choice {
      let lane = fallback;
      let due = false;
      while (next < at.length && (at[next] ?? 0) <= points) {
        next++;
        due = true;
      }
      if (due || fallback !== last) {
        const others = due ? ready.filter((name) => name !== fallback) : ready;
        lane = others[below(random, others.length)] ?? fallback;
      }
      last = lane;
      const following = at[next];
      return following === undefined ? { lane } : { lane, points: following - points };
    },
  };
}
