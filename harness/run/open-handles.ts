// The files that SQLite has open in each lane, counted along the trace. What stays out: which locks it holds on them
// (observe/lock-table.ts).
import { op, type RawRecord } from '../gate/protocol.ts';
import type { LaneState, ProcessState } from './lanes.ts';

export class OpenHandles {
  readonly #byLane = new Map<LaneState, Set<number>>();

  see(lane: LaneState, record: Readonly<RawRecord>): void {
    if (record.op === op.open && record.rc === 0) {
      const handles = this.#byLane.get(lane) ?? new Set();
      this.#byLane.set(lane, handles.add(record.handle));
    } else if (record.op === op.close) {
      this.#byLane.get(lane)?.delete(record.handle);
    }
  }

  /** What a lane left open stays so until its process ends. */
  count(process: ProcessState): number {
    return process.lanes.reduce((sum, lane) => sum + (this.#byLane.get(lane)?.size ?? 0), 0);
  }
}
