// Writes that go astray: to a database, -wal or journal that another process (or this one) has since unlinked, replaced
// or renamed. SQLite writes on through its open file and is told that all is well; whoever opens the name does not see
// it. What stays out: the wal-index, which is written as memory and passes no gate, and
// temporary files, which have no name from the start.
import { op } from '../model/operations.ts';
import type { RawRecord } from '../model/record.ts';
import type { StrayWrites } from '../model/history.ts';
import { openerOf, type StepLane, type StepSink } from '../model/step.ts';
import type { FileTable } from './file-table.ts';

export class StrayWriteFinder implements StepSink {
  readonly #files: FileTable;
  readonly #found = new Map<string, StrayWrites>();

  constructor(files: FileTable) {
    this.#files = files;
  }

  /** A handle strays when the name that it was opened by means another file now, or none. */
  see(step: number, record: Readonly<RawRecord>, lane: StepLane): void {
    if ((record.op !== op.write && record.op !== op.truncate) || record.rc !== 0) return;
    const file = this.#files.at(openerOf(record, lane), record.handle);
    if (file === undefined || this.#files.named(file.name) === file.inode) return;
    const { process, name, inode } = file;
    if (inode.lost === undefined) return;
    const { lane: by, step: at, how } = inode.lost;
    const key = `${process} ${name} ${at}`;
    const { writes, firstStep } = this.#found.get(key) ?? { writes: 0, firstStep: step };
    this.#found.set(key, { process, file: name, writes: writes + 1, firstStep, lost: { by, step: at, how } });
  }

  /** One entry for each process, file and loss, in the order of the first such write. */
  list(): readonly StrayWrites[] {
    return [...this.#found.values()];
  }
}
