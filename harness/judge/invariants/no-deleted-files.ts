// no-deleted-files: no living process holds an unlinked database file, -wal or -shm open: what it writes there is lost.
import type { Look } from '../../model/history.ts';
import { invariant } from '../../model/invariant.ts';

export const noDeletedFiles = invariant(
  'no-deleted-files',
  'hazard',
  'no living process holds a deleted database, -wal or -shm open',
  function* ({ looks }) {
    for (const look of looks) yield* deletedIn(look);
  },
);

function* deletedIn(look: Look): Iterable<{ message: string; step: number }> {
  const held = new Map<string, { process: string; file: string; generations: Set<number> }>();
  for (const { process, file, deleted, generation } of look.openFiles) {
    if (!deleted) continue;
    const key = `${process} ${file}`;
    const entry = held.get(key) ?? { process, file, generations: new Set() };
    entry.generations.add(generation);
    held.set(key, entry);
  }
  for (const { process, file, generations } of held.values()) {
    const inodes = generations.size === 1 ? '1 deleted inode' : `${generations.size} deleted inodes`;
    yield { message: `look "${look.label}": ${process} holds ${inodes} of ${file} open`, step: look.step };
  }
}
