// Which processes of a run have come to their end, step by step. What stays out: how they ended (history.ts).
import type { TraceStep } from './trace.ts';
import { processOf } from '../model/names.ts';

export class Lives {
  /** Lanes of each process that have begun and not ended. */
  readonly #living = new Map<string, number>();

  /**
   * Enters a step.
   *
   * @returns the process that it ends; undefined for a step that ends none. The death of a whole process is one injected
   *   `end`, whichever lane it stands under; else its last lane ends it
   */
  see(step: TraceStep): string | undefined {
    if (step.op !== 'start' && step.op !== 'end') return undefined;
    const process = processOf(step.lane);
    const living = (this.#living.get(process) ?? 0) + (step.op === 'start' ? 1 : -1);
    this.#living.set(process, living);
    return step.op === 'end' && (step.injected === true || living <= 0) ? process : undefined;
  }
}
