// What a strategy's recovery promises, and how that changes what is judged. What a person takes away is nobody's failure where
// nothing promises to bring it back; where a journal does, each acknowledged row is asked for, but only once the time that the
// strategy states is over. A write to a file that nobody opens any more is harm for what it loses: where a journal has every
// transaction before its COMMIT, its rows are what is judged. A person's `kanban init --new` ends the old board for everybody.
import { survivingOf } from '../../harness/judge/invariants/damaged-by-plan.ts';
import type { History, PowerLoss } from '../../harness/model/history.ts';
import type { Invariant } from '../../harness/model/invariant.ts';
import { behaviourOf } from '../policies/catalogue.ts';
import { parseStrategy } from '../strategies/parse.ts';
import { changesFromOutside } from './disturbances.ts';
import { wordsOf } from './said.ts';

/** @property recoversMsMost null: it promises nothing */
interface RecoveryPromise {
  readonly recoversMsMost: number | null;
  readonly keepsAll: boolean;
}

export function promiseOf({ plan }: Pick<History, 'plan'>): RecoveryPromise {
  return behaviourOf(parseStrategy(plan.strategy), 'recovery');
}

/** Power losses that may have taken acknowledged commits away: by what SQLite promises, and where no journal brings them back. */
export function allowedLosses(
  history: Pick<History, 'plan' | 'strikes'>,
): readonly (PowerLoss & { readonly step: number })[] {
  if (promiseOf(history).recoversMsMost !== null) return [];
  return history.strikes.flatMap(({ step, powerLoss }) =>
    powerLoss === undefined || powerLoss.promise === 'acknowledged' ? [] : [{ ...powerLoss, step }],
  );
}

/** What is still asked for after power losses that may take acknowledged commits away. */
export function askedFor(history: History): History {
  const observations = allowedLosses(history).reduce(
    (left, { step, after }) => survivingOf(left, step, after),
    history.observations,
  );
  return { ...history, observations };
}

/** Is the time in which the board may still come back over by the end? */
export function isTimeOver(history: History): boolean {
  const { recoversMsMost } = promiseOf(history);
  if (recoversMsMost === null) return true;
  const { strikes, observations, virtualMs } = history;
  const replaced = observations.filter(({ kind }) => kind === 'replaced' || kind === 'init-ended');
  const changesMs = [...changesFromOutside(history), ...replaced].map(({ nowMs }) => nowMs);
  const liftedMs = strikes.map(({ liftedMs: ms }) => ms ?? Infinity);
  return virtualMs - Math.max(-Infinity, ...changesMs, ...liftedMs) >= recoversMsMost;
}

/** The step from which on the board is the one that is there at the end: of the last one that a person wanted new. */
export function boardFrom({ observations }: Pick<History, 'observations'>): number {
  const wanted = wordsOf(observations, 'board-created').filter(({ data }) => data.deliberate === true);
  return wanted.at(-1)?.step ?? 0;
}

const aboutRows: ReadonlySet<string> = new Set(['acknowledged-commits', 'whole-transactions']);
const untilBack: ReadonlySet<string> = new Set([...aboutRows, 'integrity']);

/** The same invariant, asked as the strategy's promise has it. */
export function underPromise(judged: Invariant): Invariant {
  if (!untilBack.has(judged.name) && judged.name !== 'no-stray-writes') return judged;
  return {
    ...judged,
    check(history) {
      const { recoversMsMost, keepsAll } = promiseOf(history);
      if (recoversMsMost === null) return judged.check(ofTheLastBoard(judged, history));
      if (judged.name === 'no-stray-writes' ? keepsAll : !isTimeOver(history)) return [];
      // Whatever the power took away, the journal brings back: what is there in the end is judged.
      const strikes = history.strikes.map((strike) => ({ ...strike, powerLoss: undefined }));
      return judged.check(ofTheLastBoard(judged, { ...history, strikes }));
    },
  };
}

function ofTheLastBoard({ name }: Invariant, history: History): History {
  const from = boardFrom(history);
  if (from === 0 || !aboutRows.has(name)) return history;
  const observations = history.observations.filter(({ kind, step }) => !kind.startsWith('commit') || step > from);
  return { ...history, observations };
}
