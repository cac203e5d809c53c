// Which of several strategies that passed everywhere comes first, and by which rule. What stays out: who passed (standing.ts).
import { costsWhereAll } from './cost-words.ts';
import type { ResultCost, Results } from './results.ts';
import { named, say, type Sentence } from './sentence.ts';
import type { StrategyStanding } from './standing.ts';
import { count, figure, listOf } from './words.ts';

/** In how many of its cells a strategy met a hazard. */
export function hazardousCells({ cells }: StrategyStanding): number {
  return cells.filter(({ hazards }) => hazards.length > 0).length;
}

/** What hazards say of strategies: those that met them in the fewest cells, and a clause. */
function byHazards(standings: readonly StrategyStanding[]) {
  const fewest = Math.min(...standings.map(hazardousCells));
  const left = standings.filter((one) => hazardousCells(one) === fewest);
  const met = (cells: number): string => (cells === 0 ? 'no hazard' : `hazards in ${count(cells, 'cell')}`);
  if (left.length === standings.length)
    return { left, clause: fewest === 0 ? 'none met a hazard' : `each met ${met(fewest)}` };
  const others = Math.min(...standings.filter((one) => !left.includes(one)).map(hazardousCells));
  const names = listOf(left.map(({ strategy }) => strategy));
  return { left, clause: `${names} met ${met(fewest)}, every other one in ${count(others, 'cell')} or more` };
}

/** What costs say of strategies: the one with the most commits a second where its interval lies above all others', and a clause. */
function byCost(standings: readonly StrategyStanding[], results: Results) {
  const names = standings.map(({ strategy }) => strategy);
  const costs = costsWhereAll(names, results.costs);
  const [first, second] = costs.toSorted((a, b) => b.commitsPerSecond - a.commitsPerSecond);
  if (first === undefined || second === undefined)
    return { left: standings, clause: 'what they cost was not measured side by side' };
  const where = `${count(first.gateways, 'gateway')}, SQLite ${first.engine}`;
  const others = costs.filter((cost) => cost !== first);
  if (others.some(({ commitsPerSecondInterval: { high } }) => high >= first.commitsPerSecondInterval.low))
    return { left: standings, clause: `their commits a second are alike within their 95 % intervals (${where})` };
  const rate = ({ commitsPerSecond }: ResultCost): string => figure(Math.round(commitsPerSecond));
  const clause = `${first.strategy} made ${rate(first)} commits a second, the next, ${second.strategy}, ${rate(second)} (${where})`;
  return { left: standings.filter(({ strategy }) => strategy === first.strategy), clause };
}

/**
 * Which of several strategies that passed everywhere comes first, and by which rule: none failed; then the fewest cells in
 * which a hazard was met; then the most commits a second. Bounds rank nobody: they say how sure a pass is, and follow from
 * how many runs there was time for.
 */
export function choiceSentences(survivors: readonly StrategyStanding[], results: Results): readonly Sentence[] {
  if (survivors.length < 2) return [];
  const { left, clause } = byHazards(survivors);
  const cost = left.length < 2 ? undefined : byCost(left, results);
  const first = cost?.left ?? left;
  const rule = 'by failures, then hazards, then cost';
  const because = ['none failed', clause, ...(cost === undefined ? [] : [cost.clause])].join('; ');
  if (first.length === survivors.length) return [say('choice', `None of these comes first ${rule}: ${because}.`)];
  const come = first.length === 1 ? 'comes' : 'come';
  return [
    say('choice', 'Of these, ', ...named(first.map(({ strategy }) => strategy)), ` ${come} first ${rule}: ${because}.`),
  ];
}

/** By the same rule, all of them: the fewest cells in which a hazard was met first, then the most commits a second. */
export function inOrder(survivors: readonly StrategyStanding[], { costs }: Results): readonly StrategyStanding[] {
  const measured = costsWhereAll(
    survivors.map(({ strategy }) => strategy),
    costs,
  );
  const rate = ({ strategy }: StrategyStanding): number =>
    measured.find((cost) => cost.strategy === strategy)?.commitsPerSecond ?? 0;
  return survivors.toSorted((a, b) => hazardousCells(a) - hazardousCells(b) || rate(b) - rate(a));
}
