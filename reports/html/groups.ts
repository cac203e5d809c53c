// What has one verdict, grouped by scenario and then by the engines on which strategies have it. Pure. What stays out: the
// sentences of the answer (answer.ts).
import type { ResultCell, Results } from '../results.ts';
import { doubtOf, doubts, listOf, violated } from '../words.ts';

/**
 * Strategies that have one verdict of a scenario on the same engines.
 *
 * @property where such as `on every engine`, `on 3.50.4 only`
 * @property strategies each with the first cell that has the verdict
 */
export interface Group {
  readonly where: string;
  readonly strategies: readonly { readonly name: string; readonly cell: ResultCell }[];
}

/**
 * What has one verdict in one scenario.
 *
 * @property strategies that have the verdict somewhere, of all that were compared in this scenario
 * @property reasons invariants that were violated, codes of errors, or why nothing is shown: the most frequent first, and
 *   in how many cells
 */
export interface ScenarioGroups {
  readonly scenario: string;
  readonly strategies: number;
  readonly of: number;
  readonly groups: readonly Group[];
  readonly reasons: readonly (readonly [name: string, cells: number])[];
}

function whereOf(engines: readonly string[], compared: readonly string[], all: number): string {
  if (all === 1) return `on ${engines[0] ?? ''}`;
  if (engines.length === compared.length) return compared.length === all ? 'on every engine' : `on ${listOf(engines)}`;
  return engines.length === 1 ? `on ${engines[0] ?? ''} only` : `on ${listOf(engines)}`;
}

function reasonsIn(cell: ResultCell): readonly string[] {
  if (cell.error !== null) return [cell.error.code];
  return cell.verdict === 'inconclusive' ? [doubts[doubtOf(cell)]] : violated(cell);
}

function reasonsOf(cells: readonly ResultCell[]): ScenarioGroups['reasons'] {
  const reasons = new Map<string, number>();
  for (const cell of cells) {
    for (const name of reasonsIn(cell)) reasons.set(name, (reasons.get(name) ?? 0) + 1);
  }
  return [...reasons].toSorted((a, b) => b[1] - a[1]);
}

/** What has `verdict`, in the order in which the scenarios stand in the document. */
export function groupsOf({ cells, about }: Results, verdict: ResultCell['verdict']): readonly ScenarioGroups[] {
  return [...Map.groupBy(cells, ({ scenario }) => scenario)].flatMap(([scenario, all]) => {
    const having = all.filter((cell) => cell.verdict === verdict);
    if (having.length === 0) return [];
    const byStrategy = Map.groupBy(having, ({ strategy }) => strategy);
    const named = [...byStrategy].flatMap(([name, own]) => {
      const [cell] = own;
      const engines = own.map(({ engine }) => engine);
      const compared = all.filter(({ strategy }) => strategy === name).map(({ engine }) => engine);
      return cell === undefined ? [] : [{ where: whereOf(engines, compared, about.engines.length), name, cell }];
    });
    const groups = [...Map.groupBy(named, ({ where }) => where)].map(([where, strategies]) => ({ where, strategies }));
    return [
      {
        scenario,
        strategies: byStrategy.size,
        of: new Set(all.map(({ strategy }) => strategy)).size,
        groups: groups.toSorted((a, b) => b.strategies.length - a.strategies.length),
        reasons: reasonsOf(having),
      },
    ];
  });
}

/** The one reason that all groups have; undefined when there are several. */
export function onlyReason(groups: readonly ScenarioGroups[]): string | undefined {
  const [reason, ...more] = new Set(groups.flatMap(({ reasons }) => reasons.map(([name]) => name)));
  return more.length === 0 ? reason : undefined;
}
