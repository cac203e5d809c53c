// Designs that passed everywhere, side by side: on what evidence, at what cost, and what a maintainer would have to change. In ten lines
// at most, to be pasted into an issue's thread. What stays out: who passed (standing.ts), and layout.
import { percent } from '../harness/model/percent.ts';
import { hazardousCells, inOrder } from './choice.ts';
import { costBeside, costOf, referenceOf } from './cost-words.ts';
import type { ResultChange, Results } from './results.ts';
import { standingsOf, type StrategyStanding } from './standing.ts';
import { count, figure } from './words.ts';

/**
 * A design that passed everywhere.
 *
 * @property changes what it changes of the system as reported, or of the design `as`; empty where the document does not say
 * @property as another design that is told before it, of which it is a variant; null: none
 */
export interface Design {
  readonly strategy: string;
  readonly evidence: string;
  readonly cost: string;
  readonly changes: readonly ResultChange[];
  readonly as: string | null;
}

/** @property more designs that passed everywhere too */
export interface Designs {
  readonly designs: readonly Design[];
  readonly more: number;
}

/** With a line above, three designs of three lines each are ten lines. */
const designsMost = 3;

function evidenceOf(standing: StrategyStanding, short: boolean): string {
  const { cells, passed } = standing;
  const least = Math.min(...passed.map(({ reached }) => reached));
  const worst = Math.max(...passed.map(({ upperBound }) => upperBound ?? 1));
  const hazards = hazardousCells(standing);
  const met = hazards === 0 ? 'no hazard met' : `hazards met in ${count(hazards, 'cell')}`;
  const runs = `${figure(least)} or more ${short ? 'short ' : ''}random runs in the window of each`;
  return `${count(cells.length, 'cell')} passed, ${runs}, failure rate ≤ ${percent(worst)} (95 %); ${met}`;
}

/** `nothing`, `probe=tracked (no raw read …); …`, `as best, but guard=none (…)`. */
function changeWords({ changes, as }: Design): string {
  const words = changes.map(({ axis, to, says }) => `${axis}=${to} (${says})`).join('; ');
  if (as !== null) return `as ${as}, but ${words}`;
  return words === '' ? 'nothing' : words;
}

/**
 * The designs to be set side by side: the one that was taken apart first, where one was, then by hazards and cost.
 *
 * @returns undefined where fewer than two passed everywhere
 */
export function designsBeside(results: Results): Designs | undefined {
  const survived = standingsOf(results).filter(({ standing }) => standing === 'survived');
  if (survived.length < 2) return undefined;
  const { about, costs, ablation } = results;
  const ordered = inOrder(survived, results);
  const whole = ordered.filter(({ strategy }) => strategy === ablation?.strategy);
  const shown = [...whole, ...ordered.filter((one) => !whole.includes(one))].slice(0, designsMost);
  const reference = referenceOf(results);
  const designs = shown.map((standing): Design => {
    const { strategy } = standing;
    const named = about.strategies.find(({ name }) => name === strategy);
    // What differs from a design that is told already is less to read.
    const variant = whole.length === 0 ? undefined : ablation?.variants.find((one) => one.strategy === strategy);
    const changes = variant?.changes ?? named?.changes ?? [];
    const as = variant === undefined ? null : (ablation?.strategy ?? null);
    const beside =
      reference === undefined || reference === strategy ? undefined : costBeside(strategy, reference, costs);
    const cost = costOf(strategy, costs) ?? 'not measured';
    const ratio = beside === undefined ? '' : `; beside ${reference ?? ''}: ${beside}`;
    return { strategy, evidence: evidenceOf(standing, about.short), cost: `${cost}${ratio}`, changes, as };
  });
  return { designs, more: survived.length - designs.length };
}

/** The same as text: at most ten lines. */
export function besideText(designs: Designs, { about }: Pick<Results, 'about'>): string {
  const { version, commit, at, scenarios, engines } = about;
  const code = commit === null ? version : `${version}, commit ${commit.slice(0, 10)}`;
  const where = `${count(scenarios.length, 'scenario')} on SQLite ${engines.join(', ')}`;
  const many = designs.designs.length + designs.more;
  const rest = designs.more === 0 ? '' : `; the first ${figure(designs.designs.length)}`;
  return [
    `${figure(many)} designs did not fail in ${where} (Lockstep ${code}, ${at.slice(0, 10)})${rest}:`,
    ...designs.designs.flatMap((design, i) => [
      `${figure(i + 1)}. ${design.strategy}: ${design.evidence}`,
      `   cost: ${design.cost}`,
      `   change: ${changeWords(design)}`,
    ]),
  ].join('\n');
}
