// The costs of a comparison's strategies: on one engine, in what time there is. What stays out: measuring (cli/costs/).
import { DEFAULT_ENGINE } from '../../harness/engines/catalogue.ts';
import type { Scenario } from '../../harness/model/scenario.ts';
import type { LaneBinaries } from '../../harness/run/pool.ts';
import type { ResultCost } from '../../reports/results.ts';
import { isKanban } from '../../scenarios/kanban/is-kanban.ts';
import { crowdSizes as sizes, leastTimeMs, measureCosts } from '../costs/measure.ts';
import type { CellName } from '../../compare/cells.ts';

/**
 * @property strategies from {@link costedIn}
 * @property timeMs real milliseconds for the whole; the largest crowds are left out where it is too little for them
 */
interface CostsAsked {
  readonly strategies: readonly string[];
  readonly cells: readonly CellName[];
  readonly machines: ReadonlyMap<string, LaneBinaries>;
  readonly seed: number;
  readonly timeMs: number;
  readonly stop: () => boolean;
  readonly onProgress: (what: string) => void;
}

/**
 * The strategies that are costed, each once: those of cells whose scenario is one of the kanban system. Another system's may
 * have the name of one of these, and is another strategy.
 */
export function costedIn(cells: readonly CellName[], scenarios: readonly Scenario[]): readonly string[] {
  const kanban = new Set(scenarios.filter(isKanban).map(({ name }) => name));
  return [...new Set(cells.filter(({ scenario }) => kanban.has(scenario)).map(({ strategy }) => strategy))];
}

/**
 * Time for the costs of a comparison that takes `timeMs` (null: bounded by runs): a fifth, or less where that is plenty.
 *
 * @param strategies so many are costed
 */
export function costTimeMs(strategies: number, timeMs: number | null): number {
  if (strategies === 0) return 0;
  const plenty = 2 * leastTimeMs(strategies, sizes);
  return timeMs === null ? plenty : Math.min(plenty, timeMs / 5);
}

/** On the engine of the reports where it is among the cells, else on their first. */
export function costsOf({ strategies, cells, machines, timeMs, ...rest }: CostsAsked): Promise<readonly ResultCost[]> {
  const engines = cells.map(({ engine }) => engine);
  const engine = engines.find((name) => name === DEFAULT_ENGINE) ?? engines[0];
  const machine = machines.get(engine ?? '');
  if (engine === undefined || machine === undefined || strategies.length === 0) return Promise.resolve([]);
  const fitting = sizes.filter((_size, i) => leastTimeMs(strategies.length, sizes.slice(0, i + 1)) <= timeMs);
  const gateways = fitting.length > 0 ? fitting : sizes.slice(0, 1);
  return measureCosts({ strategies, engine, machine, gateways, budget: { timeMs }, ...rest });
}
