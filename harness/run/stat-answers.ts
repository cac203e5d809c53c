// What a lane that asks about a file is told beside what the kernel says: the number of its inode and its time of change, as they are in every
// replay. What stays out: how those times come about (mtimes.ts).
import { lstatSync, statSync } from 'node:fs';
import { worldPath } from '../host/world-path.ts';
import { op } from '../model/operations.ts';
import { encodeStat } from '../model/request.ts';
import { openerOf } from '../model/step.ts';
import type { LaneState } from './lanes.ts';
import type { RunState } from './run-state.ts';

export class StatAnswers {
  readonly #state: RunState;
  readonly #inodes = new Map<string, number>();

  constructor(state: RunState) {
    this.#state = state;
  }

  /** Logical number of the inode that the pending stat will meet, and its mtime: nothing else runs in between. */
  of(lane: LaneState): string {
    const { pending, process, descriptor } = lane;
    const { mtimes, options } = this.#state;
    if (pending.op === op.fdStat) {
      const mtimeNs = mtimes.ofDescriptor(openerOf(pending, lane), pending.handle);
      return encodeStat({ inode: this.#inodeAt(`/proc/${process.pooled.pid}/fd/${descriptor}`), mtimeNs });
    }
    const name = lane.files[pending.file];
    if (name === undefined) return encodeStat({ inode: 0, mtimeNs: 0 });
    const path = worldPath(options.root, name, pending.op === op.lstat ? 'itself' : 'followed');
    return encodeStat({ inode: this.#inodeAt(path, pending.op === op.lstat), mtimeNs: mtimes.of(name) });
  }

  /** @param itself of a link: its own, and not that of what it leads to */
  #inodeAt(path: string | undefined, itself = false): number {
    const read = itself ? lstatSync : statSync;
    const stat = path === undefined ? undefined : read(path, { bigint: true, throwIfNoEntry: false });
    if (stat === undefined) return 0;
    const key = `${stat.dev}:${stat.ino}:${stat.birthtimeNs}`; // a number may be used again, at another time
    const known = this.#inodes.get(key) ?? this.#inodes.size + 1;
    this.#inodes.set(key, known);
    return known;
  }
}
