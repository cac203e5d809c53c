// `npm run power-page -- RESULTS.json`: writes docs/power-loss.md, what `lockstep compare --power-only` has found of each incident. What stays
// out: how power losses are tried (harness/search/power-runs.ts), and the words of the table (reports/power-words.ts).
import { readFileSync, writeFileSync } from 'node:fs';
import { fileSystemModels, type ModelName } from '../../harness/model/file-systems.ts';
import { percent } from '../../harness/model/percent.ts';
import { type PowerFigures, sumOfFigures, togetherByModel } from '../../harness/model/power-figures.ts';
import { upperBoundOf } from '../../harness/model/verdict.ts';
import { powerSays, promiseOf } from '../power-words.ts';
import { readResults } from '../read-results.ts';
import type { ResultCell, Results } from '../results.ts';
import { figure } from '../words.ts';

const unique = (names: readonly string[]): string => [...new Set(names)].join(',');

/** What has made the results. */
function commandOf({ cells }: Results, models: readonly string[], runs: number): string {
  const [scenarios, strategies, engines] = (['scenario', 'strategy', 'engine'] as const).map((of) =>
    unique(cells.map((cell) => cell[of])),
  );
  return [
    'npx lockstep compare --short --power-only --no-costs --out power',
    `  --scenarios ${scenarios}`,
    `  --strategies ${strategies} --engines ${engines}`,
    `  --power-loss ${models.join(',')} --power-runs ${runs}`,
  ].join(' \\\n');
}

const page = new URL('../../docs/power-loss.md', import.meta.url);

const rowOf = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

function tableText(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [rowOf(head), rowOf(head.map(() => '---')), ...rows.map(rowOf)].join('\n');
}

/** A cell of a table: `7 rows · 2/10 ≤ 51 %`. */
function shortly({ model, runs, losing, rowsMost, failing, recovered }: PowerFigures): string {
  const bound = upperBoundOf(losing, runs);
  const parts = [
    ...(failing === 0 ? [] : [`${fileSystemModels[model].promised ? '**FAIL**' : 'broken'} ${figure(failing)}`]),
    losing === 0 ? 'none' : `${rowsMost} ${rowsMost === 1 ? 'row' : 'rows'}`,
    `${losing}/${runs}${bound === null ? '' : ` ≤ ${percent(bound)}`}`,
    ...(recovered === 0 ? [] : [`recovered ${figure(recovered)}`]),
  ];
  return parts.join(' · ');
}

const legend = [
  'A cell says the most acknowledged rows that a power loss took away; how many of the recorded runs lost any, with the 95 % upper bound on their share;',
  '`FAIL n`: so many disks break what the strategy promises, `broken n`: and nobody promises anything there; `recovered n`: so many disks on which SQLite alone',
  'would have found less than is promised, and the strategy’s own recovery brought it back.',
].join(' ');

type Row = Pick<ResultCell, 'strategy' | 'powerLoss'>;

function tableOf(models: readonly ModelName[], rows: readonly Row[]): string {
  const cellsOf = ({ strategy, powerLoss }: Row) => [
    `\`${strategy}\``,
    promiseOf(powerLoss),
    ...models.map((model) => {
      const figures = powerLoss.find((one) => one.model === model);
      return figures === undefined ? '–' : shortly(figures);
    }),
  ];
  return tableText(['', 'promised', ...models], rows.map(cellsOf));
}

/** Each strategy once: all of its cells together. */
function inAll(cells: readonly ResultCell[]): readonly Row[] {
  const byStrategy = Map.groupBy(cells, ({ strategy }) => strategy);
  return [...byStrategy].map(([strategy, some]) => ({
    strategy,
    powerLoss: [
      ...togetherByModel(
        some.map(({ powerLoss }) => powerLoss),
        sumOfFigures,
      ),
    ],
  }));
}

/** The page, of a result document. @throws Error where no cell of it has figures */
export function powerPage(results: Results): string {
  const cells = results.cells.filter(({ powerLoss }) => powerLoss.length > 0);
  if (cells.length === 0)
    throw new Error('No cell of these results has figures of power losses: make them with --power-loss.');
  const models = (cells[0]?.powerLoss ?? []).map(({ model }) => model);
  const runs = Math.max(0, ...cells.flatMap((cell) => cell.powerLoss.map((figures) => figures.runs)));
  const byScenario = Map.groupBy(cells, ({ scenario }) => scenario);
  const says = models.map((model) => {
    const { says: what, promised } = fileSystemModels[model];
    return [`\`${model}\``, what, promised ? 'fails a cell' : 'is a figure'];
  });
  return `${[
    '# What power losses take away',
    'Made by `npm run power-page -- power/results.json` of what this leaves; `lockstep crash` does the same with one run:',
    `\`\`\`illustration\n${commandOf(results, models, runs)}\n\`\`\``,
    powerSays.slice(0, -1).join(' '),
    tableText(['file system', '', 'a broken promise'], says),
    `## All incidents together, SQLite ${unique(cells.map(({ engine }) => engine)).replaceAll(',', ', ')}`,
    legend,
    tableOf(models, inAll(cells)),
    ...[...byScenario].flatMap(([scenario, some]) => [`## ${scenario}`, tableOf(models, some)]),
  ].join('\n\n')}\n`;
}

const [path] = process.argv.slice(2);
if (import.meta.main && path !== undefined)
  writeFileSync(page, powerPage(readResults(readFileSync(path, 'utf8'), path)));
