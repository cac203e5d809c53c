// Something that a report saw. What stays out: whether a run saw it too (judge/symptoms.ts).
import type { History } from './history.ts';

/**
 * Something a report saw, and how to tell whether a run saw it too.
 *
 * @property see the evidence as a sentence with the run's own figures, or undefined when it was not seen
 * @property staged what of it the plan itself placed, as a sentence: then that it shows says nothing. Undefined where the
 *   run came to it by itself
 */
export interface Symptom {
  readonly reported: string;
  see(history: History): string | undefined;
  staged?(history: History): string | undefined;
}
