// The facts of an explanation as they are gathered: each once, by step in the end. What stays out: which facts there are.
import type { ExplainedFact } from './fact.ts';

export class Telling {
  readonly #facts = new Map<unknown, ExplainedFact>();

  get size(): number {
    return this.#facts.size;
  }

  has(about: unknown): boolean {
    return this.#facts.has(about);
  }

  /** @param about what the fact is about: of each thing only the first fact is kept */
  add(about: unknown, fact: ExplainedFact): void {
    if (!this.#facts.has(about)) this.#facts.set(about, fact);
  }

  /** By step; what is known of the run as a whole comes last. */
  inOrder(): readonly ExplainedFact[] {
    return [...this.#facts.values()].toSorted((a, b) => (a.step ?? Infinity) - (b.step ?? Infinity));
  }
}
