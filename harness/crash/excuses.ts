// A run that does harm by itself: what it has done by a moment is no power loss's doing. It is told from a power loss's by the disk on which
// nothing is lost at that moment. Where the database's name was taken away, whoever did so has what was there before; where another file has taken
// its place, they have the rows that are not in that; but for a strategy that brings them back. What stays out: runs that do no harm, which need none of it.
import { acknowledgedCommits } from '../judge/invariants/acknowledged-commits.ts';
import { survivingOf } from '../judge/invariants/damaged-by-plan.ts';
import { integrity } from '../judge/invariants/integrity.ts';
import { type DiskLog, isOnNames } from '../model/disk.ts';
import type { Autopsy, History } from '../model/history.ts';
import type { Invariant, Violation } from '../model/invariant.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Evidence } from './judge-image.ts';

/**
 * What is so at a moment though nothing is lost.
 *
 * @property invariants that are violated by more than rows that are gone
 * @property asked a history at this moment, without rows that are gone anyway: of each other one it is asked all the same
 */
export interface Excuse {
  readonly invariants: ReadonlySet<string>;
  asked(history: History): History;
}

export const noExcuse: Excuse = { invariants: new Set(), asked: (history) => history };

/**
 * @param baseline what the run violates without a power loss
 * @param isReplaced by then another file has taken the database's name
 * @param evidence of the disk on which nothing is lost
 * @param history as it stood at the moment
 * @param violationsOf what that disk violates, rows apart that are gone from it
 * @param more invariants of who uses a disk first
 */
export function excuseOf(
  baseline: readonly Violation[],
  isReplaced: boolean,
  evidence: Evidence,
  history: History,
  violationsOf: (history: History) => readonly Violation[],
  more: readonly Invariant[],
): Excuse {
  const harm = new Set(baseline.map(({ invariant }) => invariant));
  const aboutRows = isReplaced || [acknowledgedCommits, ...more].some(({ name }) => harm.has(name));
  const { autopsy } = evidence.used ?? evidence;
  const observations = aboutRows ? survivingOf(history.observations, Infinity, autopsy) : history.observations;
  const asked = (one: History): History => ({ ...one, observations });
  const own = violationsOf(asked(history)).map(({ invariant }) => invariant);
  return { invariants: new Set(own.filter((name) => harm.has(name))), asked };
}

/** Operations that took the database's name away, or gave it to another file in its place. */
export class Renames {
  readonly #away: readonly { readonly at: number; readonly step: number }[];
  readonly #replaced: number;

  constructor({ operations }: DiskLog, { database }: Pick<Scenario, 'database'>) {
    this.#away = operations.flatMap((one, at) =>
      isOnNames(one) && one.kind !== 'link' && one.name === database ? [{ at, step: one.step }] : [],
    );
    const replaced = operations.findIndex((one) => one.kind === 'rename' && one.to === database);
    this.#replaced = replaced === -1 ? Infinity : replaced;
  }

  isReplaced(before: number): boolean {
    return before > this.#replaced;
  }

  /** A history at a moment: of what was acknowledged before the name was last taken away nothing is asked. */
  asked(history: History, before: number): History {
    const step = this.#away.findLast(({ at }) => at < before)?.step;
    if (step === undefined) return history;
    const observations = history.observations.filter((one) => !one.kind.startsWith('commit') || one.step > step);
    return { ...history, observations };
  }
}

/** Nothing has the database's name: no violation of what a database must be. Whether rows are gone with it is asked for itself. */
export function isAbsence(
  { invariant }: Violation,
  { files }: Autopsy,
  { database }: Pick<Scenario, 'database'>,
): boolean {
  return invariant === integrity.name && !files.some(({ name }) => name === database);
}
