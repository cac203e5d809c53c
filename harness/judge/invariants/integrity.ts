// integrity: the database opens, and integrity_check, quick_check, foreign_key_check and a walk of every
// index beside its table agree; what the plan itself has damaged aside. It is judged after recovery, as whoever opens the
// database next finds it; where that is unsound, what it was before recovery is told beside it.
import {
  type DiskState,
  diskStates,
  lineIsExplained,
  orphansAreExplained,
  unreadableByPlan,
  walkIsExplained,
} from './damaged-by-plan.ts';
import { invariant } from '../../model/invariant.ts';

export const integrity = invariant(
  'integrity',
  'harm',
  'the database opens, is sound by integrity_check, and every index is what its table makes it',
  function* (history) {
    for (const state of diskStates(history)) {
      const found = state.givenUp === true ? [] : [...unsound(state)];
      const recovery = recoveryOf(state);
      for (const message of found) yield { message: `${state.says}${message}${recovery}` };
      if (found.length > 0) return; // what was wrong then is wrong later
    }
  },
);

function* unsound(state: DiskState): Iterable<string> {
  const { autopsy } = state;
  if (autopsy.opened !== 'ok') {
    if (!unreadableByPlan(state)) yield `a fresh process cannot read the database: ${autopsy.opened}`;
    return;
  }
  const rows = new Set([...autopsy.integrity, ...autopsy.quick].filter((row) => row !== 'ok'));
  const complaints = [...rows].filter((row) => row.split('\n').some((line) => isComplaint(line, state)));
  if (complaints.length > 0) yield `integrity_check says: ${complaints.slice(0, 3).join(' | ')}`;
  if (!orphansAreExplained(state)) {
    if (autopsy.foreignKeys < 0) yield 'foreign_key_check cannot be run';
    if (autopsy.foreignKeys > 0) yield `foreign_key_check finds ${autopsy.foreignKeys} rows without a parent`;
  }
  for (const { table, rows: inTable, indexes } of autopsy.tables) {
    for (const { index, rows: inIndex, difference } of indexes) {
      if (walkIsExplained(table, index, state)) continue;
      if (JSON.stringify(inTable) !== JSON.stringify(inIndex)) {
        yield `table ${table} has ${say(inTable)} rows, its index ${index} ${say(inIndex)}`;
      } else if (difference !== undefined) {
        yield `index ${index} is not what table ${table} makes it: ${difference}`;
      }
    }
  }
}

function isComplaint(line: string, state: DiskState): boolean {
  return line !== 'ok' && !/^\*\*\* in database .* \*\*\*$/.test(line) && !lineIsExplained(line, state);
}

/** What recovery had a hand in, where there was one: unsound by it, or unsound before it. */
function recoveryOf({ autopsy: { before } }: DiskState): string {
  if (!before.hotJournal && before.walPages === 0) return '';
  const by = before.hotJournal ? 'a hot journal was rolled back' : `${before.walPages} pages came from -wal`;
  const alone = before.opened === 'ok' && before.integrity.join() === 'ok' ? 'sound' : 'unsound';
  return ` (before that ${by}; the file by itself was ${alone})`;
}

function say(rows: number | { readonly error: string }): string {
  return typeof rows === 'number' ? String(rows) : rows.error;
}
