// All choices of a torture come from one seed: a stream of its own for every blow, so that one blow can be struck again by
// itself. What stays out: when things happen on the machine, which no seed decides.
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** The seed of blow number `number`, 0 being the first: the seed that was given itself. */
export function seedOfBlow(seed: number, number: number): number {
  if (number === 0) return seed;
  const x = Math.imul((seed ^ Math.imul(number, 0x9e3779b1)) | 0, 0x85ebca6b);
  return (x ^ (x >>> 15)) >>> 0;
}

export class Chance {
  readonly #next: () => number;

  /** @param of what it is for: two things with one seed have streams of their own */
  constructor(seed: number, of = '') {
    let mixed = seed | 0;
    for (const letter of of) mixed = Math.imul(mixed ^ (letter.codePointAt(0) ?? 0), 0x01000193);
    const generator = xoroshiro128plus(mixed);
    // The first numbers of neighbouring seeds resemble one another.
    for (let i = 0; i < 8; i++) generator.next();
    this.#next = () => (generator.next() >>> 0) / 2 ** 32;
  }

  /** True with this probability. */
  with(probability: number): boolean {
    return this.#next() < probability;
  }

  /** A whole number, both ends included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.#next() * (most - least + 1));
  }

  /** The same, small ones as likely as large ones: each doubling has the same probability. */
  spread(least: number, most: number): number {
    return Math.round(least * (most / least) ** this.#next());
  }

  of<T>(list: readonly T[]): T {
    const chosen = list[this.between(0, list.length - 1)];
    if (chosen === undefined) throw new Error('There is nothing to choose from.');
    return chosen;
  }

  /** One of them, as often as its weight says. */
  weighted<T extends { readonly weight: number }>(list: readonly T[]): T {
    let left = this.#next() * list.reduce((sum, { weight }) => sum + weight, 0);
    return list.find(({ weight }) => (left -= weight) < 0) ?? this.of(list);
  }
}
