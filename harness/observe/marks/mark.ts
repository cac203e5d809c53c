// What a mark is: a named moment that a run may reach, recognised from steps and from the locks SQLite believes it
// holds. One file a mark beside this one. What stays out: whether reaching it is good or bad (invariants/).
import type { Operation, RawRecord } from '../../gate/protocol.ts';
import type { BelievedLocks, OpenHandle } from '../believed-locks.ts';
import type { StepLane } from '../../model/step.ts';

/** One kind of moment. `reached` is asked before the step enters the book of believed locks. */
export interface Mark {
  readonly name: string;
  readonly says: string;
  /** The operations at which it can be reached: all others are passed over. */
  readonly at: readonly Operation[];
  reached(record: Readonly<RawRecord>, lane: StepLane, locks: BelievedLocks): boolean;
}

/** Connections of other processes to `file` that believe they hold a lock on it. */
export function connectionsOfOthers(file: string, process: string, locks: BelievedLocks): OpenHandle[] {
  return [...locks.handles()].filter(
    (handle) => handle.file === file && handle.process !== process && handle.level > 0,
  );
}
