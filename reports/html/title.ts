// The title of a report: what a browser's tab and a list of bookmarks show. What stays out: the answer (answer.ts).
import type { Results } from '../results.ts';
import { figure } from '../words.ts';

/** How many cells failed of how many. */
export function titleOf({ cells }: Pick<Results, 'cells'>): string {
  if (cells.length === 0) return 'Nothing was run';
  const failed = cells.filter(({ verdict }) => verdict === 'fail').length;
  return `${figure(failed)} of ${figure(cells.length)} cells failed`;
}
