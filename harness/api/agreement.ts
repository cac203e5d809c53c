// A ready invariant for programs that say nothing: what two queries of the scenario give at the end. What stays out: the queries
// (`queries` of the scenario).
import type { History } from '../model/history.ts';
import { type Invariant, invariant } from '../model/invariant.ts';

/** What a query has given, as text; undefined where it could not be asked. */
function answerOf({ autopsy }: History, query: string): string | undefined {
  const rows = autopsy.queries[query];
  return Array.isArray(rows) ? JSON.stringify(rows) : undefined;
}

/**
 * Two queries give the same at the end of a run: the sum of all accounts and what was paid in, a counter and the rows that it counts. A
 * query that cannot be asked is another invariant's (`integrity`).
 *
 * @param name one word
 * @param says what holds then, in a sentence
 * @param one, other names of two of the scenario's `queries`
 */
export function agree(name: string, says: string, one: string, other: string): Invariant {
  return invariant(name, 'harm', says, function* (history) {
    const [left, right] = [answerOf(history, one), answerOf(history, other)];
    if (left === undefined || right === undefined || left === right) return;
    yield { message: `\`${one}\` gives ${left} at the end, and \`${other}\` ${right}` };
  });
}
