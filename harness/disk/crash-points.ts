// The moments at which the power goes: just before and just after every sync and every change of a name, and at the run's end. Between
// two of them more writes are under way, and what they can be lost to stands among the states of the later one.
import { type DiskLog, isOnNames } from '../model/disk.ts';

/**
 * @property before the power goes before this operation
 * @property step all steps before this one have happened; Infinity: all of the run
 */
export interface CrashPoint {
  readonly before: number;
  readonly step: number;
}

export function crashPoints({ operations }: DiskLog): readonly CrashPoint[] {
  const moments = new Set<number>();
  for (const [number, operation] of operations.entries()) {
    if (!isOnNames(operation) && operation.kind !== 'sync' && operation.kind !== 'sync-folder') continue;
    moments.add(number);
    moments.add(number + 1);
  }
  moments.add(operations.length);
  return [...moments]
    .toSorted((a, b) => a - b)
    .map((before) => ({ before, step: operations[before]?.step ?? Infinity }));
}
