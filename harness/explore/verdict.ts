// Verdicts: what a search may say, and how sure a pass is. What stays out: the search (search.ts).

/**
 * fail: an invariant was violated, and the plan that does it is known · pass: none was in n runs that reached the
 * window · inconclusive: none was, but the window was never reached · error: the harness failed, which is no pass
 */
export type Verdict = 'fail' | 'pass' | 'inconclusive' | 'error';

/** Exit code of each verdict (design.md, command line). */
export const exitCodes: { readonly [verdict in Verdict]: number } = { pass: 0, fail: 1, inconclusive: 3, error: 4 };

/**
 * 95 % upper bound on the failure rate after `runs` independent runs without a failure: exact (Clopper and Pearson
 * 1934, one-sided), which for many runs is the rule of three, 3/n.
 *
 * @returns a probability; null without runs
 */
export function upperBound(runs: number): number | null {
  return runs === 0 ? null : 1 - 0.05 ** (1 / runs);
}
