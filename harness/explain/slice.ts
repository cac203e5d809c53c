// The causal slice of a harm: the shortest way from what the plan did (a preemption, a fault) to the step that did the harm, over
// what lanes had from each other. Within a lane a step may come of any step before it; between lanes only of what links say
// (links.ts). What no such way needs is left out. What stays out: the sentences (tell-slice.ts).
import type { Link, Place } from './links.ts';

/**
 * Something that the plan did.
 *
 * @property step from which on runs differ with and without it
 * @property begins is it by this link that it came to bear on another lane?
 */
export interface Cause {
  readonly step: number;
  readonly begins: (link: Link) => boolean;
}

/** Links of one way: a longer one explains nothing. */
const linksMost = 4;

/** Up to where a lane matters, and by which links. */
interface Reach {
  readonly step: number;
  readonly way: readonly Link[];
}

/**
 * @returns links from the cause to the harm, in order; undefined where there is no way. Of ways that are equally long, one by what was
 *   read rather than by mere order, by what other facts tell of rather than by what every run has, and by later steps
 */
export function sliceOf(links: readonly Link[], { begins }: Cause, harm: Place): readonly Link[] | undefined {
  const into = Map.groupBy(links, ({ to }) => to.lane);
  const reached = new Map<string, number>([[harm.lane, harm.step]]);
  let level = new Map<string, Reach>([[harm.lane, { step: harm.step, way: [] }]]);
  for (let hops = 0; hops < linksMost && level.size > 0; hops++) {
    const ways = [...level].flatMap(([lane, { step, way }]) =>
      (into.get(lane) ?? []).filter(({ to }) => to.step <= step).map((link) => [link, ...way]),
    );
    const begun = best(ways.filter(([first]) => first !== undefined && begins(first)));
    if (begun !== undefined) return begun;
    level = new Map();
    for (const [lane, some] of Map.groupBy(ways, ([first]) => first?.from.lane ?? '')) {
      const way = best(some);
      const step = way?.[0]?.from.step;
      if (way === undefined || step === undefined || step <= (reached.get(lane) ?? -1)) continue;
      reached.set(lane, step);
      level.set(lane, { step, way });
    }
  }
  return undefined;
}

function best(ways: readonly (readonly Link[])[]): readonly Link[] | undefined {
  const weakIn = (way: readonly Link[]): number => way.filter(({ weak }) => weak).length;
  const plainIn = (way: readonly Link[]): number => way.filter(({ about }) => about === undefined).length;
  const lastOf = ([first]: readonly Link[]): number => first?.from.step ?? -1;
  return ways.toSorted((a, b) => weakIn(a) - weakIn(b) || plainIn(a) - plainIn(b) || lastOf(b) - lastOf(a))[0];
}
