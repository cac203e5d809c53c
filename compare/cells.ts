// Which cells a comparison has: every scenario under every strategy on every engine, or those that a person names; and the
// part of them that is one shard's. What stays out: running them.
import { createHash } from 'node:crypto';
import { catalogue } from '../harness/engines/catalogue.ts';
import { findServer } from '../harness/postgres/find-server.ts';
import { usageError } from '../harness/errors/errors.ts';
import { canonicalStrategy } from '../harness/model/judge-claim.ts';
import type { Scenario } from '../harness/model/scenario.ts';
import { checkCatalogue } from '../harness/run/check-scenario.ts';
import { findScenario, findStrategy } from '../scenarios/find.ts';
import { namesOf, usualScenarios } from '../scenarios/known.ts';

/** One cell: a scenario under a strategy on an engine. */
export interface CellName {
  readonly scenario: string;
  readonly strategy: string;
  readonly engine: string;
}

/** One part of a comparison, from 1 on. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

export interface Selection {
  readonly scenarios?: string | undefined;
  readonly strategies?: string | undefined;
  readonly engines?: string | undefined;
  readonly shard?: Shard | undefined;
}

/**
 * @property cells this shard's, or all
 * @property all of all shards together
 */
export interface Selected {
  readonly scenarios: readonly Scenario[];
  readonly engines: readonly string[];
  readonly cells: readonly CellName[];
  readonly all: readonly CellName[];
}

export function keyOf({ scenario, strategy, engine }: CellName): string {
  return `${scenario}/${strategy}/${engine}`;
}

/** A name for files of a cell. Names of scenarios, strategies and engines have no slash. */
export function slugOf({ scenario, strategy, engine }: CellName): string {
  return `${scenario}-${strategy}-${engine}`;
}

/** Where the plan of a failing cell is, below the folder of the comparison. */
export function planFileOf(cell: CellName): string {
  return `plans/${slugOf(cell)}.json`;
}

/** Names as a person lists them, with commas; each once. */
function listed(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  return [...new Set(names.filter((name) => name !== ''))];
}

/**
 * The cells of a selection, engine by engine, so that processes are reused; the same for the same names. A strategy that a
 * scenario does not have is left out there, as long as another scenario has it.
 *
 * @param selection names with commas, of scenarios or of families; by default a person's own scenarios, or else all that come with Lockstep, their
 *   strategies (those that need a PostgreSQL server only where this machine has one), and the engines that come with Lockstep (not those that a user added)
 * @throws a usage error for a name that is unknown everywhere, when two scenarios mean different things by one name, or when
 *   nothing is left
 */
export function selectCells(selection: Selection): Selected {
  const names =
    selection.scenarios === undefined
      ? usualScenarios().map(({ name }) => name)
      : listed(selection.scenarios).flatMap(namesOf);
  const scenarios = names.map((name) => findScenario(name));
  checkCatalogue(scenarios);
  const engines = selection.engines === undefined ? installedEngines() : listed(selection.engines);
  const strategiesOf = strategiesIn(scenarios, selection.strategies);
  const cells = engines.flatMap((engine) =>
    scenarios.flatMap((scenario) =>
      (strategiesOf.get(scenario) ?? []).map((strategy) => ({ scenario: scenario.name, strategy, engine })),
    ),
  );
  const { shard } = selection;
  const mine = shard === undefined ? cells : partOf(cells, shard);
  if (mine.length > 0) return { scenarios, engines, cells: mine, all: cells };
  throw usageError(
    'NO_CELLS',
    cells.length === 0
      ? 'There is nothing to compare: no scenario has a strategy of those.'
      : `There are only ${cells.length} cells, so shard ${shard?.index} of ${shard?.of} has none.`,
    cells.length === 0 ? '`npx lockstep list` says what there is.' : 'Use fewer shards.',
  );
}

/** Every n-th cell in an order that no list of names follows: a shard is no single strategy. In the order of all cells. */
function partOf(cells: readonly CellName[], { index, of }: Shard): readonly CellName[] {
  const places = new Map(cells.map((cell) => [cell, createHash('sha256').update(keyOf(cell)).digest('hex')]));
  const shuffled = cells.toSorted((a, b) => ((places.get(a) ?? '') < (places.get(b) ?? '') ? -1 : 1));
  const mine = new Set(shuffled.filter((_cell, i) => i % of === index - 1));
  return cells.filter((cell) => mine.has(cell));
}

/** Those that this machine can run, each once: where it has no PostgreSQL, who wants a strategy that needs one names it, and is told what is missing. */
function strategiesHere({ strategies, server }: Scenario): readonly string[] {
  const all = strategies.filter(({ sameAs }) => sameAs === undefined).map(({ name }) => name);
  return server === undefined || findServer() !== undefined ? all : all.filter((name) => !server.needed(name));
}

function strategiesIn(
  scenarios: readonly Scenario[],
  names: string | undefined,
): ReadonlyMap<Scenario, readonly string[]> {
  if (names === undefined) return new Map(scenarios.map((one) => [one, strategiesHere(one)]));
  const found = new Map<Scenario, string[]>(scenarios.map((scenario) => [scenario, []]));
  // `a+b` and `b+a` are one strategy: the first name counts.
  const once = new Map(
    listed(names)
      .toReversed()
      .map((name) => [canonicalStrategy(name), name]),
  );
  for (const name of listed(names).filter((one) => once.get(canonicalStrategy(one)) === one)) {
    const refusals: unknown[] = [];
    for (const scenario of scenarios)
      try {
        found.get(scenario)?.push(findStrategy(scenario, name));
      } catch (error) {
        refusals.push(error);
      }
    if (refusals.length === scenarios.length) throw refusals[0];
  }
  return found;
}

/** Engines that come with the installation: nothing is fetched for them. */
export function installedEngines(): readonly string[] {
  return catalogue.filter(({ installedAs }) => installedAs !== undefined).map(({ name }) => name);
}
