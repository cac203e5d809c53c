// The result document, with what the page looks up in it again and again. What stays out: components.
import type { About, ResultCell, Results } from '../results.ts';
import { type CellName, keyOf } from '../words.ts';

export type Verdict = ResultCell['verdict'];
export type Change = NonNullable<Results['baseline']>['changes'][number];
type Named = About['strategies'][number];

export interface Report {
  readonly results: Results;
  readonly cells: ReadonlyMap<string, ResultCell>;
  readonly changes: ReadonlyMap<string, Change>;
  /** In the order of the document, also those that only cells name. */
  readonly strategies: readonly Named[];
  readonly scenarios: readonly (Named & { readonly window: string; readonly source: string })[];
  readonly engines: readonly string[];
  /** What invariants and marks say. */
  readonly says: ReadonlyMap<string, string>;
}

function withUnnamed<T extends Named>(listed: readonly T[], names: readonly string[], make: (name: string) => T): T[] {
  const known = new Set(listed.map(({ name }) => name));
  return [...listed, ...[...new Set(names)].filter((name) => !known.has(name)).map(make)];
}

export function reportOf(results: Results): Report {
  const { about, cells, baseline } = results;
  const run = new Set(cells.map(({ engine }) => engine));
  return {
    results,
    cells: new Map(cells.map((cell) => [keyOf(cell), cell])),
    changes: new Map((baseline?.changes ?? []).map((change) => [keyOf(change), change])),
    strategies: withUnnamed(
      about.strategies,
      cells.map(({ strategy }) => strategy),
      (name) => ({ name, says: '' }),
    ),
    scenarios: withUnnamed(
      about.scenarios,
      cells.map(({ scenario }) => scenario),
      (name) => ({ name, says: '', window: '', source: '', engine: '' }),
    ),
    engines: [
      ...about.engines.filter((engine) => run.has(engine)),
      ...[...run].filter((e) => !about.engines.includes(e)),
    ],
    says: new Map([...about.invariants, ...about.marks].map(({ name, says }) => [name, says])),
  };
}

/** Runs and replays of a cell: what its marks count. */
export function triesOf({ runs, replayed }: ResultCell): number {
  return runs + replayed;
}

/** Address of a cell within the page. */
export function hrefOf({ scenario, strategy, engine }: CellName): string {
  const parts = [scenario, strategy, engine].map((part) =>
    encodeURIComponent(part.toWellFormed()).replaceAll('%2B', '+'),
  );
  return `#cell=${parts.join('/')}`;
}

/** Which cell an address names; undefined when it names none. */
export function cellNameIn(hash: string): CellName | undefined {
  const parts = /^#cell=([^/]+)\/([^/]+)\/([^/]+)$/.exec(hash)?.slice(1);
  try {
    const [scenario, strategy, engine] = parts?.map(decodeURIComponent) ?? [];
    return scenario === undefined || strategy === undefined || engine === undefined
      ? undefined
      : { scenario, strategy, engine };
  } catch {
    return undefined;
  }
}

export const rowIdOf = (strategy: string): string => `row-${strategy}`;

/** Copies of these for words. */
export const verdictWords: Readonly<Record<Verdict, string>> = {
  fail: 'Fail',
  pass: 'Pass',
  inconclusive: 'Inconclusive',
  error: 'Error',
};

/** What changed in a cell since the baseline, in words; undefined when nothing did. */
export function changeOf(report: Report, cell: CellName): string | undefined {
  const change = report.changes.get(keyOf(cell));
  if (change === undefined) return undefined;
  return change.before === null ? 'new' : `was ${change.before}`;
}
