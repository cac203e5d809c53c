// Which shards of a comparison are not there: what one document, or several that were merged, lack of the whole. What stays
// out: interruptions (standing.ts), and words (answer.ts).
import type { About } from './results.ts';

/** What a part lists: what it compares. */
type Listed = Pick<About, 'scenarios' | 'strategies' | 'engines'>;

/** @property shard as in About; null: the part is no shard */
type Part = Listed & Pick<About, 'shard'>;

/**
 * Shards of one split that are not there.
 *
 * @property of how many parts it was split into
 * @property missing their places, from 1 on
 * @property scenarios of the comparison that they are of
 */
export interface MissingShards {
  readonly of: number;
  readonly missing: readonly number[];
  readonly scenarios: readonly string[];
}

interface Shard extends Listed {
  readonly index: number;
  readonly of: number;
}

function namesOf(listed: readonly { readonly name: string }[]): readonly string[] {
  return listed.map(({ name }) => name);
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}

/** Everything that these list, as one set. */
function contentOf(parts: readonly Listed[]): ReadonlySet<string> {
  return new Set(
    parts.flatMap(({ scenarios, strategies, engines }) => [
      ...namesOf(scenarios).map((name) => `scenario ${name}`),
      ...namesOf(strategies).map((name) => `strategy ${name}`),
      ...engines.map((engine) => `engine ${engine}`),
    ]),
  );
}

/**
 * Shards by the split that they are of: every shard lists all scenarios of its comparison, so that those with others are of
 * another one. Of strategies and engines a shard lists only those that its own cells have: they tell nothing.
 */
function splitsOf(shards: readonly Shard[]): readonly (readonly Shard[])[] {
  const key = ({ of, scenarios }: Shard): string => JSON.stringify([of, unique(namesOf(scenarios)).toSorted()]);
  return [...Map.groupBy(shards, key).values()];
}

function missingOf(split: readonly Shard[]): readonly number[] {
  const [{ of } = { of: 0 }] = split;
  const there = new Set(split.map(({ index }) => index));
  return Array.from({ length: of }, (_, i) => i + 1).filter((index) => !there.has(index));
}

/**
 * Shards that are not there, a split after the other, those into fewer parts first. None when a part that is no shard, or
 * the shards of one split together, list the scenarios, strategies and engines of all parts: those are the whole.
 *
 * @param parts in any order
 */
export function missingShards(parts: readonly Part[]): readonly MissingShards[] {
  const splits = splitsOf(
    parts.flatMap(({ shard, ...listed }): readonly Shard[] => (shard === null ? [] : [{ ...listed, ...shard }])),
  );
  const open = splits.filter((split) => missingOf(split).length > 0);
  const done = splits.filter((split) => !open.includes(split));
  const all = contentOf(parts);
  const wholes = [...parts.filter(({ shard }) => shard === null).map((part) => [part]), ...done];
  if (wholes.some((whole) => contentOf(whole).size === all.size)) return [];
  return open
    .map((split) => ({
      of: split[0]?.of ?? 0,
      missing: missingOf(split),
      scenarios: unique(split.flatMap(({ scenarios }) => namesOf(scenarios))),
    }))
    .toSorted((a, b) => a.of - b.of);
}
