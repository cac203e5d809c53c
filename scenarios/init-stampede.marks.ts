// The moment of init-stampede, read off a history.
import type { HistoryMark } from '../harness/model/scenario.ts';

/** As long as the lock of #50353 is waited for. */
const waitedMs = 10_000;

/** How long workers stood still in all, those that others waited for: whatever the strategy has for a lock. */
export const stoodInFirstOpen: HistoryMark = {
  name: 'stood-in-first-open',
  says: 'of many workers started at once some stood still for 10 s together, the lock that others wait for in their hands, where there is one',
  count: ({ plan, strikes, observations }) => {
    const workers = observations.filter(({ kind }) => kind === 'spawned').length;
    const stoodMs = strikes
      .filter(({ kind, fault }) => kind === 'pause' && isWorker(plan.faults[fault]))
      .reduce((sum, { nowMs, liftedMs }) => sum + (liftedMs ?? nowMs) - nowMs, 0);
    return workers > 1 && stoodMs >= waitedMs ? 1 : 0;
  },
};

function isWorker(fault: { readonly at: object } | undefined): boolean {
  return fault !== undefined && 'lane' in fault.at && String(fault.at.lane).includes('.verifier-');
}
