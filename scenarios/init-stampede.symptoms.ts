// What the reports of init-stampede saw, and how to tell whether a run saw it too. Pure functions of the history.
import type { History } from '../harness/model/history.ts';
import type { Symptom } from '../harness/model/symptom.ts';
import { boardCode } from '../src/board-file/board-error.ts';
import { noFalseAlarm } from '../src/oracle/no-false-alarm.ts';
import { wordsOf } from '../src/oracle/said.ts';

/** Openers that waited 10 s and went on without the lock. */
function fellThrough({ observations }: History): string | undefined {
  const skipped = observations.filter(({ kind }) => kind === 'init-lock-skipped');
  const [first] = skipped;
  if (first === undefined) return undefined;
  return `${skipped.length} openers went on without the lock; the first is ${first.lane}, at ${first.nowMs / 1000} s`;
}

/** By the guard of a first connect; or by the check of #99c19eb2f, which was there until the end of July, after a commit. */
function judgedCorrupt({ observations }: History): string | undefined {
  const refusals = wordsOf(observations, 'corrupt-error', 'call-failed', 'tick-failed').filter(
    ({ kind, data }) => kind === 'corrupt-error' || data.code === boardCode.tornExtend,
  );
  const [first] = refusals;
  return first && `${refusals.length} verdicts; the first is of ${first.lane}: ${first.data.code}`;
}

function backups({ observations }: History): string | undefined {
  const made = wordsOf(observations, 'backup');
  const bytes = made.reduce((sum, { data }) => sum + data.bytes, 0);
  return made.length < 2 ? undefined : `${made.length} backups, ${bytes} bytes`;
}

export const symptoms: readonly Symptom[] = [
  {
    reported: 'first openers wait for the init lock until their 10 s are over, and go on without it',
    see: fellThrough,
  },
  { reported: 'openers judge the board corrupt', see: judgedCorrupt },
  { reported: 'backups of it pile up', see: backups },
  {
    reported: 'the board is sound: the alarm was false',
    see: (history) => noFalseAlarm.check(history)[0]?.message,
  },
];
