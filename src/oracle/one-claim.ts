// one-claim: a task is worked on by one at a time. `claim_task` is a compare-and-swap (facts/hermes-kanban.md, section 2):
// status ready and no claim_lock, or it does nothing; so a second claim needs an end of the run before it. A dispatcher
// starts one worker for a claim. A task that is completed is done: no end follows that completes it again.
//
// An observation comes after its COMMIT, and others may act between the two. So each commit is placed in the span from
// `committing`, observed by the same lane before it, to its own observation; two claims contradict each other only if no
// end of a run can lie between them. A transaction of which no more was heard (killed, or an error of COMMIT) may have
// been such an end; so may a power loss that can take acknowledged commits away.
import type { History } from '../../harness/model/history.ts';
import { invariant } from '../../harness/model/invariant.ts';
import { allowedLosses } from './promise.ts';
import { type Word, wordsOf } from './said.ts';
import { processOf } from '../../harness/model/names.ts';

/** The steps between which a commit happened. */
interface Span {
  readonly from: number;
  readonly to: number;
}
type Claim = Span & Word<'claimed'>['data'];

interface Deeds {
  /** By task, in order. */
  readonly claims: ReadonlyMap<string, readonly Claim[]>;
  readonly ends: ReadonlyMap<string, readonly Span[]>;
  /** Transactions of which nobody knows whether they were committed, and what they did. */
  readonly unknown: readonly Span[];
}

/** The last transaction of a lane. `told`: something was observed after its `committed`. */
interface Transaction {
  readonly from: number;
  committed: boolean;
  told: boolean;
}

function deedsOf({ observations, deaths }: Pick<History, 'observations' | 'deaths'>): Deeds {
  const claims = new Map<string, Claim[]>();
  const ends = new Map<string, Span[]>();
  const unknown: Span[] = [];
  const last = new Map<string, Transaction>();
  for (const { kind, data, step, lane } of observations as readonly Word[]) {
    const transaction = last.get(lane);
    if (kind === 'committing') {
      if (transaction?.committed === false && !transaction.told) unknown.push({ from: transaction.from, to: step });
      last.set(lane, { from: step, committed: false, told: false });
    } else if (kind === 'committed') {
      if (transaction !== undefined) transaction.committed = true;
    } else if (transaction !== undefined && !transaction.told) {
      transaction.told = true;
      if (!transaction.committed) unknown.push({ from: transaction.from, to: step });
    }
    const span = { from: transaction?.from ?? step, to: step };
    if (kind === 'claimed') claims.set(data.task, [...(claims.get(data.task) ?? []), { ...data, ...span }]);
    if (kind === 'run-ended') ends.set(data.task, [...(ends.get(data.task) ?? []), span]);
  }
  const died = new Map(deaths.map(({ process, step }) => [process, step]));
  for (const [lane, { from, committed, told }] of last) {
    const death = died.get(processOf(lane));
    if (!told && (!committed || death !== undefined)) unknown.push({ from, to: death ?? Infinity });
  }
  return { claims, ends, unknown };
}

function* claimedTwice(history: History) {
  const { claims, ends, unknown } = deedsOf(history);
  const lost = allowedLosses(history).map(({ step }): Span => ({ from: step - 1, to: step + 1 }));
  for (const [task, all] of claims) {
    const excuses = [...(ends.get(task) ?? []), ...unknown, ...lost];
    for (const [i, claim] of all.entries()) {
      const before = all[i - 1];
      if (before === undefined) continue;
      const [from, to] = [Math.min(before.from, claim.from), Math.max(before.to, claim.to)];
      if (excuses.some((end) => end.to > from && end.from < to)) continue;
      yield {
        message:
          `${before.by} claimed ${task} (run ${before.run}, step ${before.to}), and ${claim.by} claimed it too ` +
          `(run ${claim.run}, step ${claim.to}), but no run of it ended between the two`,
        step: claim.to,
      };
    }
  }
}

/** Workers started for one claim. */
function* spawnedTwice({ observations }: Pick<History, 'observations'>) {
  const started = new Map<string, Word<'spawned'>>();
  for (const word of wordsOf(observations, 'claimed', 'spawned')) {
    const { task, run } = word.data;
    const key = `${task} ${run}`;
    const first = started.get(key);
    if (word.kind === 'claimed') started.delete(key);
    else if (first === undefined) started.set(key, word);
    else {
      yield {
        message:
          `${first.data.by} started ${first.data.worker} for run ${run} of ${task} at step ${first.step}, and ` +
          `${word.data.by} started ${word.data.worker} for the same run: one attempt, two workers`,
        step: word.step,
      };
    }
  }
}

function* completedTwice(history: History) {
  const done = new Map<string, Word<'run-ended'>>();
  const losses = allowedLosses(history).map(({ step }) => step);
  for (const word of wordsOf(history.observations, 'run-ended')) {
    // That it was completed may be among what was lost.
    while (word.step > (losses[0] ?? Infinity)) {
      losses.shift();
      done.clear();
    }
    const { task, run, by, outcome } = word.data;
    if (outcome !== 'completed') continue;
    const first = done.get(task);
    if (first === undefined) {
      done.set(task, word);
      continue;
    }
    yield {
      message:
        `${first.data.by} completed ${task} by run ${first.data.run} at step ${first.step}, and ${by} completed it again ` +
        `by run ${run}`,
      step: word.step,
    };
  }
}

export const oneClaim = invariant(
  'one-claim',
  'harm',
  'a task is claimed by one at a time, spawned once per attempt, and never completed twice',
  function* (history) {
    yield* claimedTwice(history);
    yield* spawnedTwice(history);
    yield* completedTwice(history);
  },
);
