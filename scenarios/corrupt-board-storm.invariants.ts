// What corrupt-board-storm asks beside the invariants of every scenario: does the board break by itself? The plan damages it
// in most runs, and then nothing can be said of its end; but before that it must be sound, whoever was killed.
import type { History } from '../harness/model/history.ts';
import { invariant } from '../harness/model/invariant.ts';
import { boardCode } from '../src/board-file/board-error.ts';
import { changesFromOutside } from '../src/oracle/disturbances.ts';

/** The health guard's verdict, and SQLite's own. */
const damaged = new RegExp(`^(${boardCode.corrupt}$|SQLITE_CORRUPT|SQLITE_NOTADB)`);

interface Verdict {
  readonly code?: string;
  readonly message?: string;
  readonly integrity?: string;
}

/** Where somebody meets damage, a person with integrity_check too. */
function* verdicts({ observations }: History) {
  for (const { kind, data, step, lane } of observations) {
    const { code = '', message = code, integrity } = (data ?? {}) as Verdict;
    if (kind === 'fresh-read' && integrity !== undefined && integrity !== 'ok') yield { step, lane, said: integrity };
    if (kind === 'corrupt-error' && damaged.test(code)) yield { step, lane, said: message };
  }
}

export const soundUntilDamaged = invariant(
  'sound-until-damaged',
  'harm',
  'nobody finds the board damaged before the plan or a person has touched its file, whoever was killed',
  function* (history) {
    const touched = Math.min(...changesFromOutside(history).map(({ step }) => step));
    for (const { step, lane, said } of verdicts(history)) {
      if (step > touched) return;
      yield { message: `${lane} found the board damaged, which nobody had touched from outside: ${said}`, step };
      return;
    }
  },
);
