// Sentences about copies of database files past SQLite that are of no one moment. What stays out: what a copy was written
// over (tell-files.ts).
import type { CopySet, Copied } from './copies.ts';
import type { Telling } from './telling.ts';
import { listOf } from './words.ts';
import { count } from '../model/count.ts';

/** Copies that are told one by one. */
const setsMax = 2;

export function tellCopies(telling: Telling, sets: readonly CopySet[]): void {
  for (const set of sets.slice(-setsMax)) {
    const { lane, copies, meanwhile } = set;
    const [first] = copies;
    if (first === undefined) continue;
    const writers = meanwhile.map((write) => write.lane);
    const files = listOf([...new Set(meanwhile.map(({ file }) => file))]);
    const reset = meanwhile.find(({ begins }) => begins);
    telling.add(set, {
      step: first.first,
      kind: 'copied',
      sentence:
        `${lane} copied ${listOf(copies.map(copyOf), 4)}; meanwhile ${listOf(writers)} made ${count(meanwhile.length, 'write')} to ` +
        `${files}${reset === undefined ? '' : `, and ${reset.lane} began ${reset.file} anew at step ${reset.step}`}: ` +
        `what was copied is not of one moment.`,
      lanes: [...new Set([lane, ...writers])],
    });
  }
}

function copyOf({ from, to, first, last, pieces }: Copied): string {
  const when = pieces === 1 ? `step ${last}` : `in ${pieces} pieces, steps ${first} to ${last}`;
  return `${from} to ${to} (${when})`;
}
