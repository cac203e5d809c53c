// What the steps of a run show while it goes on: which file each name means and who has it open, which locks SQLite believes
// it holds, when each process came to its end. One step is put into words once, for all of these. What stays out: reads and
// writes, which change none of it.
import { op } from '../model/operations.ts';
import type { RawRecord } from '../model/record.ts';
import type { StepLane } from '../model/step.ts';
import { FileTable } from './file-table.ts';
import { Lives } from './lives.ts';
import { LockTable } from './lock-table.ts';
import { traceStep } from './trace.ts';

const followed: ReadonlySet<number> = new Set([
  op.start,
  op.end,
  op.open,
  op.close,
  op.lock,
  op.unlock,
  op.shmMap,
  op.shmUnmap,
  op.shmLock,
  op.delete,
  op.unlink,
  op.rename,
  op.link,
  op.raw,
  op.fileRead,
  op.fileWrite,
  op.copy,
  op.flock,
  op.funlock,
  op.fdOpen,
  op.fdWrite,
  op.fdTruncate,
  op.fdClose,
  op.fdLock,
  op.exec,
  op.fault,
]);

/** @property nowMs virtual ms from the run's start */
export interface ProcessEnd {
  readonly step: number;
  readonly nowMs: number;
}

export class Tables {
  readonly files = new FileTable();
  readonly locks = new LockTable(this.files);
  readonly #lives = new Lives();
  readonly #ends = new Map<string, ProcessEnd>();

  /** Enters a step, after everybody has looked at it who asks how things stood before. */
  see(step: number, record: Readonly<RawRecord>, lane: StepLane, nowMs: number): void {
    if (!followed.has(record.op)) return;
    const told = traceStep(step, record, lane, nowMs);
    const ended = this.#lives.see(told);
    if (ended !== undefined) this.#ends.set(ended, { step, nowMs });
    this.locks.see(told);
    this.files.see(told);
  }

  /** When a process that has ended did. */
  endOf(process: string): ProcessEnd {
    const end = this.#ends.get(process);
    if (end === undefined) throw new Error(`${process} has not ended.`);
    return end;
  }
}
