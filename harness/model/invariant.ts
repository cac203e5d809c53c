// What an invariant is: a pure function from history to violations. One file an invariant beside this one; those of
// the simulated system live with it. What stays out: anything that runs or looks.
import type { History } from './history.ts';

/**
 * @property message a sentence that says what contradicts what
 * @property step the step it can be pinned to, or null
 */
export interface Violation {
  readonly invariant: string;
  readonly message: string;
  readonly step: number | null;
}

/**
 * @property about harm: damage or failure · hazard: a state out of which harm comes, in this run or in another
 */
export interface Invariant {
  readonly name: string;
  readonly about: 'harm' | 'hazard';
  readonly says: string;
  check(history: History): readonly Violation[];
}

/** Makes an invariant whose findings carry its name. */
export function invariant(
  name: string,
  about: Invariant['about'],
  says: string,
  find: (history: History) => Iterable<{ readonly message: string; readonly step?: number }>,
): Invariant {
  return {
    name,
    about,
    says,
    check: (history) =>
      [...find(history)].map(({ message, step }) => ({ invariant: name, message, step: step ?? null })),
  };
}

/** Names of the invariants that are about harm: those that a verdict rests on. */
export function harmNames(invariants: readonly Pick<Invariant, 'name' | 'about'>[]): readonly string[] {
  return invariants.filter(({ about }) => about === 'harm').map(({ name }) => name);
}
