// Delta debugging (Zeller and Hildebrandt, TSE 2002): the smallest part of a list with which something still happens.
// What stays out: what the list holds and what happens.

/**
 * Takes entries away, large pieces first, as long as `holds` says that the rest still does it.
 *
 * @param holds asked about ever smaller lists; never about `items` itself, for which it is known to be true
 * @returns a list from which no single entry can be taken away, unless `holds` began to refuse everything (a spent budget)
 */
export async function minimise<T>(
  items: readonly T[],
  holds: (rest: readonly T[]) => Promise<boolean>,
): Promise<readonly T[]> {
  let kept = items;
  let piece = kept.length;
  while (piece >= 1 && kept.length > 0) {
    let changed = false;
    for (let from = Math.max(0, kept.length - piece); ; from = Math.max(0, from - piece)) {
      const rest = [...kept.slice(0, from), ...kept.slice(from + piece)];
      if (rest.length < kept.length && (await holds(rest))) {
        kept = rest;
        changed = true;
      }
      if (from === 0) break;
    }
    if (piece === 1 && !changed) break;
    piece = piece === 1 ? 1 : Math.ceil(Math.min(piece, kept.length) / 2);
  }
  return kept;
}
