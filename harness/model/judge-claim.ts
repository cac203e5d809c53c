// What runs say of a claim: the one place that decides, as verdict.ts does for cells. A violation is evidence in any case; that
// there was none is evidence only where it makes a pass. It stands here, and not with the judge of histories, since documents
// are merged and read where only the model is known. What stays out: making the runs, and which violations count (the callers
// know their cells).
import type { Claim } from './claim.ts';
import { count } from './count.ts';
import { percent } from './percent.ts';
import { missingRuns, runsNeeded, upperBound, type Verdict } from './verdict.ts';

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

export const claimOutcomes = ['confirmed', 'refuted', 'untested'] as const;

/** `untested`: there is no answer, whether something was tried or not. */
export type ClaimOutcome = (typeof claimOutcomes)[number];

/**
 * @property tried runs were made for it, or replays
 * @property evidence as a sentence without its full stop; without an answer, what was tried and what is missing
 */
export interface ClaimJudgement {
  readonly outcome: ClaimOutcome;
  readonly tried: boolean;
  readonly evidence: string;
}

type About = Pick<Claim, 'strategy' | 'engine'>;

/** The parts of a combination in an order of their own: `delete+safe-read` is `safe-read+delete`. */
export function canonicalStrategy(strategy: string): string {
  return [...new Set(strategy.split('+'))].toSorted().join('+');
}

/** Is a claim about this cell of its scenario, whichever way round a combination is named? */
export function isAbout(claim: About, cell: About): boolean {
  return claim.engine === cell.engine && canonicalStrategy(claim.strategy) === canonicalStrategy(cell.strategy);
}

/** The findings that a claim is about. */
export function meantBy<T extends { readonly invariant: string }>(
  claim: Pick<Claim, 'invariants'>,
  found: readonly T[],
): readonly T[] {
  return found.filter(({ invariant }) => claim.invariants === undefined || claim.invariants.includes(invariant));
}

/** What a claim comes to where what it is about was violated, or where it is shown that it is not. */
function outcomeOf(expects: Claim['expects'], violated: boolean): ClaimOutcome {
  return (expects === 'violation') === violated ? 'confirmed' : 'refuted';
}

/** A claim for whose cell nothing was done, and why. */
export function untried({ strategy, engine }: About, why: string): ClaimJudgement {
  return { outcome: 'untested', tried: false, evidence: `${strategy} on ${engine}: ${why}` };
}

/** What was tried without a violation: `140 random runs, 62 of them in the window close, and in 3 replays of shipped plans`. */
function triedWords({ drawn, reached, replays }: ClaimEvidence, window: string): string {
  const replayed = replays === 0 ? '' : `${count(replays, 'replay')} of shipped plans`;
  if (drawn === 0) return `${replayed}, and no random run was made`;
  const runs = `${count(drawn, 'random run')}, ${reached} of them in the window ${window}`;
  return replayed === '' ? runs : `${runs}, and in ${replayed}`;
}

/** @param window of the scenario: the mark that a run must reach to count */
export function judgeClaim(
  claim: Pick<Claim, 'strategy' | 'engine' | 'expects'>,
  window: string,
  evidence: ClaimEvidence,
): ClaimJudgement {
  const { violated, drawn, reached, replays, short, interrupted, bound } = evidence;
  const cell = `${claim.strategy} on ${claim.engine}`;
  if (violated.length > 0) {
    const said = [...Map.groupBy(violated, ({ how }) => how)].map(
      ([how, all]) => `violated ${[...new Set(all.map(({ invariant }) => invariant))].join(', ')} ${how}`,
    );
    return { outcome: outcomeOf(claim.expects, true), tried: true, evidence: `${cell}: ${said.join('; ')}` };
  }
  if (drawn + replays === 0) return untried(claim, interrupted ? 'not tried: interrupted' : 'nothing was run');
  const nothing = `${cell}: nothing of the kind in ${triedWords(evidence, window)}`;
  const missing = missingRuns(reached, bound);
  if (missing > 0) {
    const cut = interrupted ? '; interrupted' : '';
    const takes = `an answer takes ${runsNeeded(bound)} random runs in the window, ${missing} are missing${cut}`;
    return { outcome: 'untested', tried: true, evidence: `${nothing}; ${takes}` };
  }
  if (short)
    return { outcome: 'untested', tried: true, evidence: `${nothing}, but all of them short: hours may be different` };
  const rate = `failure rate in the window at most ${percent(upperBound(reached) ?? 1)}`;
  return { outcome: outcomeOf(claim.expects, false), tried: true, evidence: `${nothing} (${rate})` };
}

/** The outcome as a person calls it: what was tried in vain is not untested. */
export function outcomeWord({ outcome, tried }: Pick<ClaimJudgement, 'outcome' | 'tried'>): ClaimOutcome | 'undecided' {
  return outcome === 'untested' && tried ? 'undecided' : outcome;
}

/** The words of {@link outcomeWord}, those that matter most first. */
export const outcomeWords = ['confirmed', 'refuted', 'undecided', 'untested'] as const;

/**
 * One judgement of several about the same claim. What some run did settles it, whatever other runs did not do: a violation
 * confirms that there is one, and refutes that there is none.
 *
 * @param judgements at least one
 */
export function judgedTogether(expects: Claim['expects'], judgements: readonly ClaimJudgement[]): ClaimJudgement {
  const settled = [outcomeOf(expects, true), outcomeOf(expects, false)];
  const outcome = settled.find((one) => judgements.some((judgement) => judgement.outcome === one)) ?? 'untested';
  const isOpen = outcome === 'untested';
  const tried = !isOpen || judgements.some((one) => one.tried);
  const having = judgements.filter((one) => one.outcome === outcome && (!isOpen || one.tried === tried));
  return { outcome, tried, evidence: [...new Set(having.map(({ evidence }) => evidence))].join('; ') };
}

/** The same where the runs that it was judged by make no pass any more: that nothing happened is said of a pass only. */
export function withoutPass<T extends { readonly expects: Claim['expects'] } & ClaimJudgement>(
  claim: T,
  evidence: string,
): T {
  if (claim.outcome !== outcomeOf(claim.expects, false)) return claim;
  return { ...claim, outcome: 'untested', tried: true, evidence };
}

/**
 * A claim as a cell bears it out whose runs are those of several documents: where the runs of another one fail, or the
 * harness did, nothing is said any more of what did not happen.
 */
export function borneOut<T extends About & { readonly expects: Claim['expects'] } & ClaimJudgement>(
  claim: T,
  verdict: Verdict,
): T {
  if (verdict === 'pass') return claim;
  const { strategy, engine } = claim;
  return withoutPass(claim, `${strategy} on ${engine}: the verdict of all documents together is ${verdict}`);
}
