// `npm run server-table -- RESULTS.json`: writes the table of docs/postgres.md, how a board in a PostgreSQL server does beside one on files. What
// stays out: the words around it, which are a person's.
import { readFileSync, writeFileSync } from 'node:fs';
import { percent } from '../../harness/model/percent.ts';
import { readResults } from '../read-results.ts';
import type { ResultCell, Results } from '../results.ts';

const page = new URL('../../docs/postgres.md', import.meta.url);

/** What stands between these in docs/postgres.md is made of a result document. */
const begin = '<!-- comparison: made by `npm run server-table -- server/results.json` -->\n';
const end = '<!-- end of comparison -->\n';

const rowOf = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

function foundBy({ failedRun, runs, shipped }: ResultCell): string {
  const search = failedRun === null ? `by none of ${runs} random runs` : `by random run ${failedRun}`;
  return shipped === null ? search : `by a shipped plan, ${search}`;
}

/** What does not fail in a cell that does: who looks for rows wants to know that none is gone. */
function othersOf({ invariants, violations }: ResultCell): string {
  const failing = new Set(violations.map(({ invariant }) => invariant));
  const others = invariants.filter(({ name, verdict }) => verdict !== 'fail' && !failing.has(name));
  if (others.length === 0) return '';
  const reached = Math.min(...others.map((one) => one.reached));
  const bounds = others.map(({ upperBound }) => upperBound);
  const bound = bounds.includes(null) ? '' : `, ≤ ${percent(Math.max(...bounds.map(Number)))}`;
  return `; nothing else in ${reached} in the window${bound}`;
}

function cellText(cell: ResultCell | undefined): string {
  if (cell === undefined) return '–';
  const { verdict, runs, reached, upperBound, invariants, violations, error } = cell;
  if (error !== null) return `error \`${error.code}\``;
  if (verdict === 'inconclusive') return `${reached} of ${runs} runs in the window, none failed`;
  if (verdict === 'pass')
    return `**passes**: ${reached} in the window${upperBound === null ? '' : `, ≤ ${percent(upperBound)}`}`;
  const names = invariants.filter((one) => one.verdict === 'fail').map(({ name }) => name);
  const named = (names.length > 0 ? names : violations.map(({ invariant }) => invariant)).map((name) => `\`${name}\``);
  return `**fails**: ${[...new Set(named)].join(', ')} (${foundBy(cell)})${othersOf(cell)}`;
}

/** @throws Error where the cells are of several engines, whose table it is not */
export function serverTable({ cells }: Results): string {
  const engines = [...new Set(cells.map(({ engine }) => engine))];
  if (engines.length !== 1) throw new Error(`The table is of one engine, and these results are of ${engines.length}.`);
  const scenarios = [...new Set(cells.map(({ scenario }) => scenario))];
  const strategies = [...new Set(cells.map(({ strategy }) => strategy))];
  const head = ['incident', ...strategies.map((name) => `\`${name}\``)];
  const of = (scenario: string, strategy: string) =>
    cells.find((cell) => cell.scenario === scenario && cell.strategy === strategy);
  const rows = scenarios.map((scenario) => [
    `\`${scenario}\``,
    ...strategies.map((strategy) => cellText(of(scenario, strategy))),
  ]);
  return [head, head.map(() => '---'), ...rows].map(rowOf).join('\n');
}

/** The page with this table. @throws where it has no place for one */
export function withServerTable(text: string, results: Results): string {
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error('docs/postgres.md has no place for the comparison.');
  return `${text.slice(0, from)}${begin}${serverTable(results)}\n${text.slice(to)}`;
}

const [path] = process.argv.slice(2);
if (import.meta.main && path !== undefined)
  writeFileSync(page, withServerTable(readFileSync(page, 'utf8'), readResults(readFileSync(path, 'utf8'), path)));
