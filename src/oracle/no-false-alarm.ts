// no-false-alarm: a board that was never damaged is never quarantined, backed up as corrupt, or refused. False alarms were
// half of the story: "invalid" cried while integrity_check was ok (#31158), quarantine on a passing I/O error (#31226),
// the torn-extend check that saw a WAL as damage (#45525). Never damaged means: sound at the end, no fault and no person
// had changed the file before, and SQLite itself had found no fault with it. What stays out: alarms about a board that
// SQLite finds malformed, in whatever process; that is damage, and the other invariants look for its cause.
import { invariant } from '../../harness/model/invariant.ts';
import { boardCode } from '../board-file/board-error.ts';
import { changesFromOutside } from './disturbances.ts';
import { type Word, wordsOf } from './said.ts';
import { isSound } from './soundness.ts';

/** Codes by which the system itself, not SQLite, says that the board is not what it should be. */
const refusals: ReadonlySet<string> = new Set([boardCode.corrupt, boardCode.gone, boardCode.tornExtend]);

/** What the header check says is not SQLite's, though it uses its code. */
const headerCheck = '_validate_sqlite_header';

interface Said {
  readonly code: string;
  readonly message?: string;
  readonly statement?: string;
}

/** SQLite's own verdict: by its code, or in the words of the guard that asked it. */
function isVerdict({ code, message = '', statement }: Said): boolean {
  if (statement === headerCheck) return false;
  const quoted = /integrity_check returned|database disk image is malformed|file is not a database/;
  return /^SQLITE_(CORRUPT|NOTADB)/.test(code) || quoted.test(message);
}

const kinds = ['tick-failed', 'call-failed', 'corrupt-error', 'backup', 'quarantined'] as const;
type Alarm = Word<(typeof kinds)[number]>;

/** The step of SQLite's first verdict. A backup is made just before the verdict that it is made for is observed. */
function verdictStep(words: readonly Alarm[]): number {
  const index = words.findIndex(({ data }) => 'code' in data && isVerdict(data));
  const verdict = words[index];
  if (verdict === undefined) return Infinity;
  const before = words.slice(0, index).findLast(({ lane }) => lane === verdict.lane);
  return before?.kind === 'backup' ? before.step : verdict.step;
}

function alarmOf(word: Alarm): string | undefined {
  const { kind, lane, data } = word;
  switch (kind) {
    case 'quarantined':
      return `${data.by} put ${data.board} into quarantine`;
    case 'backup':
      return `${data.by} made the backup ${data.name} of it as corrupt`;
    case 'corrupt-error':
      return `${data.by} refused ${data.board} as corrupt (${data.code})`;
    case 'tick-failed':
    case 'call-failed':
      return refusals.has(data.code) ? `${lane} refused the board (${data.code})` : undefined;
    default:
      return kind satisfies never;
  }
}

export const noFalseAlarm = invariant(
  'no-false-alarm',
  'harm',
  'a board that was never damaged is never quarantined, backed up as corrupt, or refused',
  function* (history) {
    if (!isSound(history.autopsy)) return;
    const alarms = wordsOf(history.observations, ...kinds);
    const damagedFrom = Math.min(verdictStep(alarms), ...changesFromOutside(history).map(({ step }) => step));
    const told = new Set<string>();
    for (const word of alarms) {
      if (word.step >= damagedFrom) return;
      const alarm = alarmOf(word);
      if (alarm === undefined || told.has(word.kind)) continue;
      told.add(word.kind);
      yield {
        message: `${alarm} at step ${word.step}, but nothing had damaged it by then, and at the end it is sound`,
        step: word.step,
      };
    }
  },
);
