// One cell of the matrix: verdict, and in few signs what it is worth or how it failed. What stays out: its evidence.
import type { JSX } from 'preact';
import type { ResultCell } from '../../results.ts';
import { count, figure, keyOf, listOf, nameOf, percent, violated } from '../../words.ts';
import { Icon } from '../parts/icon.tsx';
import { changeOf, hrefOf, type Report, triesOf, verdictWords } from '../report.ts';

/** How often the window was reached: of random runs, and by replays. */
function windowOf({ reached, runs, reachedByReplay }: ResultCell): string {
  const replays = reachedByReplay === 0 ? '' : ` and ${count(reachedByReplay, 'replay')}`;
  return `window reached in ${figure(reached)} of ${count(runs, 'run')}${replays}`;
}

/** What the signs of the cell mean, for those who hear them. */
function meaningOf(report: Report, cell: ResultCell): string {
  const parts: string[] = [];
  if (cell.verdict === 'fail') parts.push(`violates ${listOf(violated(cell))}`, `in ${count(triesOf(cell), 'run')}`);
  if (cell.error !== null) parts.push(cell.error.code);
  if (cell.upperBound !== null) parts.push(`failure rate at most ${percent(cell.upperBound)}`);
  if (cell.verdict !== 'error') parts.push(windowOf(cell));
  const change = changeOf(report, cell);
  if (change !== undefined) parts.push(`changed since the baseline: ${change}`);
  return parts.map((part) => `; ${part}`).join('');
}

function reasonOf(cell: ResultCell): string {
  if (cell.error !== null) return cell.error.code;
  const [first = '', ...more] = violated(cell);
  return more.length === 0 ? first : `${first} +${more.length}`;
}

/** In a line: a pass's bound and how many of its runs reached the window; else why it failed, or that it changed. */
function Line({ cell, change }: { readonly cell: ResultCell; readonly change: string | undefined }): JSX.Element {
  const { verdict, upperBound, reached, runs } = cell;
  const failed = verdict === 'fail' || verdict === 'error';
  return (
    <>
      <span class={`verdict ${verdict}`}>
        <Icon verdict={verdict} />
        {verdictWords[verdict]}
      </span>
      {change === undefined ? (
        <span class="worth" aria-hidden="true">
          {failed ? reasonOf(cell) : `${upperBound === null ? '' : `≤ ${percent(upperBound)} · `}${reached}/${runs}`}
        </span>
      ) : (
        <span class="worth" aria-hidden="true">
          <span class="change">{change}</span>
        </span>
      )}
    </>
  );
}

/** The long form, for one engine: two lines. */
function Block({ cell, change }: { readonly cell: ResultCell; readonly change: string | undefined }): JSX.Element {
  const { verdict, upperBound } = cell;
  const tries = count(triesOf(cell), 'run');
  const marks = `${figure(cell.reached + cell.reachedByReplay)} in window`;
  return (
    <>
      <span class={`verdict ${verdict}`}>
        <Icon verdict={verdict} />
        {verdictWords[verdict]}
      </span>
      <span class="worth" aria-hidden="true">
        {verdict === 'fail' || verdict === 'error' ? reasonOf(cell) : upperBound !== null && `≤ ${percent(upperBound)}`}
      </span>
      <span class="effort" aria-hidden="true">
        {tries} · {marks}
      </span>
      {change !== undefined && (
        <span class="change" aria-hidden="true">
          {change}
        </span>
      )}
    </>
  );
}

interface Props {
  readonly report: Report;
  readonly cell: ResultCell;
  readonly stacked: boolean;
  /** Whether the Tab key stops here: at one cell of the matrix only. */
  readonly tabbable: boolean;
}

export function CellLink({ report, cell, stacked, tabbable }: Props): JSX.Element {
  const change = changeOf(report, cell);
  return (
    <a
      class={`cell ${cell.verdict} ${stacked ? 'line' : 'block'}`}
      href={hrefOf(cell)}
      data-cell={keyOf(cell)}
      data-engine={cell.engine}
      title={cell.violations.length > 1 ? violated(cell).join(', ') : undefined}
      tabIndex={tabbable ? 0 : -1}
    >
      <span class="sr">{nameOf(cell)}: </span>
      {stacked ? <Line cell={cell} change={change} /> : <Block cell={cell} change={change} />}
      <span class="sr">{meaningOf(report, cell)}</span>
    </a>
  );
}
