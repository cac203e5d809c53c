// When the contents of each file last changed, in virtual time: the kernel's own mtime is wall-clock, which no run may see.
// Of a file, not of a name: what is written to one that has lost its name changes nothing of the one that has it now. What
// stays out: changes that pass no gate.
import { posix } from 'node:path';
import { op } from '../model/operations.ts';
import type { RawRecord } from '../model/record.ts';
import { openerOf, type StepLane } from '../model/step.ts';
import type { FileTable, Inode } from '../observe/file-table.ts';

const nsPerMs = 1_000_000;

export class Mtimes {
  readonly #files: FileTable;
  readonly #ns = new WeakMap<Inode, number>();
  #nowMs = 0;
  /** Changes within one virtual millisecond. */
  #changes = 0;

  constructor(files: FileTable) {
    this.#files = files;
  }

  /** Nanoseconds since the run's start; 0 for a file that nobody has changed. Two changes never share one. */
  of(name: string): number {
    const inode = this.#files.named(posix.normalize(name));
    return inode === undefined ? 0 : (this.#ns.get(inode) ?? 0);
  }

  /** The same of a file that a lane has a descriptor of. */
  ofDescriptor(opener: string, handle: number): number {
    const held = this.#files.descriptorAt(opener, handle);
    return held === undefined ? 0 : (this.#ns.get(held.inode) ?? 0);
  }

  /** The contents of the file that a name means have changed. */
  touch(name: string, nowMs: number): void {
    this.#touch(this.#files.inodeOf(posix.normalize(name)), nowMs);
  }

  /** The same times for other files of these names: the disk is another one after a power loss. */
  carry(names: readonly string[], body: () => void): void {
    const times = names.map((name) => [name, this.of(name)] as const);
    body();
    for (const [name, ns] of times) this.#ns.set(this.#files.inodeOf(name), ns);
  }

  /** Follows a step of any lane, after the table of files has. */
  see(record: Readonly<RawRecord>, lane: StepLane, nowMs: number): void {
    if (record.rc !== 0) return;
    const name = lane.files[record.file] ?? '';
    if (record.op === op.fileWrite) this.touch(name, nowMs);
    else if (record.op === op.utime) this.#ns.set(this.#files.inodeOf(posix.normalize(name)), Number(record.text));
    else if (record.op === op.fdOpen && record.text.startsWith('w')) this.touch(name, nowMs);
    else if (record.op === op.fdWrite || record.op === op.fdTruncate) {
      const held = this.#files.descriptorAt(openerOf(record, lane), record.handle);
      if (held !== undefined) this.#touch(held.inode, nowMs);
    } else if (record.op === op.copy) this.touch(record.text, nowMs);
    else if (record.op === op.write || record.op === op.truncate) {
      const open = this.#files.at(openerOf(record, lane), record.handle);
      if (open === undefined) this.touch(name, nowMs);
      else this.#touch(open.inode, nowMs);
    }
  }

  #touch(inode: Inode, nowMs: number): void {
    this.#changes = nowMs === this.#nowMs ? this.#changes + 1 : 1;
    this.#nowMs = nowMs;
    this.#ns.set(inode, nowMs * nsPerMs + this.#changes);
  }
}
