// The folder beside a board in which lies what brings it back: snapshots, segments of the operations journal, and the mark of a
// recovery that has begun. None of it bears the name of the database or of a sidecar, so no rm, mv or cp of those reaches
// it. What stays out: what is in the files.
import type { World } from '../../../harness/lane/world.ts';
import { briefly, takeFileLock } from '../file-lock.ts';
import { unlessMissing } from '../os-error.ts';

export function recoveryFolder(file: string): string {
  return `${file}.recovery`;
}

/** Beside the folder, not in it: `--new` puts the folder away while others wait for the lock. */
export function recoveryLock(file: string): string {
  return `${file}.recovery.lock`;
}

/** The board as it should be, while it is being made. */
export function nextFile(file: string): string {
  return `${recoveryFolder(file)}/next.db`;
}

/** Is there from before a board is replaced until after: whoever finds it does the replacement over again. */
export const pendingName = 'pending';

/** @property sequence of the last transaction that is in it */
export interface SnapshotName {
  readonly name: string;
  readonly generation: string;
  readonly sequence: number;
}

/** @property snapshots and segments: the oldest first. A segment of the journal is called by the sequence after which it begins */
export interface Listing {
  readonly snapshots: readonly SnapshotName[];
  readonly segments: readonly number[];
  readonly pending: boolean;
}

/** What the snapshot after a gap in the journal is called before the board is in place. */
export function afterGapFile(file: string): string {
  return `${recoveryFolder(file)}/after-gap.db`;
}

/** Nothing of it brings a board back any more; a person may still look into it. @param as what its name ends in */
export function putAway(world: World, file: string, as: string): void {
  world.files.rename(recoveryFolder(file), `${recoveryFolder(file)}.${as}`);
}

export function snapshotName(generation: string, sequence: number): string {
  return `snapshot.${generation}.${sequence}`;
}

/** @param base empty: how all of them begin */
export function segmentName(base: number | ''): string {
  return `journal.${base}`;
}

/** What lies in the folder; nothing where there is none. @throws FileError where the system does not say: to whom nothing is here, a new board would be right */
export function listing(world: World, file: string): Listing {
  const names = unlessMissing(() => world.files.list(recoveryFolder(file))) ?? [];
  const snapshots = names.flatMap((name): SnapshotName[] => {
    const [, generation, sequence] = /^snapshot\.([0-9a-f]{8})\.(\d+)$/.exec(name) ?? [];
    return generation === undefined ? [] : [{ name, generation, sequence: Number(sequence) }];
  });
  const segments = names.flatMap((name) => {
    const base = /^journal\.(\d+)$/.exec(name)?.[1];
    return base === undefined ? [] : [Number(base)];
  });
  return {
    snapshots: snapshots.toSorted((a, b) => a.sequence - b.sequence),
    segments: segments.toSorted((a, b) => a - b),
    pending: names.includes(pendingName),
  };
}

/** Locks that a lane holds, by file: a recovery in the middle of a transaction takes no second one. */
const held = new WeakMap<World, Set<string>>();

/**
 * Does `body` while no other process writes to this board or brings it back.
 *
 * @param limitMs virtual
 * @param by the function that wants it
 * @throws BoardError `LOCK_TIMEOUT`
 */
export function underRecoveryLock<T>(world: World, file: string, limitMs: number, by: string, body: () => T): T {
  const name = recoveryLock(file);
  const own = held.get(world) ?? new Set<string>();
  held.set(world, own);
  if (own.has(name)) return body();
  const lock = takeFileLock(world, name, limitMs, by, briefly);
  own.add(name);
  try {
    return body();
  } finally {
    own.delete(name);
    lock?.release();
  }
}
