// Random numbers of the search: from pure-rand, seeded, so that run i of seed s is the same for any number of jobs.
// What stays out: the lanes' own randomness, which the gate makes from the plan's seed.
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** A stream of numbers uniform in [0, 1), of 32 bits each. */
export type Random = () => number;

/** What is drawn from which stream: two of one run share no numbers. */
const purposes = {
  workload: 0,
  chooser: 1,
  faults: 2,
  parameters: 3,
  swarm: 4,
  schedules: 5,
  preemptions: 6,
  io: 7,
  shrink: 9,
  ioCost: 0x10,
  freeLane: 100,
  secondKills: 0x20,
  powerLoss: 0x30,
  placed: 0x31,
  crash: 0xc5,
  costs: 200,
  strike: 0xfa,
  feedback: 0xfb,
  inevitable: 0xfc,
} as const;
export type StreamName = keyof typeof purposes;

/**
 * @param name what is drawn from it
 * @param seed of the search, or of the plan
 * @param run number of the run, or of what else has a stream of its own
 */
export function stream(name: StreamName, seed: number, run: number): Random {
  const purpose = purposes[name];
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

/** How often {@link between} gives an end, beside the chance that each value has. */
const endShare = 1 / 8;

/**
 * An integer from `least` to `most`, both included, with one number of the stream. Either end has a chance of 1/8 in addition to its share of the
 * rest, since much goes wrong at limits.
 *
 * @throws RangeError where the two are no integers, or `most` is less than `least`
 */
export function between(random: Random, least: number, most: number): number {
  if (!Number.isSafeInteger(least) || !Number.isSafeInteger(most) || most < least)
    throw new RangeError(`between takes two integers, the lesser first, not ${least} and ${most}`);
  const drawn = random();
  if (drawn < endShare) return least;
  if (drawn >= 1 - endShare) return most;
  const inside = (drawn - endShare) / (1 - 2 * endShare);
  return least + Math.floor(inside * (most - least + 1));
}
