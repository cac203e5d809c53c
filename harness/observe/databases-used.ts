// Which databases SQLite has worked on in a run: one that a scenario watches and no program touches would never be found harmed. What
// stays out: what is wrong with that (judge/check-database.ts).
import { op, role } from '../model/operations.ts';
import type { RawRecord } from '../model/record.ts';
import type { StepLane, StepSink } from '../model/step.ts';

export class DatabasesUsed implements StepSink {
  readonly #names = new Set<string>();

  see(_step: number, record: Readonly<RawRecord>, lane: StepLane): void {
    if (record.role !== role.db || (record.op !== op.read && record.op !== op.write)) return;
    this.#names.add(lane.files[record.file] ?? '');
  }

  list(): readonly string[] {
    return [...this.#names];
  }
}
