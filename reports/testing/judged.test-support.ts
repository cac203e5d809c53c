// What a made-up cell must have to be of its verdict, and why it fails. What stays out: the rest of it (results.test-support.ts).
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

export const explanation: ResultCell['explanation'] = [
  {
    step: 31,
    kind: 'lock-lost',
    sentence:
      'gateway-1/notifier opened and closed kanban.db as a plain file: with that close the kernel dropped every POSIX lock of gateway-1 on it, and SQLite was not told; gateway-1/dispatcher had SHARED on kanban.db.',
    lanes: ['gateway-1/notifier', 'gateway-1/dispatcher'],
  },
  {
    step: 58,
    kind: 'granted-against',
    sentence:
      'verifier-1, closing its connection, was granted EXCLUSIVE on kanban.db, though gateway-1/dispatcher (SHARED) believed to have it locked: the kernel had dropped that at step 31.',
    lanes: ['verifier-1'],
  },
  {
    step: 64,
    kind: 'file-lost',
    sentence:
      'verifier-1 took itself for the last connection, checkpointed and unlinked kanban.db-wal (step 63) and kanban.db-shm, while gateway-1/dispatcher had them open.',
    lanes: ['verifier-1', 'gateway-1/dispatcher'],
  },
  {
    step: 92,
    kind: 'error',
    sentence: 'From here on every tick of gateway-1/dispatcher fails with SQLITE_IOERR_SHORT_READ (522).',
    lanes: ['gateway-1/dispatcher'],
  },
  { step: null, kind: 'end', sentence: 'The run ended with gateway-1 wedged; a restart cures it.', lanes: [] },
];
