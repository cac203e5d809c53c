// What power losses came to, in words, for the terminal, Markdown and the page: one table of all cells that have figures. What stays out: how
// they were tried.
import { type Durability, fileSystemModels } from '../harness/model/file-systems.ts';
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
  'A loss that the strategy promises no better than is a figure; what breaks the promise fails, but where SQLite promises nothing: there it is a figure too.',
  'A strategy with a recovery of its own is judged by what its first use leaves; what SQLite alone would have found is told beside it.',
  'In brackets: 95 % upper bound on the share of runs of which some power loss takes acknowledged rows away.',
];

/** What power losses on one file system came to: `no row lost, 0 of 5 runs (≤ 45 %), 812 disks`. */
export function powerText(figures: PowerFigures): string {
  const { model, runs, losing, losingStates, rowsMost, states, disks, failing, recovered } = figures;
  const bound = upperBoundOf(losing, runs);
  const share = `${losing} of ${count(runs, 'run')}${bound === null ? '' : ` (≤ ${percent(bound)})`}`;
  const lost =
    losing === 0
      ? `no row lost, ${share}`
      : `at most ${count(rowsMost, 'row')} lost, in ${share}, ${figure(losingStates)} of ${count(states, 'state')}`;
  const { promised } = fileSystemModels[model];
  const broken =
    failing === 0
      ? ''
      : `${promised ? 'FAIL in' : 'promised by nobody there, and broken in'} ${count(failing, 'state')}; `;
  const back = recovered > 0 ? `, brought back by its own recovery in ${count(recovered, 'state')}` : '';
  return `${broken}${lost}${back}, ${count(disks, 'disk')}`;
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

/** In a column of a table. */
const promises: { readonly [D in Durability]: string } = {
  acknowledged: 'no row lost',
  order: 'only the last lost',
  nothing: 'nothing',
};

export function promiseOf([first]: readonly PowerFigures[]): string {
  return first === undefined ? '' : promises[first.promise];
}
