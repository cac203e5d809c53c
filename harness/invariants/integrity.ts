// integrity: the database opens, and integrity_check, quick_check, foreign_key_check and a walk of every
// index beside its table agree; unless the plan itself has damaged it.
import { damagedByPlan } from './damaged-by-plan.ts';
import { invariant } from './invariant.ts';

export const integrity = invariant(
  'integrity',
  'harm',
  'the database opens, is sound by integrity_check, and every index is what its table makes it',
  function* (history) {
    if (damagedByPlan(history)) return;
    const { autopsy } = history;
    if (autopsy.opened !== 'ok') {
      yield { message: `a fresh process cannot read the database: ${autopsy.opened}` };
      return;
    }
    const complaints = new Set([...autopsy.integrity, ...autopsy.quick].filter((line) => line !== 'ok'));
    if (complaints.size > 0) yield { message: `integrity_check says: ${[...complaints].slice(0, 3).join(' | ')}` };
    if (autopsy.foreignKeys < 0) yield { message: 'foreign_key_check cannot be run' };
    if (autopsy.foreignKeys > 0) {
      yield { message: `foreign_key_check finds ${autopsy.foreignKeys} rows without a parent` };
    }
    for (const { table, rows, indexes } of autopsy.tables) {
      for (const { index, rows: inIndex, difference } of indexes) {
        if (JSON.stringify(rows) !== JSON.stringify(inIndex)) {
          yield { message: `table ${table} has ${say(rows)} rows, its index ${index} ${say(inIndex)}` };
        } else if (difference !== undefined) {
          yield { message: `index ${index} is not what table ${table} makes it: ${difference}` };
        }
      }
    }
  },
);

function say(rows: number | { readonly error: string }): string {
  return typeof rows === 'number' ? String(rows) : rows.error;
}
