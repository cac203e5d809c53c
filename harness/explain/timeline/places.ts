// Lists of what occurs in a document, so that it can be named by its place. What stays out: what is listed.

export class Places<T> {
  readonly #places = new Map<T, number>();

  /** @param first what is listed from the start, in order, each thing once */
  constructor(first: Iterable<T> = []) {
    for (const one of first) this.of(one);
  }

  /** In the order in which they were first named. */
  get all(): readonly T[] {
    return [...this.#places.keys()];
  }

  /** The place of a thing; one that is not listed yet is listed now. */
  of(one: T): number {
    const known = this.#places.get(one);
    if (known !== undefined) return known;
    this.#places.set(one, this.#places.size);
    return this.#places.size - 1;
  }

  /** The place of a thing; null for nothing, and for one that is not listed. */
  placeOf(one: T | null): number | null {
    return one === null ? null : (this.#places.get(one) ?? null);
  }
}
