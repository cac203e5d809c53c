// lockstep tour, which `npm start` calls: the first incident from end to end. Reproduces it, then explores it under its
// strategies on the three engines and prints the matrix. What stays out: the comparison of everything (`compare`).
import { availableParallelism } from 'node:os';
import { catalogue, DEFAULT_ENGINE, PREBUILT_ENGINE } from '../../harness/engines/catalogue.ts';
import { listEngines } from '../../harness/engines/list.ts';
import type { Scenario } from '../../harness/explore/scenario.ts';
import { search, type SearchResult } from '../../harness/explore/search.ts';
import { reproductionOf } from '../corpus.ts';
import type { Violation } from '../../harness/invariants/invariant.ts';
import { findScenario, scenarioModule } from '../find-scenario.ts';
import { type Interrupt, listenForInterrupt } from '../interrupt.ts';
import { machinesFor } from '../machine.ts';
import type { AddCommand } from '../main.ts';
import { wholeNumber } from '../options.ts';
import type { Output } from '../output.ts';
import { missesSymptom, reproduce, type Reproduction, shippedViolations } from '../reproduce.ts';
import { percent, verdictWord } from '../words.ts';
import { tell } from './reproduce.ts';

interface TourOptions {
  readonly runs: number;
  readonly jobs: number;
}

const incident = 'wal-unlink-wedge';

/** The reported engine, the last with the WAL-reset bug, and the current one. */
function tourEngines(): readonly string[] {
  const lastVulnerable = catalogue.filter(({ walResetBug }) => walResetBug).at(-1)?.name;
  return [DEFAULT_ENGINE, ...(lastVulnerable === undefined ? [] : [lastVulnerable]), PREBUILT_ENGINE];
}

/** What random schedules did in a cell, and what the shipped plans did when those found nothing. */
interface Cell extends SearchResult {
  readonly shipped: readonly Violation[];
  readonly strategy: string;
  readonly engine: string;
}

async function tour(output: Output, { runs, jobs }: TourOptions): Promise<number> {
  const scenario = findScenario(incident);
  const plan = reproductionOf(incident);
  const engines = tourEngines();
  const claimed = scenario.claims.map(({ engine }) => engine);
  const machines = await machinesFor([...new Set([...engines, ...claimed])], output);
  using interrupt = listenForInterrupt();
  const stop = () => interrupt.requested;
  const seen = await reproduce({ scenario, plan, machines, claimRuns: runs, jobs, output, stop });
  tell(output, seen);
  const cells: Cell[] = [];
  for (const strategy of scenario.strategies.map(({ name }) => name)) {
    for (const [engine, machine] of machines) {
      if (stop()) return ended(interrupt, output, scenario, seen, cells);
      if (!engines.includes(engine)) continue;
      output.status(`${incident}: ${strategy} on ${engine}`);
      const options = { scenario, scenarioModule, machine, strategy, engine, parameters: scenario.parameters };
      const result = await search({ ...options, seed: 1, chooser: 'preemptions', runs, jobs, stop });
      const shipped = result.verdict === 'fail' ? [] : await shippedViolations(scenario, strategy, engine, machine);
      cells.push({ strategy, engine, shipped, ...result });
    }
  }
  matrix(output, engines, cells);
  return ended(interrupt, output, scenario, seen, cells);
}

function ended(
  interrupt: Interrupt,
  output: Output,
  scenario: Scenario,
  reproduction: Reproduction,
  cells: readonly Cell[],
): number {
  output.result({
    format: 1,
    reproduction,
    cells: cells.map(({ strategy, engine, verdict, runs, upperBound, marks, violations, hash, shipped }) => {
      return { scenario: incident, strategy, engine, verdict, runs, upperBound, marks, violations, hash, shipped };
    }),
  });
  if (interrupt.requested) return interrupt.exitCode;
  return missesSymptom(scenario, reproduction) ? 1 : 0;
}

function names(violations: readonly Violation[]): string {
  return [...new Set(violations.map(({ invariant }) => invariant))].join(', ');
}

function matrix(output: Output, engines: readonly string[], cells: readonly Cell[]): void {
  const strategies = [...new Set(cells.map(({ strategy }) => strategy))];
  const cellText = (cell: Cell | undefined): string => {
    if (cell === undefined) return '';
    const word = verdictWord(output, cell.verdict);
    if (cell.verdict === 'fail') {
      return `${word} in run ${cell.runs}: ${names(cell.violations)}`;
    }
    if (cell.shipped.length > 0)
      return `${output.paint('red', 'FAIL')} by a shipped plan: ${names(cell.shipped)}; random: ${word}, ${cell.runs} runs`;
    return cell.upperBound === null ? word : `${word}, ${cell.runs} runs (< ${percent(cell.upperBound)})`;
  };
  output.say();
  output.say(
    output.paint('bold', `${incident}: each strategy on each SQLite: random schedules, and the shipped plans`),
  );
  output.table([
    ['', ...engines.map((engine) => `SQLite ${engine}`)],
    ...strategies.map((strategy) => [
      strategy,
      ...engines.map((engine) => cellText(cells.find((cell) => cell.strategy === strategy && cell.engine === engine))),
    ]),
  ]);
  const failed = cells.filter(({ verdict }) => verdict === 'fail');
  if (failed.length > 0) output.say();
  for (const { strategy, engine, violations } of failed) {
    output.say(`  ${strategy} on ${engine}: ${violations[0]?.invariant}: ${violations[0]?.message}`);
  }
  const known = listEngines().length;
  output.say();
  output.say(
    `A cell again, with its plan: npx lockstep run ${incident} --strategy NAME --engine VERSION (${known} engines are known).`,
  );
}

export const tourCommand: AddCommand = (program, act) => {
  program
    .command('tour')
    .description('what `npm start` does: reproduces the first incident, then tries its fixes on three SQLite versions')
    .option('--runs <n>', 'runs of each cell', wholeNumber(1), 20)
    .option('--jobs <n>', 'coordinators side by side', wholeNumber(1, 64), Math.min(availableParallelism(), 8))
    .action(act(tour));
};
