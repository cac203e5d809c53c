// How large SQLite's writes have made each file of a run: a -wal that grew and was cut again leaves no other word of it. What stays
// out: what is too large (an invariant says that).
import type { WrittenFile } from '../model/history.ts';
import { op } from '../model/operations.ts';
import { decode, type RawRecord } from '../model/record.ts';
import type { StepLane, StepSink } from '../model/step.ts';

export class WrittenFiles implements StepSink {
  readonly #files = new Map<string, { bytes: number; step: number }>();

  see(step: number, record: Readonly<RawRecord>, lane: StepLane): void {
    if (record.op !== op.write || record.rc !== 0) return;
    const { offset, length } = decode.write(record);
    const bytes = offset + length;
    const file = lane.files[record.file] ?? '';
    const known = this.#files.get(file);
    if (known === undefined) this.#files.set(file, { bytes, step });
    else if (bytes > known.bytes) Object.assign(known, { bytes, step });
  }

  list(): readonly WrittenFile[] {
    return [...this.#files].map(([file, reached]) => ({ file, ...reached }));
  }
}
