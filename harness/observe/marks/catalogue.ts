// The marks there are, and the sink that counts them through a run.
import { operations } from '../../model/operations.ts';
import type { RawRecord } from '../../model/record.ts';
import type { Named } from '../../model/scenario.ts';
import type { Tables } from '../tables.ts';
import type { StepLane, StepSink } from '../../model/step.ts';
import { closeBesideHolder } from './close-beside-holder.ts';
import { LanesMet, lanesMet } from './lanes-met.ts';
import { locksCancelled } from './locks-cancelled.ts';
import type { Mark } from './mark.ts';
import { unlinkedUnderHolder } from './unlinked-under-holder.ts';
import { walResetInCheckpoint } from './wal-reset-in-checkpoint.ts';

const atSteps: readonly Mark[] = [locksCancelled, closeBesideHolder, unlinkedUnderHolder, walResetInCheckpoint];

export const marks: readonly Named[] = [...atSteps, lanesMet];

/** Marks by the number of each operation at which they can be reached. */
const byOperation = operations.map((name) => atSteps.filter(({ at }) => at.includes(name)));

/** Counts how often each mark is reached: sees a step before the tables do. */
export class MarkCounter implements StepSink {
  readonly #counts = new Map(atSteps.map(({ name }) => [name, 0]));
  readonly #tables: Tables;
  readonly #met: LanesMet;

  constructor(tables: Tables) {
    this.#tables = tables;
    this.#met = new LanesMet(tables);
  }

  see(step: number, record: Readonly<RawRecord>, lane: StepLane): void {
    for (const mark of byOperation[record.op] ?? []) {
      if (mark.reached(record, lane, this.#tables)) this.#counts.set(mark.name, (this.#counts.get(mark.name) ?? 0) + 1);
    }
    this.#met.see(step, record, lane);
  }

  counts(): { readonly [name: string]: number } {
    return { ...Object.fromEntries(this.#counts), [lanesMet.name]: this.#met.times };
  }
}
