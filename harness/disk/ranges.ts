// Ranges of operations of a disk, both ends included.
import type { CrashState } from '../model/crash.ts';

export function isIn(ranges: CrashState['lost'], number: number): boolean {
  return ranges.some(([from, to]) => from <= number && number <= to);
}
