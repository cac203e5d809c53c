// The error that must never be: two runs of one plan that took different courses.
import { harnessError } from '../errors.ts';
import type { Plan } from './plan.ts';

/** Code of that error. */
export const replayDiffersCode = 'REPLAY_DIFFERS';

/** @param hashes of the two runs */
export function replayDiffers(plan: Plan, ...hashes: readonly [string, string]): Error {
  const [one, two] = hashes.map((hash) => hash.slice(0, 12));
  return harnessError(
    replayDiffersCode,
    `A run of ${plan.scenario} violated an invariant, and its replay took another course (${one} and ${two}).`,
    'This breaks the first promise of Lockstep: report it with scenario, strategy, engine and seed.',
  );
}
