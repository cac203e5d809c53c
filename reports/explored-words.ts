// What runs have explored, in sentences: how much is known, what the next run would show, whether more are worth while. What stays out: the
// estimators (harness/model/unseen.ts), and drawing (page/).
import type { Explored } from '../harness/model/explored.ts';
import { chanceOfNew, isPlateau, leastInAll, newIn, plateauRuns } from '../harness/model/unseen.ts';
import { percent } from '../harness/model/percent.ts';
import { count, figure } from './words.ts';

/** Fewer runs say nothing about those to come. */
const runsLeast = 10;

/** @returns sentences without full stops; none where too few runs were drawn */
export function exploredWords(explored: Explored): readonly string[] {
  const { runs, meetings } = explored;
  const chance = chanceOfNew(meetings, runs);
  if (chance === null || runs < runsLeast || meetings.seen === 0) return [];
  const least = Math.round(leastInAll(meetings, runs));
  return [
    `lanes met in ${figure(meetings.seen)} ways in ${count(runs, 'independent run')}, of at least about ${figure(least)}; ` +
      `one more run shows a new one with a probability of ${percent(chance.chance)} (at most ${percent(chance.most)})`,
    ordersWords(explored),
    worthWords(explored),
  ];
}

function ordersWords({ orders, runs }: Explored): string {
  const chance = chanceOfNew(orders, runs)?.chance ?? 1;
  return `they met in ${count(orders.seen, 'order')}; one more run takes a new one with a probability of ${percent(chance)}`;
}

function worthWords(explored: Explored): string {
  if (isPlateau(explored))
    return `less than one run in ${plateauRuns} still shows a new way to meet: more of the same promise little, other workloads, faults or strategies more`;
  const more = Math.round(newIn(explored.meetings, explored.runs, explored.runs));
  return `as many runs again would show about ${figure(more)} new ways to meet: going on is worth while until less than one run in ${plateauRuns} shows one`;
}
