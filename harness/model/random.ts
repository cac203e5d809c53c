// Random numbers of the search: from pure-rand, seeded, so that run i of seed s is the same for any number of jobs.
// What stays out: the lanes' own randomness, which the gate makes from the plan's seed.
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** A stream of numbers uniform in [0, 1), of 32 bits each. */
export type Random = () => number;

/**
 * @param seed of the search
 * @param run number of the run
 * @param purpose so that two streams of one run do not share numbers
 */
export function randomOf(seed: number, run: number, purpose: number): Random {
  // 32 bits go in: mix the three, so that neighbours do not give neighbouring streams (murmur3's finaliser).
  let x =
    (Math.imul(seed ^ (seed / 2 ** 32), 0x9e3779b1) ^
      Math.imul(run + 1, 0x85ebca77) ^
      Math.imul(purpose + 1, 0xc2b2ae3d)) |
    0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  const generator = xoroshiro128plus((x ^ (x >>> 16)) | 0);
  return () => (generator.next() >>> 0) / 2 ** 32;
}

/** An integer from 0 to `bound` − 1. */
export function below(random: Random, bound: number): number {
  return Math.floor(random() * bound);
}
