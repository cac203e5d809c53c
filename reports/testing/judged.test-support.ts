// What a made-up cell must have to be of its verdict. What stays out: the rest of it (results.test-support.ts).
import { upperBound, verdictOf } from '../../harness/model/verdict.ts';
import type { ResultCell } from '../results.ts';

type Verdict = ResultCell['verdict'];

/** As many as the verdict takes, or for an inconclusive cell too few, or none. */
export function reachedOf(verdict: Verdict, runs: number, share: number): number {
  if (verdict === 'inconclusive') return share < 0.5 ? 0 : Math.floor(share * 58);
  const some = Math.max(1, Math.floor(runs * share));
  return verdict === 'pass' ? Math.max(59, some) : some;
}

/** One verdict an invariant about harm, as the cell's violations and runs have it. */
export function invariantsOf(
  names: readonly string[],
  { violations, failedRun, shipped, runs, reached }: ResultCell,
): ResultCell['invariants'] {
  return names.map((name) => {
    const failed = violations.some(({ invariant }) => invariant === name);
    const verdict = verdictOf({ failed, drawnInWindow: reached });
    const rate = verdict === 'pass' ? upperBound(reached) : null;
    const found = { run: failed ? failedRun : null, shipped: failed ? shipped : null, plan: null };
    return { name, verdict, ...found, runs, reached, upperBound: rate };
  });
}
