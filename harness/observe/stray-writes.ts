// Writes that go astray: to a database, -wal or journal that another process (or this one) has since unlinked, replaced
// or renamed. SQLite writes on through its open file and is told that all is well; whoever opens the name does not see
// it. Followed through the trace. What stays out: the wal-index, which is written as memory and passes no gate, and
// temporary files, which have no name from the start.
import { posix } from 'node:path';
import { op, type RawRecord, role } from '../gate/protocol.ts';
import type { StrayWrites } from '../model/history.ts';
import type { StepLane, StepSink } from '../model/step.ts';

/** More files than any lane opens in a run. */
const handlesMax = 2 ** 32;

const rolesFollowed: ReadonlySet<number> = new Set([role.db, role.wal, role.journal]);

/** A file on the disk. `lost` says how it last lost a name. */
interface Inode {
  lost: StrayWrites['lost'] | undefined;
}

interface Handle {
  readonly process: string;
  readonly file: string;
  readonly inode: Inode;
}

export class StrayWriteFinder implements StepSink {
  /** What each name means now; a name not in it means a file that nobody has touched yet. */
  readonly #inodes = new Map<string, Inode>();
  readonly #open = new Map<number, Handle>();
  readonly #found = new Map<string, StrayWrites>();

  see(step: number, record: Readonly<RawRecord>, lane: StepLane): void {
    switch (record.op) {
      case op.write:
      case op.truncate:
        this.#written(step, record);
        break;
      case op.open:
        this.#opened(record, lane);
        break;
      case op.close:
        this.#open.delete(keyOf(record));
        break;
      case op.delete:
      case op.unlink:
        if (record.rc === 0) this.#lose(nameOf(record, lane), { by: lane.name, step, how: 'unlinked' });
        break;
      case op.rename:
        if (record.rc === 0) this.#renamed(step, record, lane);
        break;
      case op.link:
        if (record.rc === 0) this.#inodes.set(posix.normalize(record.text), this.#inodeOf(nameOf(record, lane)));
        break;
      default:
    }
  }

  /** One entry for each process, file and loss, in the order of the first such write. */
  list(): readonly StrayWrites[] {
    return [...this.#found.values()];
  }

  #inodeOf(name: string): Inode {
    const known = this.#inodes.get(name);
    if (known !== undefined) return known;
    const inode: Inode = { lost: undefined };
    this.#inodes.set(name, inode);
    return inode;
  }

  #lose(name: string, lost: StrayWrites['lost']): void {
    const inode = this.#inodes.get(name);
    if (inode !== undefined) inode.lost = lost;
    this.#inodes.delete(name);
  }

  #renamed(step: number, record: Readonly<RawRecord>, lane: StepLane): void {
    const from = nameOf(record, lane);
    const to = posix.normalize(record.text);
    const moved = this.#inodeOf(from);
    if (this.#inodes.get(to) === moved) return; // two names of one file: rename(2) does nothing
    this.#lose(to, { by: lane.name, step, how: 'replaced' });
    this.#lose(from, { by: lane.name, step, how: 'renamed' });
    this.#inodes.set(to, moved);
  }

  #opened(record: Readonly<RawRecord>, lane: StepLane): void {
    if (record.rc !== 0 || record.handle === 0 || !rolesFollowed.has(record.role)) return;
    const file = nameOf(record, lane);
    this.#open.set(keyOf(record), { process: lane.process.name, file, inode: this.#inodeOf(file) });
  }

  /** A handle strays when the name that it was opened by means another file now, or none. */
  #written(step: number, record: Readonly<RawRecord>): void {
    if (record.rc !== 0) return;
    const handle = this.#open.get(keyOf(record));
    if (handle === undefined || this.#inodes.get(handle.file) === handle.inode) return;
    const { process, file, inode } = handle;
    if (inode.lost === undefined) return;
    const key = `${process} ${file} ${inode.lost.step}`;
    const { writes, firstStep } = this.#found.get(key) ?? { writes: 0, firstStep: step };
    this.#found.set(key, { process, file, writes: writes + 1, firstStep, lost: inode.lost });
  }
}

function keyOf(record: Readonly<RawRecord>): number {
  return record.lane * handlesMax + record.handle;
}

function nameOf(record: Readonly<RawRecord>, lane: StepLane): string {
  return posix.normalize(lane.files[record.file] ?? '');
}
