// The marks there are, and the sink that counts them through a run.
import { operations } from '../../model/operations.ts';
import type { RawRecord } from '../../model/record.ts';
import type { Tables } from '../tables.ts';
import type { StepLane, StepSink } from '../../model/step.ts';
import { closeBesideHolder } from './close-beside-holder.ts';
import { locksCancelled } from './locks-cancelled.ts';
import type { Mark } from './mark.ts';
import { unlinkedUnderHolder } from './unlinked-under-holder.ts';
import { walResetInCheckpoint } from './wal-reset-in-checkpoint.ts';

export const marks: readonly Mark[] = [locksCancelled, closeBesideHolder, unlinkedUnderHolder, walResetInCheckpoint];

/** Marks by the number of each operation at which they can be reached. */
const byOperation = operations.map((name) => marks.filter(({ at }) => at.includes(name)));

/** Counts how often each mark is reached: sees a step before the tables do. */
export class MarkCounter implements StepSink {
  readonly #counts = new Map(marks.map(({ name }) => [name, 0]));
  readonly #tables: Tables;

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  see(_step: number, record: Readonly<RawRecord>, lane: StepLane): void {
    for (const mark of byOperation[record.op] ?? []) {
      if (mark.reached(record, lane, this.#tables)) this.#counts.set(mark.name, (this.#counts.get(mark.name) ?? 0) + 1);
    }
  }

  counts(): { readonly [name: string]: number } {
    return Object.fromEntries(this.#counts);
  }
}
