// Sentences about locks that others waited for: who was refused, how often and for how long, and who had it. What stays
// out: whether the wait was too long (invariants).
import { listOf } from './words.ts';
import type { Refused } from './refusals.ts';
import type { Telling } from './telling.ts';

/** Waits that are told one by one. */
const waitsMax = 2;

/** @param waits the longest first; those for one lock with one holder share a sentence */
export function tellWaits(telling: Telling, waits: readonly Refused[]): void {
  const groups = [...Map.groupBy(waits, (one) => `${one.what} ${one.file} ${holdersOf(one).join()}`).values()];
  for (const group of groups.slice(0, waitsMax)) {
    const [longest] = group;
    if (longest === undefined) continue;
    const { what, file, first, last, times, granted } = longest;
    const lanes = [...new Set(group.map(({ lane }) => lane))];
    const others = lanes.length === 1 ? '' : `; so were ${listOf(lanes.slice(1))}`;
    const until = granted === undefined ? 'and never had it' : `and had it at step ${granted.step}`;
    telling.add(longest, {
      step: first.step,
      kind: 'waited',
      sentence:
        `${longest.lane} was refused ${what} on ${file} ${times} times from here to step ${last.step}, ` +
        `for ${seconds(last.nowMs - first.nowMs)}, ${until}: ${holderSentence(longest)}${others}.`,
      lanes: [...lanes, ...holdersOf(longest)],
    });
  }
}

function holdersOf({ holders }: Refused): readonly string[] {
  return [...holders.values()].toSorted((a, b) => b.times - a.times).map(({ lane }) => lane);
}

function holderSentence(refused: Refused): string {
  const holders = [...refused.holders.values()].toSorted((a, b) => b.times - a.times);
  const [most] = holders;
  if (most === undefined) return 'who had it, the trace does not show';
  const more = holders.length === 1 ? '' : `, as ${listOf(holders.slice(1).map(({ lane }) => lane))} had`;
  const again = most.lastSince === most.since ? '' : `, and again up to step ${most.lastSince}`;
  return `${most.lane} had taken it at step ${most.since}${again}${more}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
