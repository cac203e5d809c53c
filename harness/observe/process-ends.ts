// When each process of a run came to its end, followed through the trace. What stays out: how it ended.
import { op, type RawRecord, recordFlag } from '../gate/protocol.ts';
import type { StepLane, StepSink } from '../model/step.ts';

/** @property nowMs virtual ms from the run's start */
export interface ProcessEnd {
  readonly step: number;
  readonly nowMs: number;
}

export class ProcessEnds implements StepSink {
  readonly #ends = new Map<string, ProcessEnd>();
  /** Lanes of each process that have begun and not ended. */
  readonly #living = new Map<string, number>();
  readonly #ended: (process: string) => void;

  /** @param ended told of each process that has come to its end */
  constructor(ended: (process: string) => void = () => undefined) {
    this.#ended = ended;
  }

  /** The death of a whole process is one injected `end`, whichever lane it stands under; else its last lane ends it. */
  see(step: number, record: Readonly<RawRecord>, lane: StepLane, nowMs: number): void {
    if (record.op !== op.start && record.op !== op.end) return;
    const process = lane.process.name;
    const living = (this.#living.get(process) ?? 0) + (record.op === op.start ? 1 : -1);
    const died = record.op === op.end && (record.flags & recordFlag.injected) !== 0;
    this.#living.set(process, died ? 0 : living);
    if (!died && living > 0) return;
    this.#ends.set(process, { step, nowMs });
    this.#ended(process);
  }

  /** For a process that has ended. */
  of(process: string): ProcessEnd {
    const end = this.#ends.get(process);
    if (end === undefined) throw new Error(`${process} has not ended.`);
    return end;
  }
}
