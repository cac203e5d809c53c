// When the coverage of a search has stalled: a doubling of its runs has shown hardly any new meeting of lanes. From then on the chooser
// `portfolio` gives all its choosers as many turns (run/choosers/catalogue.ts): the usual one sees only places that somebody has thought of, and
// has shown what those are good for. Looked at after powers of two of runs only, and run r goes by looks of up to two thirds of r: so any number of
// jobs makes the same runs, and hardly ever has to wait for one. What stays out: counting meetings (model/explored.ts).
import type { Explored } from '../model/explored.ts';
import type { Reached } from './feedback.ts';
import type { Recipe } from './recipe.ts';

type Curve = Explored['curve'];

/** It is looked after so many runs, and after each doubling of them: by fewer than `least` nothing is said, and after `most` it stays as it is. */
export const looks = { least: 64, most: 65_536 } as const;

/** A doubling of the runs that shows fewer new meetings than one for so many known ones is a stall. */
const knownForNew = 10;

/** @returns after how many runs the last look was that a run goes by; 0: it goes by none */
export function lookBefore(run: number): number {
  const known = Math.min(looks.most, Math.floor((2 * run) / 3));
  return known < looks.least ? 0 : 2 ** Math.floor(Math.log2(known));
}

/** @returns the first run that goes by the look after so many runs */
export function firstAfterLook(runs: number): number {
  return Math.ceil(1.5 * runs);
}

/**
 * @param curve after so many runs so many meetings were known; the powers of two are looked at, and other points may lie between
 * @param look the last one that counts
 */
export function hasStalled(curve: Curve, look: number): boolean {
  const known = new Map(curve);
  for (let runs: number = looks.least; runs <= look; runs *= 2) {
    const [before, after] = [known.get(runs / 2), known.get(runs)];
    if (before !== undefined && after !== undefined && knownForNew * (after - before) < before) return true;
  }
  return false;
}

/** How a run is drawn, by what those before it have met. */
export function recipeAfter(curve: Curve, run: number): Recipe {
  return { root: run, changes: [], ...(hasStalled(curve, lookBefore(run)) && { stalled: true }) };
}

/** The meetings that runs have shown, and how many they were at each look. */
export interface MetState {
  readonly met: readonly number[];
  readonly curve: Curve;
}

/** Where no tally of all runs is at hand: what whole stretches between two looks have shown (campaign/generations.ts). */
export class Met {
  readonly #met: Set<number>;
  readonly #curve: Curve;

  constructor({ met, curve }: MetState = { met: [], curve: [] }) {
    this.#met = new Set(met);
    this.#curve = [...curve];
  }

  get state(): MetState {
    return { met: [...this.#met], curve: this.#curve };
  }

  take({ features }: Pick<Reached, 'features'>): void {
    for (const one of features) this.#met.add(one);
  }

  /** @param runs so many have been taken */
  close(runs: number): void {
    this.#curve.push([runs, this.#met.size]);
  }

  recipeOf(run: number): Recipe {
    return recipeAfter(this.#curve, run);
  }
}
