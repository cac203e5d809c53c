// How much of what there is to see runs have not seen, and what the next ones will show: species estimators (Good 1953; Chao 1984, 1987;
// for fuzzing: Böhme, "STADS: Software Testing as Species Discovery", 2018). They assume that runs are drawn independently and
// alike; they know nothing of what only other workloads, other strategies or other faults would show. What stays out: counting
// (explored.ts). No schemas here: the page loads it.
import type { Explored, Kinds } from './explored.ts';
import { upperBoundOf } from './verdict.ts';

/**
 * The chance that one more run shows something new (Good and Turing): the share of runs that, taken out, would have been the ones to
 * show it.
 *
 * @returns a probability, and its upper bound at 95 %; null without runs
 */
export function chanceOfNew({ alone }: Kinds, runs: number): { readonly chance: number; readonly most: number } | null {
  const most = upperBoundOf(alone, runs);
  return most === null ? null : { chance: alone / runs, most };
}

/** How many there are, at least (Chao's lower bound, without bias where none was seen twice). */
export function leastInAll({ seen, once, twice }: Kinds, runs: number): number {
  if (runs === 0) return 0;
  return seen + unseen({ once, twice }, runs);
}

function unseen({ once, twice }: Pick<Kinds, 'once' | 'twice'>, runs: number): number {
  const correction = (runs - 1) / runs;
  return twice > 0 ? (correction * once * once) / (2 * twice) : (correction * once * (once - 1)) / 2;
}

/** How many new ones `more` further runs will show, about (Colwell et al. 2012); good up to twice the runs that there were. */
export function newIn({ once, twice }: Kinds, runs: number, more: number): number {
  const missing = unseen({ once, twice }, runs);
  if (runs === 0 || missing === 0) return 0;
  return missing * (1 - (1 - once / (runs * missing + once)) ** more);
}

/** A run is worth making as long as one of so many still shows something new. */
export const plateauRuns = 100;

/** Have new meetings become so rare that other runs than these promise more? By the upper bound: few runs are no plateau. */
export function isPlateau({ meetings, runs }: Explored): boolean {
  const known = chanceOfNew(meetings, runs);
  return known !== null && known.most <= 1 / plateauRuns;
}
