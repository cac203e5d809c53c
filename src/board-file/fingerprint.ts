// What tells one state of a board's file from another without opening it: time of the last change and size, as the
// reported code takes them. The WAL does not count, also as reported.
import type { World } from '../../harness/lane/world.ts';
import { unlessOsError } from './os-error.ts';

/** Of the file now; `missing` when there is none, `unseen` when the system does not say. */
export function fingerprint(world: World, file: string): string {
  const found = unlessOsError(() => ({ stat: world.files.stat(file) }));
  if (found === undefined) return 'unseen';
  return found.stat === undefined ? missingFile : `${found.stat.mtimeNs}-${found.stat.size}`;
}

export const missingFile = 'missing';
