// Who waits for whom on a server, and whether that is a circle. What stays out: asking the server (server.ts).

/**
 * PostgreSQL looks for a circle when it has waited so long for a lock (deadlock_timeout, its default), ms: whoever finds one gives up. Under
 * lock step that is virtual time: of those in a circle who began to wait less than so long before it closed, the first gives up, since its
 * look would have come first; who has waited longer has looked already, and found none.
 */
export const deadlockMs = 1000;

/**
 * Those who are in a circle with one who has just begun to wait.
 *
 * @param blockers by who waits: those that it waits for
 * @returns none where it is in no circle
 */
export function inCircle(from: number, blockers: ReadonlyMap<number, readonly number[]>): readonly number[] {
  const reaches = (start: number): ReadonlySet<number> => {
    const seen = new Set<number>();
    const left = [...(blockers.get(start) ?? [])];
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      if (seen.has(next)) continue;
      seen.add(next);
      left.push(...(blockers.get(next) ?? []));
    }
    return seen;
  };
  const after = reaches(from);
  if (!after.has(from)) return [];
  return [from, ...[...after].filter((one) => one !== from && reaches(one).has(from))];
}
