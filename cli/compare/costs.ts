// The costs of a comparison's strategies: on one engine, in what time there is. What stays out: measuring (cli/costs/).
import { DEFAULT_ENGINE } from '../../harness/engines/catalogue.ts';
import type { Machine } from '../../harness/schedule/pool.ts';
import type { ResultCost } from '../../reports/results.ts';
import { parseStrategy } from '../../src/strategies/parse.ts';
import { crowdSizes as sizes, leastTimeMs, measureCosts } from '../costs/measure.ts';
import type { CellName } from './cells.ts';

/** @property timeMs real milliseconds for the whole; the largest crowds are left out where it is too little for them */
interface CostsAsked {
  readonly cells: readonly CellName[];
  readonly machines: ReadonlyMap<string, Machine>;
  readonly seed: number;
  readonly timeMs: number;
  readonly stop: () => boolean;
  readonly onProgress: (what: string) => void;
}

/** The strategies of these cells that are the kanban system's, each once. */
function strategiesOf(cells: readonly CellName[]): readonly string[] {
  const isKanban = (name: string): boolean => {
    try {
      parseStrategy(name);
      return true;
    } catch {
      return false;
    }
  };
  return [...new Set(cells.map(({ strategy }) => strategy))].filter(isKanban);
}

/** Time for the costs of a comparison that takes `timeMs` (null: bounded by runs): a fifth, or less where that is plenty. */
export function costTimeMs(cells: readonly CellName[], timeMs: number | null): number {
  const plenty = 2 * leastTimeMs(strategiesOf(cells).length, sizes);
  return timeMs === null ? plenty : Math.min(plenty, timeMs / 5);
}

/** On the engine of the reports where it is among the cells, else on their first. */
export function costsOf({ cells, machines, timeMs, ...rest }: CostsAsked): Promise<readonly ResultCost[]> {
  const strategies = strategiesOf(cells);
  const engines = cells.map(({ engine }) => engine);
  const engine = engines.find((name) => name === DEFAULT_ENGINE) ?? engines[0];
  const machine = machines.get(engine ?? '');
  if (engine === undefined || machine === undefined || strategies.length === 0) return Promise.resolve([]);
  const fitting = sizes.filter((_size, i) => leastTimeMs(strategies.length, sizes.slice(0, i + 1)) <= timeMs);
  const gateways = fitting.length > 0 ? fitting : sizes.slice(0, 1);
  return measureCosts({ strategies, engine, machine, gateways, budget: { timeMs }, ...rest });
}
