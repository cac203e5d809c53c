// The marks there are, and the sink that counts them through a run.
import { op, type RawRecord } from '../../gate/protocol.ts';
import type { BelievedLocks } from '../believed-locks.ts';
import type { StepLane, StepSink } from '../step.ts';
import { closeBesideHolder } from './close-beside-holder.ts';
import { locksCancelled } from './locks-cancelled.ts';
import type { Mark } from './mark.ts';
import { unlinkedUnderHolder } from './unlinked-under-holder.ts';
import { walResetInCheckpoint } from './wal-reset-in-checkpoint.ts';

export const marks: readonly Mark[] = [locksCancelled, closeBesideHolder, unlinkedUnderHolder, walResetInCheckpoint];

/** Follows the locks and counts how often each mark is reached. */
export class MarkCounter implements StepSink {
  readonly #counts = new Map(marks.map(({ name }) => [name, 0]));
  readonly #locks: BelievedLocks;

  constructor(locks: BelievedLocks) {
    this.#locks = locks;
  }

  see(step: number, record: Readonly<RawRecord>, lane: StepLane): void {
    for (const mark of marks) {
      if (mark.reached(record, lane, this.#locks)) this.#counts.set(mark.name, (this.#counts.get(mark.name) ?? 0) + 1);
    }
    this.#locks.see(step, record, lane);
    // A process that died took its locks with it: its end stands under its first lane.
    if (record.op === op.end && lane.name === lane.process.name && !record.text.includes('"returned"')) {
      this.#locks.forget(lane.process.name);
    }
  }

  counts(): { readonly [name: string]: number } {
    return Object.fromEntries(this.#counts);
  }
}
