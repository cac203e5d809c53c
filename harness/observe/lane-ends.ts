// When each lane of a run came to its end. What stays out: how (history.ts, endings), and deaths of whole processes, which stand
// under one of their lanes (tables.ts).
import type { LaneEnd } from '../model/history.ts';
import { op } from '../model/operations.ts';
import type { RawRecord } from '../model/record.ts';
import type { StepLane, StepSink } from '../model/step.ts';

export class LaneEnds implements StepSink {
  readonly #ends: LaneEnd[] = [];

  see(step: number, record: Readonly<RawRecord>, lane: StepLane, nowMs: number): void {
    if (record.op === op.end) this.#ends.push({ lane: lane.name, step, nowMs });
  }

  list(): readonly LaneEnd[] {
    return this.#ends;
  }
}
