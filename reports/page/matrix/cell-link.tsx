// One cell of the matrix: verdict, and in few signs what it is worth or how it failed. What stays out: its evidence.
import type { JSX } from 'preact';
import { runsNeeded } from '../../../harness/model/verdict.ts';
import { percent } from '../../../harness/model/percent.ts';
import type { ResultCell } from '../../results.ts';
import { count, figure, foundBy, keyOf, listOf, missingWords, nameOf, violated } from '../../words.ts';
import { Icon } from '../parts/icon.tsx';
import { changeOf, hrefOf, type Report, verdictWords } from '../report.ts';

/** How often the window was reached: of random runs, and by replays. */
function windowOf({ reached, runs, reachedByReplay }: ResultCell): string {
  const replays = reachedByReplay === 0 ? '' : ` and ${count(reachedByReplay, 'replay')}`;
  return `window reached in ${figure(reached)} of ${count(runs, 'run')}${replays}`;
}

/** What the signs of the cell mean, for those who hear them. */
function meaningOf(report: Report, cell: ResultCell): string {
  const parts: string[] = [];
  if (cell.verdict === 'fail') parts.push(`violates ${listOf(violated(cell))}`, foundBy(cell));
  if (cell.error !== null) parts.push(cell.error.code);
  if (cell.upperBound !== null) parts.push(`failure rate in the window at most ${percent(cell.upperBound)}`);
  if (cell.upperBoundAllRuns !== null) parts.push(`of any run at most ${percent(cell.upperBoundAllRuns)}`);
  if (cell.verdict !== 'error') parts.push(windowOf(cell));
  if (cell.verdict === 'inconclusive') parts.push(missingWords(cell, report.results.about.bound));
  const change = changeOf(report, cell);
  if (change !== undefined) parts.push(`changed since the baseline: ${change}`);
  return parts.map((part) => `; ${part}`).join('');
}

function reasonOf(cell: ResultCell): string {
  if (cell.error !== null) return cell.error.code;
  const [first = '', ...more] = violated(cell);
  return more.length === 0 ? first : `${first} +${more.length}`;
}

/** A pass: its bound, and how many of its runs reached the window. Inconclusive: how many did of those that a pass takes. */
function worthOf({ verdict, upperBound, reached, runs }: ResultCell, bound: number): string {
  return verdict === 'pass'
    ? `≤ ${percent(upperBound ?? 1)} · ${figure(reached)}/${figure(runs)}`
    : `${figure(reached)} of ${figure(runsNeeded(bound))} in window`;
}

/** Search and memory: the number of the random run that failed, and whether a shipped plan did. */
function Found({ cell: { failedRun, shipped } }: { readonly cell: ResultCell }): JSX.Element {
  return (
    <span class="found" aria-hidden="true">
      <span>{failedRun === null ? '–' : `#${figure(failedRun)}`}</span>
      <span>{shipped === null ? '–' : '●'}</span>
    </span>
  );
}

interface Props {
  readonly report: Report;
  readonly cell: ResultCell;
  /** Whether the Tab key stops here: at one cell of the matrix only. */
  readonly tabbable: boolean;
}

export function CellLink({ report, cell, tabbable }: Props): JSX.Element {
  const { verdict } = cell;
  const change = changeOf(report, cell);
  const failed = verdict === 'fail' || verdict === 'error';
  return (
    <a
      class={`cell ${verdict}`}
      href={hrefOf(cell)}
      data-cell={keyOf(cell)}
      title={violated(cell).length > 1 ? violated(cell).join(', ') : undefined}
      tabIndex={tabbable ? 0 : -1}
    >
      <span class="sr">{nameOf(cell)}: </span>
      <span class={`verdict ${verdict}`}>
        <Icon verdict={verdict} />
        {verdictWords[verdict]}
      </span>
      {verdict === 'fail' && <Found cell={cell} />}
      <span class="worth" aria-hidden="true">
        {failed ? reasonOf(cell) : worthOf(cell, report.results.about.bound)}
      </span>
      {change !== undefined && (
        <span class="change" aria-hidden="true">
          {change}
        </span>
      )}
      <span class="sr">{meaningOf(report, cell)}</span>
    </a>
  );
}
