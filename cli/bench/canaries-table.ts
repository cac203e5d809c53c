// What searches of the canaries came to, as a table. What stays out: searching (canaries.ts).
import { median } from './statistics.ts';

/**
 * @property seconds real, from nothing to the confirmed find, or to the last run
 * @property inWindow runs that reached the moment in which the bug does its harm
 * @property found invariants that were violated; none: nothing was found
 */
export interface Search {
  readonly engine: string;
  readonly seed: number;
  readonly seconds: number;
  readonly runs: number;
  readonly inWindow: number;
  readonly found: readonly string[];
}

export interface Canary {
  readonly name: string;
  readonly searches: readonly Search[];
}

const head = ['canary', 'found', 'median s', 'most s', 'median runs', 'most runs', 'runs/s'];

/** The middle and the most of those that have found something, with so many digits. */
function spread(numbers: readonly number[], digits: number): readonly [string, string] {
  if (numbers.length === 0) return ['-', '-'];
  return [median(numbers).toFixed(digits), Math.max(...numbers).toFixed(digits)];
}

const rateOf = (searches: readonly Search[]): string => {
  const sum = (of: (one: Search) => number) => searches.reduce((all, one) => all + of(one), 0);
  return searches.length === 0 ? '-' : (sum(({ runs }) => runs) / sum(({ seconds }) => seconds)).toFixed(1);
};

/**
 * @param withBug the engine on which each search should find something
 * @param mended the one on which none should
 */
export function canariesTable(canaries: readonly Canary[], withBug: string, mended: string): string {
  const rows = canaries.map(({ name, searches }) => {
    const here = searches.filter(({ engine }) => engine === withBug);
    const there = searches.filter(({ engine }) => engine === mended);
    const hits = here.filter(({ found }) => found.length > 0);
    const clean = there.map(({ runs, inWindow, found }) =>
      found.length === 0 ? `nothing in ${runs} runs, ${inWindow} of them in the window` : `${found[0]} in run ${runs}`,
    );
    return [
      name,
      `${hits.length} of ${here.length}`,
      ...spread(
        hits.map(({ seconds }) => seconds),
        1,
      ),
      ...spread(
        hits.map(({ runs }) => runs),
        0,
      ),
      rateOf([...here, ...there]),
      clean.join('; '),
    ];
  });
  const all = [[...head, `on ${mended}`], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  const lines = all.map((row) =>
    row
      .map((cell, i) => (i === 0 || i === row.length - 1 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
  return [`The WAL-reset bug on ${withBug}, by blind search, one seed after the other:`, ...lines].join('\n');
}
