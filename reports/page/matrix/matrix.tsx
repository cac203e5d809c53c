// The matrix: rows a strategy, one for each engine, a column a scenario, each cell a link to its evidence. What stays out: choosing and ordering
// rows (model.ts), moving between cells (keys.ts).
import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { figure, keyOf } from '../../words.ts';
import { type Report, rowIdOf } from '../report.ts';
import { CellLink } from './cell-link.tsx';
import { Term, Terms } from '../parts/terms.tsx';
import { neighbour } from './keys.ts';
import { type Row, type SortKey, type Table, tableOf, type View } from './model.ts';
import { Toolbar } from './toolbar.tsx';
import './matrix.css';

/** More engines than this are not stacked at first: rows would grow too tall to compare. Nor are they on a phone. */
const stackedEnginesMax = 4;
const narrowPx = 600;

function firstEngine({ engines }: Report): string | null {
  const stacked = engines.length > 1 && engines.length <= stackedEnginesMax && innerWidth >= narrowPx;
  return stacked ? null : (engines[0] ?? null);
}

interface HeadProps {
  readonly view: View;
  readonly change: (view: Partial<View>) => void;
  readonly sort: SortKey;
  readonly says?: string;
  readonly children: string;
}

/** A head that sorts: first the worst on top (a name: A on top), then turned round, then as listed. */
function SortHead({ view, change, sort, says, children }: HeadProps): JSX.Element {
  const sorted = view.sort === sort;
  const firstDown = sort !== 'name' && sort !== 'failures';
  const next = (): Partial<View> => {
    if (!sorted) return { sort, descending: firstDown };
    return view.descending === firstDown ? { descending: !firstDown } : { sort: 'listed', descending: false };
  };
  const direction = view.descending ? 'descending' : 'ascending';
  return (
    <th scope="col" aria-sort={sorted ? direction : 'none'} class={`sort-${sort.replace(/:.*/, '')}`}>
      <button type="button" title={says} onClick={() => change(next())}>
        {children}
        <span class="arrow" aria-hidden="true">
          {sorted ? (view.descending ? '↓' : '↑') : ''}
        </span>
      </button>
    </th>
  );
}

interface RowsProps {
  readonly report: Report;
  readonly row: Row;
  readonly table: Table;
  readonly stacked: boolean;
  readonly active: string | undefined;
}

/** A strategy: one row of the table for each engine of which a cell is shown. */
function StrategyRows({ report, row, table, stacked, active }: RowsProps): JSX.Element {
  const span = row.engines.length;
  const inside = (engine: string, scenario: string): JSX.Element => {
    const key = keyOf({ scenario, strategy: row.name, engine });
    const cell = row.cells.get(key);
    if (cell === undefined) return <span class="blank">{row.hidden.has(key) ? 'filtered out' : 'not run'}</span>;
    return <CellLink report={report} cell={cell} tabbable={key === active} />;
  };
  return (
    <tbody id={rowIdOf(row.name)}>
      {row.engines.map((engine, place) => (
        <tr key={engine}>
          {place === 0 && (
            <>
              <th scope="rowgroup" rowSpan={span}>
                <span class="name">{row.name}</span>
                {row.says !== '' && <span class="says">{row.says}</span>}
              </th>
              <td class="failures" rowSpan={span}>
                <b>{figure(row.failures)}</b>
                <span class="soft">/{figure(row.total)}</span>
              </td>
            </>
          )}
          {stacked && (
            <th scope="row" class="engine">
              {engine}
            </th>
          )}
          {table.scenarios.map(({ name }) => (
            <td key={name} class="cells">
              {inside(engine, name)}
            </td>
          ))}
        </tr>
      ))}
    </tbody>
  );
}

/** Which cell the Tab key reaches: the last one that had the focus, if it is still there, else the first. */
function useActive(table: Table): readonly [string | undefined, (key: string) => void] {
  const [last, setLast] = useState<string>();
  const first = table.rows[0];
  const inOrder = first?.engines.flatMap((engine) =>
    table.scenarios.map(({ name }) => keyOf({ scenario: name, strategy: first.name, engine })),
  );
  const stays = last !== undefined && table.rows.some(({ cells }) => cells.has(last));
  return [stays ? last : inOrder?.find((key) => first?.cells.has(key)), setLast];
}

function Grid({
  report,
  view,
  change,
  table,
}: {
  readonly report: Report;
  readonly view: View;
  readonly change: HeadProps['change'];
  readonly table: Table;
}): JSX.Element {
  const [active, setActive] = useActive(table);
  const stacked = view.engine === null;
  const linkAt = (target: EventTarget | null): HTMLAnchorElement | null =>
    target instanceof Element ? target.closest<HTMLAnchorElement>('a[data-cell]') : null;
  const onKeyDown = (event: KeyboardEvent): void => {
    const from = linkAt(event.target);
    const to = from === null || event.altKey ? undefined : neighbour(from, event.key, event.ctrlKey || event.metaKey);
    if (to === undefined) return;
    event.preventDefault();
    to.focus();
  };
  const onFocusIn = (event: FocusEvent): void => {
    const key = linkAt(event.target)?.dataset['cell'];
    if (key !== undefined) setActive(key);
  };
  return (
    <div class="scroll">
      <table
        role="grid"
        style={`--scenarios: ${table.scenarios.length}`}
        aria-describedby="matrix-help"
        onKeyDown={onKeyDown}
        onFocusIn={onFocusIn}
      >
        <caption class="sr">Verdicts: a row for each strategy and engine, a column for each scenario</caption>
        <thead>
          <tr>
            <SortHead view={view} change={change} sort="name">
              Strategy
            </SortHead>
            <SortHead view={view} change={change} sort="failures">
              Failed
            </SortHead>
            {stacked && (
              <th scope="col" class="engine">
                SQLite
              </th>
            )}
            {table.scenarios.map(({ name, says }) => (
              <SortHead key={name} view={view} change={change} sort={`scenario:${name}`} says={says}>
                {name}
              </SortHead>
            ))}
          </tr>
        </thead>
        {table.rows.map((row) => (
          <StrategyRows key={row.name} report={report} row={row} table={table} stacked={stacked} active={active} />
        ))}
      </table>
    </div>
  );
}

export function Matrix({ report }: { readonly report: Report }): JSX.Element | null {
  const [view, setView] = useState<View>(() => ({
    engine: firstEngine(report),
    text: '',
    verdicts: new Set(),
    changed: false,
    sort: 'listed',
    descending: false,
  }));
  const change = (part: Partial<View>): void => setView((before) => ({ ...before, ...part }));
  const table = useMemo(() => tableOf(report, view), [report, view]);
  if (report.results.cells.length === 0) return null;
  return (
    <section id="matrix" class="matrix" aria-labelledby="matrix-title">
      <h2 id="matrix-title">Matrix</h2>
      <Toolbar report={report} view={view} change={change} shown={table.shown} />
      <p id="matrix-help" class="soft small legend">
        A pass shows the 95 % upper <Term name="bound">bound</Term> on the failure rate of a run in the scenario’s
        dangerous <Term name="window">window</Term>, and how many of its runs reached that; an inconclusive cell, how
        many did of those that a pass takes. A failure shows the <Term name="invariant">invariant</Term> that was
        violated, and what found it, in two columns: <Term name="search">search</Term> (# and the number of the{' '}
        <Term name="random run">random run</Term>) and <Term name="memory">memory</Term> (● for a{' '}
        <Term name="shipped plan">shipped plan</Term>); – where that did not.{' '}
        <span class="controls">Arrow keys move between cells, Enter opens one, Escape closes it.</span>
      </p>
      <Terms />
      {table.rows.length === 0 ? (
        <p class="nothing">No cell is like that.</p>
      ) : (
        <Grid report={report} view={view} change={change} table={table} />
      )}
    </section>
  );
}
