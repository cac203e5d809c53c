// What is left of a run's database, judged by what was promised: sound and whole in any case, unless nothing was promised; no
// acknowledged row gone, or only the last ones; or, where a strategy promises to bring back what is gone, what its own invariants say when
// the disk has been used first. What stays out: how it came to be so.
import type { CrashPoint } from '../disk/crash-points.ts';
import type { Durability } from '../model/file-systems.ts';
import type { Autopsy, History, Observation } from '../model/history.ts';
import type { Invariant, Violation } from '../model/invariant.ts';
import type { Scenario } from '../model/scenario.ts';
import { acknowledgedCommits } from '../judge/invariants/acknowledged-commits.ts';
import { commitOrder } from '../judge/invariants/commit-order.ts';
import { integrity } from '../judge/invariants/integrity.ts';
import { lanesEnd } from '../judge/invariants/lanes-end.ts';
import { isPresent, keysToBeThere, type KeysOfRows, rowsReadable } from '../judge/invariants/rows-present.ts';
import { wholeTransactions } from '../judge/invariants/whole-transactions.ts';
import { judgedBy } from '../judge/judge-history.ts';

/** What each promise is held to. */
const heldTo: { readonly [D in Durability]: readonly Invariant[] } = {
  acknowledged: [integrity, wholeTransactions, acknowledgedCommits],
  order: [integrity, wholeTransactions, commitOrder],
  nothing: [],
};

/** What is asked of any first use, beside what its scenario asks. */
const ofFirstUse: readonly Invariant[] = [integrity, wholeTransactions, lanesEnd];

/** Of each run the last moment that was asked for: its disks are asked about one after the other. */
const lastMoment = new WeakMap<History, Pick<History, 'observations' | 'strikes'> & { readonly step: number }>();

/** The history as it stood when the power went, with what was found afterwards. */
export function historyAt(history: History, { step }: CrashPoint, autopsy: Autopsy): History {
  const last = lastMoment.get(history);
  const moment =
    last?.step === step
      ? last
      : {
          step,
          observations: history.observations.filter((one) => one.step < step),
          strikes: history.strikes.filter((one) => one.step < step),
        };
  lastMoment.set(history, moment);
  const { observations, strikes } = moment;
  return { ...history, observations, strikes, looks: [], autopsy };
}

/**
 * What was found on one disk.
 *
 * @property autopsy of the file as SQLite alone opens it
 * @property used the run in which it was used first, where the strategy promises more than SQLite does
 */
export interface Evidence {
  readonly autopsy: Autopsy;
  readonly used: History | undefined;
}

/**
 * @property violations of what was promised
 * @property bare of those that SQLite's own opening finds: the same, where nobody else uses it first
 * @property lostRows acknowledged rows that are gone, whether they may be or not
 */
export interface JudgedImage {
  readonly violations: readonly Violation[];
  readonly bare: readonly Violation[];
  readonly lostRows: number;
}

/**
 * @param history as it stood when the power went ({@link historyAt})
 * @param more invariants of who uses it first
 */
export function judgeImage(
  scenario: Scenario,
  history: History,
  durability: Durability,
  { used, more = [] }: { readonly used?: History | undefined; readonly more?: readonly Invariant[] } = {},
): JudgedImage {
  const bare = judgedBy(scenario, heldTo[durability], history);
  if (used === undefined) return { violations: bare, bare, lostRows: lostRowsOf(history) };
  const whole = withFirstUse(history, used);
  return { violations: judgedBy(scenario, [...ofFirstUse, ...more], whole), bare, lostRows: lostRowsOf(whole) };
}

/** Faults end with the power; the clock goes on from what was last seen. */
function withFirstUse(history: History, used: History): History {
  const { observations, strikes } = history;
  const nowMs = Math.max(0, ...[...observations, ...strikes].map((one) => one.nowMs));
  const later = (one: Observation): Observation => ({
    ...one,
    step: history.steps + one.step,
    nowMs: nowMs + one.nowMs,
  });
  return {
    ...used,
    plan: history.plan,
    virtualMs: nowMs + used.virtualMs,
    observations: [...observations, ...used.observations.map(later)],
    strikes: strikes.map((one) => ({ ...one, liftedMs: Math.min(one.liftedMs ?? Infinity, nowMs) })),
  };
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
