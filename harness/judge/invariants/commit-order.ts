// commit-order: where the last commits may be lost, none is lost before one that is there. A lane observes `committed` after COMMIT
// has returned; a transaction that any lane began to commit later than that, by its `committing`, or that the same lane was told of
// later, came after it.
import type { History, Observation } from '../../model/history.ts';
import type { Json } from '../../model/values.ts';
import { invariant } from '../../model/invariant.ts';
import { isPresent, type KeysOfRows, keysToBeThere, rowsReadable } from './rows-present.ts';

/**
 * A transaction of which a row is there that none before it had.
 *
 * @property kind `committing`: it was committed after `step`; `committed`: before, and its lane had been told of all its earlier ones
 */
interface Kept {
  readonly kind: 'committing' | 'committed';
  readonly step: number;
  readonly lane: string;
  readonly says: string;
}

export const commitOrder = invariant(
  'commit-order',
  'harm',
  'no acknowledged commit is lost before one that is there',
  function* (history) {
    const found = outOfOrder(history);
    if (found !== undefined) yield found;
  },
);

/** The first acknowledged commit that is lost while a later one is there. */
export function outOfOrder({
  observations,
  autopsy,
}: Pick<History, 'observations' | 'autopsy'>): { readonly message: string; readonly step: number } | undefined {
  const present = rowsReadable(autopsy);
  const isThere = (table: string, key: Json) => isPresent(present.get(table) ?? new Set(), key);
  const kept = keptIn(observations, isThere);
  const expected = keysToBeThere(observations);
  for (const [place, { kind, data, step, lane }] of observations.entries()) {
    if (kind !== 'committed') continue;
    const { table } = data as unknown as KeysOfRows;
    const gone = (expected.get(place) ?? []).find((key) => !isThere(table, key));
    if (gone === undefined) continue;
    const later = kept.find((one) => one.step > step && (one.kind === 'committing' || one.lane === lane));
    if (later === undefined) continue;
    const lost = `${table} ${JSON.stringify(gone)}, acknowledged to ${lane}, is gone`;
    return { message: `${lost}, while ${later.says} of ${later.lane}, committed after it, is there`, step };
  }
  return undefined;
}

function keptIn(observations: readonly Observation[], isThere: (table: string, key: Json) => boolean): readonly Kept[] {
  const known = new Set<string>();
  return observations.flatMap(({ kind, data, step, lane }) => {
    if (kind !== 'committing' && kind !== 'committed') return [];
    const { table, keys } = data as unknown as KeysOfRows;
    const says = keys.map((key) => ({ key, text: `${table} ${JSON.stringify(key)}` }));
    const there = says.find(({ key, text }) => !known.has(text) && isThere(table, key));
    for (const { text } of says) known.add(text);
    return there === undefined ? [] : [{ kind, step, lane, says: there.text }];
  });
}
