// What power losses came to, in words, for the terminal, Markdown and the page: one table of all cells that have figures. What stays out: how
// they were tried.
import { durabilitySays } from '../harness/model/file-systems.ts';
import { percent } from '../harness/model/percent.ts';
import type { PowerFigures } from '../harness/model/power-figures.ts';
import { upperBoundOf } from '../harness/model/verdict.ts';
import type { ResultCell, Results } from './results.ts';
import { count, figure } from './words.ts';

/** Of each cell a row, of each file system a column. */
export interface PowerTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** How to read the table, as sentences. */
export const powerSays: readonly string[] = [
  'Recorded runs lose their power at each of their moments, on each file system; every disk that may be left is opened by a fresh process.',
  'A loss that the strategy promises no better than is a figure; what breaks the promise fails.',
  'In brackets: 95 % upper bound on the share of runs of which some power loss takes acknowledged rows away.',
];

/** What power losses on one file system came to: `no row lost, 0 of 5 runs (≤ 45 %), 812 disks`. */
export function powerText({ runs, losing, losingStates, rowsMost, states, disks, failing }: PowerFigures): string {
  const bound = upperBoundOf(losing, runs);
  const share = `${losing} of ${count(runs, 'run')}${bound === null ? '' : ` (≤ ${percent(bound)})`}`;
  const lost =
    losing === 0
      ? `no row lost, ${share}`
      : `at most ${count(rowsMost, 'row')} lost, in ${share}, ${figure(losingStates)} of ${count(states, 'state')}`;
  return `${failing === 0 ? '' : `FAIL in ${count(failing, 'state')}; `}${lost}, ${count(disks, 'disk')}`;
}

/** @returns undefined where no cell has figures */
export function powerTable({ cells }: Pick<Results, 'cells'>): PowerTable | undefined {
  const having = cells.filter(({ powerLoss }) => powerLoss.length > 0);
  const models = [...new Set(having.flatMap(({ powerLoss }) => powerLoss.map(({ model }) => model)))];
  if (models.length === 0) return undefined;
  const rowOf = ({ scenario, strategy, engine, powerLoss }: ResultCell) => [
    scenario,
    strategy,
    engine,
    promiseOf(powerLoss),
    ...models.map((model) => {
      const figures = powerLoss.find((one) => one.model === model);
      return figures === undefined ? '–' : powerText(figures);
    }),
  ];
  return { head: ['scenario', 'strategy', 'SQLite', 'promised', ...models], rows: having.map(rowOf) };
}

function promiseOf([first]: readonly PowerFigures[]): string {
  return first === undefined ? '' : durabilitySays[first.promise];
}
