// Which runs did what no other one did, for more of them than a Set can hold (2²⁴): a table with open addressing (linear probing), of 64
// bits a run, at most half full.

/** Places of the table at the beginning. */
const firstPlaces = 1 << 10;

/** Fingerprints of 64 bits; one that is 0 throughout counts as the same as that whose last bit but one is set. */
export class DistinctRuns {
  #places = new Uint32Array(2 * firstPlaces);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** @returns is it new? */
  add(high: number, low: number): boolean {
    if (high === 0 && low === 0) return this.add(0, 2); // an empty place is 0
    if (4 * this.#size >= this.#places.length) this.#grow();
    const isNew = put(this.#places, high, low);
    if (isNew) this.#size++;
    return isNew;
  }

  #grow(): void {
    const before = this.#places;
    this.#places = new Uint32Array(2 * before.length);
    for (let at = 0; at < before.length; at += 2) {
      const [high = 0, low = 0] = [before[at], before[at + 1]];
      if (high !== 0 || low !== 0) put(this.#places, high, low);
    }
  }
}

/** Fingerprints are digests: any of their bits spread well. */
function put(places: Uint32Array, high: number, low: number): boolean {
  const last = places.length / 2 - 1; // a power of two, less one
  for (let place = high & last; ; place = (place + 1) & last) {
    const [knownHigh, knownLow] = [places[2 * place], places[2 * place + 1]];
    if (knownHigh === high && knownLow === low) return false;
    if (knownHigh === 0 && knownLow === 0) {
      places[2 * place] = high;
      places[2 * place + 1] = low;
      return true;
    }
  }
}
