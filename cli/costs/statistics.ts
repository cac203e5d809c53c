// Rates and quantiles of several rounds, with intervals that know that what happens in one round hangs together. What stays
// out: where the rounds come from (rounds.ts). (tinybench, which times our functions, has no intervals for quantiles and takes
// every sample for independent of the others.)
import { below, type Random } from '../../harness/model/random.ts';

/**
 * One round, as it was measured.
 *
 * @property commits acknowledged in its window
 * @property seconds of the window
 * @property latenciesMs of the commits that began in the window
 */
export interface Round {
  readonly commits: number;
  readonly seconds: number;
  readonly latenciesMs: readonly number[];
  readonly failed: number;
}

/** An estimate with its 95 % confidence interval, which holds it. */
export interface Estimated {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** @property quantilesMs in the order in which they were asked for */
export interface RoundFigures {
  readonly samples: number;
  readonly commitsPerSecond: Estimated;
  readonly quantilesMs: readonly Estimated[];
}

const resamples = 1000;

interface Sample {
  readonly ms: number;
  readonly round: number;
}

/**
 * Figures over all rounds together, with bootstrap intervals: rounds are drawn with replacement, whole, because commits of
 * one round wait for each other and share a moment of the machine. Of the resampled figures those quantiles bound the interval
 * that make up for few rounds (Hesterberg 2015, "What Teachers Should Know About the Bootstrap": the expanded percentile
 * interval). With fewer than two rounds the interval is the estimate itself and says nothing.
 *
 * @param rounds at least one
 * @param quantiles between 0 and 1, ascending
 * @param random draws the rounds: the same stream gives the same intervals
 */
export function roundFigures(rounds: readonly Round[], quantiles: readonly number[], random: Random): RoundFigures {
  const samples = rounds
    .flatMap(({ latenciesMs }, round) => latenciesMs.map((ms): Sample => ({ ms, round })))
    .toSorted((a, b) => a.ms - b.ms);
  const once = rounds.map(() => 1);
  const rates: number[] = [];
  const found: number[][] = quantiles.map(() => []);
  for (let i = 0; i < resamples && rounds.length > 1; i++) {
    const weights = rounds.map(() => 0);
    for (let drawn = 0; drawn < rounds.length; drawn++) {
      const round = below(random, rounds.length);
      weights[round] = (weights[round] ?? 0) + 1;
    }
    rates.push(rateOf(rounds, weights));
    for (const [q, ms] of quantilesOf(samples, rounds, weights, quantiles).entries()) found[q]?.push(ms);
  }
  const values = quantilesOf(samples, rounds, once, quantiles);
  return {
    samples: samples.length,
    commitsPerSecond: estimated(rateOf(rounds, once), rates, rounds.length),
    quantilesMs: quantiles.map((_, q) => estimated(values[q] ?? 0, found[q] ?? [], rounds.length)),
  };
}

function rateOf(rounds: readonly Round[], weights: readonly number[]): number {
  const sum = (of: (round: Round) => number) =>
    rounds.reduce((total, round, i) => total + (weights[i] ?? 0) * of(round), 0);
  const seconds = sum((round) => round.seconds);
  return seconds === 0 ? 0 : sum((round) => round.commits) / seconds;
}

/** Quantiles by nearest rank, where a sample counts as often as its round. One pass: sorting each resample would take long. */
function quantilesOf(
  samples: readonly Sample[],
  rounds: readonly Round[],
  weights: readonly number[],
  quantiles: readonly number[],
): readonly number[] {
  const all = rounds.reduce((total, { latenciesMs }, i) => total + (weights[i] ?? 0) * latenciesMs.length, 0);
  const result: number[] = [];
  let seen = 0;
  for (const { ms, round } of samples) {
    const weight = weights[round] ?? 0;
    if (weight === 0) continue;
    seen += weight;
    const passed = quantiles.filter((quantile) => seen >= quantile * all).length;
    while (result.length < passed) result.push(ms);
    if (passed === quantiles.length) break;
  }
  return quantiles.map((_, q) => result[q] ?? 0);
}

function estimated(value: number, resampled: readonly number[], rounds: number): Estimated {
  if (resampled.length === 0) return { value, low: value, high: value };
  const sorted = resampled.toSorted((a, b) => a - b);
  const tail = Math.floor(expandedTail(rounds) * sorted.length);
  // Where the resampled figures lean to one side, the interval is widened to hold the estimate.
  return {
    value,
    low: Math.min(value, sorted[tail] ?? value),
    high: Math.max(value, sorted[sorted.length - 1 - tail] ?? value),
  };
}

/** 97.5 % quantiles of Student's t distribution, by degrees of freedom from 1 on; then 1.96 is near enough. */
const studentT = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
];

/** The share of resampled figures on each side that a 95 % interval of so many rounds leaves out. */
function expandedTail(rounds: number): number {
  const t = studentT[rounds - 2] ?? 1.96 + 2.4 / (rounds - 1);
  return normalTail(Math.sqrt(rounds / (rounds - 1)) * t);
}

/** How much of a normal distribution lies above `z` ≥ 0 (Abramowitz and Stegun, 26.2.17; to within 10⁻⁷). */
function normalTail(z: number): number {
  const t = 1 / (1 + 0.2316419 * z);
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series;
}
