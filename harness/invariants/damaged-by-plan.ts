// Did the plan itself write into the database? Then what is broken or missing in it is nobody's failure, and the run is
// about what the programs make of it. What stays out: kinds of faults that only make the programs' own writes fail.
import type { History } from '../history/history.ts';

/** A fault has changed bytes of a file. */
export function damagedByPlan({ strikes }: Pick<History, 'strikes'>): boolean {
  return strikes.some(({ changed }) => changed === true);
}
