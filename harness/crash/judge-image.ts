// What is left of a run's database, judged by what was promised: sound and whole in any case, unless nothing was promised; no
// acknowledged row gone, or only the last ones. What stays out: how it came to be so.
import type { CrashPoint } from '../disk/crash-points.ts';
import type { Durability } from '../model/file-systems.ts';
import type { Autopsy, History } from '../model/history.ts';
import type { Invariant, Violation } from '../model/invariant.ts';
import type { Scenario } from '../model/scenario.ts';
import { acknowledgedCommits } from '../judge/invariants/acknowledged-commits.ts';
import { commitOrder } from '../judge/invariants/commit-order.ts';
import { integrity } from '../judge/invariants/integrity.ts';
import { isPresent, keysToBeThere, type KeysOfRows, rowsReadable } from '../judge/invariants/rows-present.ts';
import { wholeTransactions } from '../judge/invariants/whole-transactions.ts';
import { judgedBy } from '../judge/judge-history.ts';

/** What each promise is held to. */
const heldTo: { readonly [D in Durability]: readonly Invariant[] } = {
  acknowledged: [integrity, wholeTransactions, acknowledgedCommits],
  order: [integrity, wholeTransactions, commitOrder],
  nothing: [],
};

/** @property lostRows acknowledged rows that are gone, whether they may be or not */
export interface JudgedImage {
  readonly violations: readonly Violation[];
  readonly lostRows: number;
}

/** The history as it stood when the power went, with what was found afterwards. */
export function historyAt(history: History, { step }: CrashPoint, autopsy: Autopsy): History {
  return {
    ...history,
    observations: history.observations.filter((one) => one.step < step),
    strikes: history.strikes.filter((one) => one.step < step),
    looks: [],
    autopsy,
  };
}

export function judgeImage(scenario: Scenario, history: History, durability: Durability): JudgedImage {
  return { violations: judgedBy(scenario, heldTo[durability], history), lostRows: lostRowsOf(history) };
}

function lostRowsOf({ observations, autopsy }: History): number {
  const present = rowsReadable(autopsy);
  let lost = 0;
  for (const [place, keys] of keysToBeThere(observations)) {
    const said = observations[place]?.data as unknown as KeysOfRows | undefined;
    const rows = present.get(said?.table ?? '') ?? new Set();
    lost += keys.filter((key) => !isPresent(rows, key)).length;
  }
  return lost;
}
