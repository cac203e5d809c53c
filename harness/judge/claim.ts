// What runs say of a claim. A violation is evidence in any case; that there was none is evidence only where it makes a
// pass. What stays out: making the runs, and which violations count (the callers know their cells).
import type { Claim } from '../model/claim.ts';
import { percent } from '../model/percent.ts';
import { missingRuns, upperBound } from '../model/verdict.ts';

/**
 * What was seen of a claim's cell.
 *
 * @property violated invariants that the claim is about, and how they were: `in random run 7`, `by the shipped plan x`
 * @property drawn distinct random runs; `reached`: of these, in the scenario's window; `replays` of shipped plans besides
 * @property short the runs were short: that something does not happen in them says little about hours
 */
export interface ClaimEvidence {
  readonly violated: readonly { readonly invariant: string; readonly how: string }[];
  readonly drawn: number;
  readonly reached: number;
  readonly replays: number;
  readonly short: boolean;
  readonly interrupted: boolean;
  readonly bound: number;
}

export interface ClaimJudgement {
  readonly outcome: 'confirmed' | 'refuted' | 'untested';
  readonly evidence: string;
}

/** The findings that a claim is about. */
export function meantBy<T extends { readonly invariant: string }>(claim: Claim, found: readonly T[]): readonly T[] {
  return found.filter(({ invariant }) => claim.invariants === undefined || claim.invariants.includes(invariant));
}

export function judgeClaim(
  claim: Pick<Claim, 'strategy' | 'engine' | 'expects'>,
  window: string,
  { violated, drawn, reached, replays, short, interrupted, bound }: ClaimEvidence,
): ClaimJudgement {
  const cell = `${claim.strategy} on ${claim.engine}`;
  if (violated.length > 0) {
    const said = [...Map.groupBy(violated, ({ how }) => how)].map(
      ([how, all]) => `violated ${[...new Set(all.map(({ invariant }) => invariant))].join(', ')} ${how}`,
    );
    const outcome = claim.expects === 'violation' ? 'confirmed' : 'refuted';
    return { outcome, evidence: `${cell}: ${said.join('; ')}` };
  }
  const besides = replays === 0 ? '' : `, and in ${replays} replays of shipped plans`;
  const nothing = `${cell}: nothing of the kind in ${drawn} random runs, ${reached} of them in the window ${window}${besides}`;
  const missing = missingRuns(reached, bound);
  if (missing > 0) {
    const cut = interrupted ? '; interrupted' : '';
    return { outcome: 'untested', evidence: `${nothing}: ${missing} missing for an answer${cut}` };
  }
  if (short) return { outcome: 'untested', evidence: `${nothing}, but all of them short: hours may be different` };
  const outcome = claim.expects === 'none' ? 'confirmed' : 'refuted';
  return { outcome, evidence: `${nothing} (failure rate in the window at most ${percent(upperBound(reached) ?? 1)})` };
}
