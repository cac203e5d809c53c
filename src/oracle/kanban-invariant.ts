// What an invariant of the kanban system is: a pure function from the part of a history that it needs to violations, with
// a sentence each. One file an invariant beside this one, one line each in catalogue.ts.
import type { Seen } from './seen.ts';

/** @property step the step it can be pinned to, or null */
export interface Violation {
  readonly invariant: string;
  readonly message: string;
  readonly step: number | null;
}

/** @property about harm: damage or failure · hazard: a state out of which harm comes, in this run or in another */
export interface KanbanInvariant<K extends keyof Seen = keyof Seen> {
  readonly name: string;
  readonly about: 'harm' | 'hazard';
  readonly says: string;
  check(history: Pick<Seen, K>): readonly Violation[];
}

/** Makes an invariant whose findings carry its name. */
export function kanbanInvariant<K extends keyof Seen>(
  { name, about, says }: Pick<KanbanInvariant, 'name' | 'about' | 'says'>,
  find: (history: Pick<Seen, K>) => Iterable<{ readonly message: string; readonly step?: number }>,
): KanbanInvariant<K> {
  return {
    name,
    about,
    says,
    check: (history) =>
      [...find(history)].map(({ message, step }) => ({ invariant: name, message, step: step ?? null })),
  };
}
