// acknowledged-commits: what a lane was told is committed is there at the end. Lanes leave observations of kind
// `committed` with `{table, keys}` (rows there from then on) after COMMIT has returned; the scenario's autopsy has a
// query of the table's name whose first column is the key. After a power loss that may take the last commits away, it is their
// order that is asked for.
import { type DiskState, diskStates, lossIsExplained } from './damaged-by-plan.ts';
import { outOfOrder } from './commit-order.ts';
import { invariant } from '../../model/invariant.ts';
import { isPresent, type KeysOfRows, keysToBeThere, rowsReadable } from './rows-present.ts';

export const acknowledgedCommits = invariant(
  'acknowledged-commits',
  'harm',
  'every row whose COMMIT was acknowledged is in the database at the end',
  function* (history) {
    for (const state of diskStates(history)) {
      const found = state.givenUp === true || state.promise === 'nothing' ? undefined : lostIn(state);
      if (found === undefined) continue;
      yield found;
      return; // what was lost then is lost later
    }
  },
);

function lostIn(state: DiskState): { readonly message: string; readonly step: number } | undefined {
  if (state.promise === 'order') {
    const found = outOfOrder(state);
    return found === undefined ? undefined : { ...found, message: `${state.says}${found.message}` };
  }
  const present = rowsReadable(state.autopsy);
  let lost = 0;
  let acknowledged = 0;
  let first: { readonly step: number; readonly text: string } | undefined;
  const expected = keysToBeThere(state.observations);
  for (const [place, { kind, data, step, lane }] of state.observations.entries()) {
    if (kind !== 'committed') continue;
    const { table, keys: said } = data as unknown as KeysOfRows;
    const rows = present.get(table) ?? new Set<string>();
    acknowledged += said.length;
    const keys = expected.get(place) ?? [];
    const gone = keys.filter((key) => !isPresent(rows, key) && !lossIsExplained(table, key, state));
    lost += gone.length;
    if (gone.length > 0) first ??= { step, text: `${table} ${JSON.stringify(gone[0])}, acknowledged to ${lane}` };
  }
  if (first === undefined) return undefined;
  const { says, autopsy } = state;
  const journal = autopsy.before.hotJournal ? '; a hot journal was rolled back before they were looked for' : '';
  const message = `${says}${lost} of ${acknowledged} acknowledged rows are gone; the first is ${first.text}${journal}`;
  return { message, step: first.step };
}
