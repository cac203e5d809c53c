// `npm run power-page -- RESULTS.json`: writes docs/power-loss.md, what `lockstep compare --power-only` has found of each incident. What stays
// out: how power losses are tried (harness/search/power-runs.ts), and the words of the table (reports/power-words.ts).
import { readFileSync, writeFileSync } from 'node:fs';
import { fileSystemModels } from '../../harness/model/file-systems.ts';
import { powerSays, powerTable } from '../power-words.ts';
import { readResults } from '../read-results.ts';
import type { Results } from '../results.ts';

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

/** The page, of a result document. @throws Error where no cell of it has figures */
export function powerPage(results: Results): string {
  const table = powerTable(results);
  if (table === undefined)
    throw new Error('No cell of these results has figures of power losses: make them with --power-loss.');
  const { powerLoss } = results.cells.find((cell) => cell.powerLoss.length > 0) ?? { powerLoss: [] };
  const models = powerLoss.map(({ model }) => model);
  const runs = Math.max(0, ...results.cells.flatMap((cell) => cell.powerLoss.map((figures) => figures.runs)));
  const says = models.map((model) => {
    const { says: what, promised } = fileSystemModels[model];
    return [`\`${model}\``, what, promised ? 'fails a cell' : 'is a figure'];
  });
  return `${[
    '# What power losses take away',
    'Made by `npm run power-page -- power/results.json` of what this leaves; `lockstep crash` does the same with one run:',
    `\`\`\`illustration\n${commandOf(results, models, runs)}\n\`\`\``,
    powerSays.join(' '),
    tableText(['file system', '', 'a broken promise'], says),
    '## Each incident, under each strategy',
    tableText(table.head, table.rows),
  ].join('\n\n')}\n`;
}

const [path] = process.argv.slice(2);
if (import.meta.main && path !== undefined)
  writeFileSync(page, powerPage(readResults(readFileSync(path, 'utf8'), path)));
