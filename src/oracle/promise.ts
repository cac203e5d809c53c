// What a strategy's recovery promises, and how that changes what is judged. What a person takes away is nobody's failure where
// nothing promises to bring it back; where a journal does, each acknowledged row is asked for, but only once the time that the
// strategy states is over. A write to a file that nobody opens any more is harm for what it loses: where a journal has every
// transaction before its COMMIT, its rows are what is judged. A person's `kanban init --new` ends the old board for everybody.
import { survivingOf } from '../../harness/judge/invariants/damaged-by-plan.ts';
import type { History, PowerLoss } from '../../harness/model/history.ts';
import type { Invariant } from '../../harness/model/invariant.ts';
import { boardCode } from '../board-file/board-error.ts';
import { segmentName } from '../board-file/recovery/folder.ts';
import { behaviourOf } from '../policies/catalogue.ts';
import { parseStrategy } from '../strategies/parse.ts';
import { changesFromOutside } from './disturbances.ts';
import { wordsOf } from './said.ts';
import { keysAtEnd } from './soundness.ts';

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

/** When the board's own file may have been changed from outside, by faults and people. */
function boardChanges(history: History): readonly { readonly step: number; readonly nowMs: number }[] {
  const replaced = history.observations.filter(({ kind }) => kind === 'replaced' || kind === 'init-ended');
  return [...changesFromOutside(history), ...replaced];
}

/** What nothing excuses. */
const nothingLost = { rows: new Set<string>(), unnamed: 0, before: 0, gone: false } as const;

/**
 * What a recovery may not bring back, since the board was damaged as well as what lies beside it; where only one of them was, everything: a
 * journal that is whole has every row, and to name one as lost would be no excuse.
 *
 * @property rows that were named, to whoever looks at what the recovery told
 * @property unnamed transactions that it told to be missing, their rows unknown
 * @property before what was acknowledged before this step may be missing without a word: the end of the journal was cut off, or went with
 *   its file, which leaves no trace
 * @property gone somebody was told that nothing is left to make a board of
 */
export function lostWithBoth(history: History): {
  readonly rows: ReadonlySet<string>;
  readonly unnamed: number;
  readonly before: number;
  readonly gone: boolean;
} {
  const changes = boardChanges(history);
  const damages = history.strikes.filter(({ kind, changed }) => kind === 'file-damage' && changed === true);
  const recovered = changes.length === 0 ? [] : wordsOf(history.observations, 'board-recovered');
  const { recoversMsMost, keepsAll } = promiseOf(history);
  const cutPower = history.strikes.some(({ powerLoss }) => powerLoss !== undefined);
  if (keepsAll && damages.length === 0 && !cutPower) return nothingLost;
  const cuts = damages.flatMap(({ fault, step, nowMs, note = '' }) => {
    const spec = history.plan.faults[fault];
    if (spec?.kind !== 'file-damage' || spec.how === 'flip' || !note.includes(`/${segmentName('')}`)) return [];
    const near = changes.filter((change) => Math.abs(change.nowMs - nowMs) < (recoversMsMost ?? 0));
    return near.map((change) => Math.max(step, change.step));
  });
  const refused = wordsOf(history.observations, 'tick-failed', 'call-failed');
  return {
    rows: new Set(recovered.flatMap(({ data }) => data.lost)),
    unnamed: recovered.reduce((sum, { data }) => sum + (data.unnamed ?? 0), 0),
    before: Math.max(0, ...cuts),
    gone: changes.length > 0 && damages.length > 0 && refused.some(({ data }) => data.code === boardCode.gone),
  };
}

/** Is the time in which the board may still come back over by the end? */
export function isTimeOver(history: History): boolean {
  const { recoversMsMost } = promiseOf(history);
  if (recoversMsMost === null) return true;
  const { strikes, virtualMs } = history;
  const changesMs = boardChanges(history).map(({ nowMs }) => nowMs);
  const liftedMs = strikes.map(({ liftedMs: ms }) => ms ?? Infinity);
  return virtualMs - Math.max(-Infinity, ...changesMs, ...liftedMs) >= recoversMsMost;
}

/**
 * The step from which on the board is the one that is there at the end: of the last one that a person wanted new. Where nobody heard how
 * that ended, since it was killed just then, the old board may be there, but then with all that it had: a single row of it asks for every one.
 */
export function boardFrom({
  observations,
  autopsy,
  deaths,
}: Pick<History, 'observations' | 'autopsy' | 'deaths'>): number {
  const wanted = wordsOf(observations, 'board-created').filter(({ data }) => data.deliberate === true);
  const made = wanted.at(-1)?.step ?? 0;
  const renewing = wordsOf(observations, 'board-renewing').at(-1);
  const begun = renewing?.step ?? 0;
  const isKilled = deaths.some(({ process, step }) => process === renewing?.data.by && step >= begun);
  if (begun <= made || !isKilled) return made;
  const atEnd = keysAtEnd(autopsy);
  const before = wordsOf(observations, 'committed').filter(({ step }) => step > made && step < begun);
  const isOld = atEnd === undefined || before.some(({ data }) => data.keys.some((key) => atEnd.has(key)));
  return isOld ? made : begun;
}

/** What follows of rows that are lost for good: work that is done again, errors in each tick that say that the board is gone. */
const consequences: ReadonlySet<string> = new Set(['one-claim', 'no-wedge', 'bounded-reaction']);

/** The same invariant, but for what follows of a loss that was told, or that leaves no trace. */
export function unlessBothLost(judged: Invariant): Invariant {
  if (!consequences.has(judged.name)) return judged;
  return {
    ...judged,
    check(history) {
      if (promiseOf(history).recoversMsMost === null) return judged.check(history);
      const { rows, unnamed, before, gone } = lostWithBoth(history);
      return gone || (judged.name === 'one-claim' && rows.size + unnamed + before > 0) ? [] : judged.check(history);
    },
  };
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
      // What is lost for good is no-silent-loss's: there it must be named.
      const { rows, unnamed, before, gone } = lostWithBoth(history);
      if (gone || (aboutRows.has(judged.name) && rows.size + unnamed + before > 0)) return [];
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
