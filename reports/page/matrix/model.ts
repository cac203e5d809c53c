// The matrix as data: which rows, columns and cells a view shows, and in which order. Pure. What stays out: drawing it.
import type { ResultCell } from '../../results.ts';
import { keyOf, violated } from '../../words.ts';
import type { Report, Verdict } from '../report.ts';

/** A column to sort by: the strategy's name, its failures, or a scenario. `listed`: as in the document. */
export type SortKey = 'listed' | 'name' | 'failures' | `scenario:${string}`;

/**
 * What of the matrix is to be seen.
 *
 * @property engine null for all, stacked in each cell
 * @property verdicts empty for all
 */
export interface View {
  readonly engine: string | null;
  readonly text: string;
  readonly verdicts: ReadonlySet<Verdict>;
  readonly changed: boolean;
  readonly sort: SortKey;
  readonly descending: boolean;
}

export interface Row {
  readonly name: string;
  readonly says: string;
  readonly failures: number;
  readonly total: number;
  /** The cells that are shown, by their key. */
  readonly cells: ReadonlyMap<string, ResultCell>;
  /** Engines of which some cell is shown. */
  readonly engines: readonly string[];
  /** Keys of the cells that a filter hides. */
  readonly hidden: ReadonlySet<string>;
}

export interface Table {
  readonly scenarios: Report['scenarios'];
  readonly rows: readonly Row[];
  readonly shown: number;
}

const severity: Readonly<Record<Verdict, number>> = { fail: 3, error: 2, inconclusive: 1, pass: 0 };

function haystackOf(report: Report, cell: ResultCell, says: string): string {
  const marks = Object.keys(cell.marks);
  const words = [cell.strategy, says, cell.scenario, cell.engine, cell.verdict, ...violated(cell), ...marks];
  if (cell.error !== null) words.push(cell.error.code);
  if (report.changes.has(keyOf(cell))) words.push('changed');
  return words.join(' ').toLowerCase();
}

/** Does the view show this cell? */
function shows(report: Report, view: View, cell: ResultCell, says: string): boolean {
  if (view.engine !== null && cell.engine !== view.engine) return false;
  if (view.verdicts.size > 0 && !view.verdicts.has(cell.verdict)) return false;
  if (view.changed && !report.changes.has(keyOf(cell))) return false;
  const words = view.text.toLowerCase().split(/\s+/);
  const haystack = haystackOf(report, cell, says);
  return words.every((word) => haystack.includes(word));
}

/** How bad a scenario went for a row: the mean over its cells, -1 where it was not run. */
function badness({ cells }: Row, scenario: string): number {
  const own = [...cells.values()].filter((cell) => cell.scenario === scenario);
  if (own.length === 0) return -1;
  return own.reduce((sum, { verdict }) => sum + severity[verdict], 0) / own.length;
}

function compare(a: Row, b: Row, sort: SortKey): number {
  if (sort === 'name') return a.name < b.name ? -1 : Number(a.name > b.name);
  if (sort === 'failures') return a.failures - b.failures || a.failures / a.total - b.failures / b.total;
  if (sort === 'listed') return 0;
  const scenario = sort.slice('scenario:'.length);
  return badness(a, scenario) - badness(b, scenario);
}

/** The matrix as a view shows it. */
export function tableOf(report: Report, view: View): Table {
  const byStrategy = Map.groupBy(report.results.cells, ({ strategy }) => strategy);
  const rows = report.strategies.flatMap(({ name, says }): readonly Row[] => {
    const own = byStrategy.get(name) ?? [];
    const inView = own.filter(({ engine }) => view.engine === null || engine === view.engine);
    const shown = inView.filter((cell) => shows(report, view, cell, says));
    if (shown.length === 0) return [];
    const failures = inView.filter(({ verdict }) => verdict === 'fail').length;
    const cells = new Map(shown.map((cell) => [keyOf(cell), cell]));
    const hidden = new Set(inView.map(keyOf).filter((key) => !cells.has(key)));
    const engines = report.engines.filter((engine) => shown.some((cell) => cell.engine === engine));
    return [{ name, says, failures, total: inView.length, cells, engines, hidden }];
  });
  const direction = view.descending ? -1 : 1;
  const shown = rows.flatMap(({ cells }) => [...cells.values()]);
  const met = new Set(shown.map(({ scenario }) => scenario));
  return {
    scenarios: report.scenarios.filter(({ name }) => met.has(name)),
    rows: rows.toSorted((a, b) => direction * compare(a, b, view.sort)),
    shown: shown.length,
  };
}

/** How many cells have each verdict, on the engine of the view. */
export function countsOf(report: Report, engine: string | null): Readonly<Record<Verdict, number>> {
  const counts = { fail: 0, pass: 0, inconclusive: 0, error: 0 };
  for (const cell of report.results.cells) {
    if (engine === null || cell.engine === engine) counts[cell.verdict] += 1;
  }
  return counts;
}
