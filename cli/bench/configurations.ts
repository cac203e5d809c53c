// What `lockstep bench` measures, as data: choosers with their settings, plain and deep engines, numbers of jobs. What stays
// out: measuring (measure.ts).
import { type EngineVariant, variantName } from '../../harness/engines/engine.ts';
import type { Depth, NamedChoice } from './choices.ts';

const variants: { readonly [depth in Depth]: EngineVariant } = { plain: 'plain', deep: 'shm' };

/** Name of the plain or the deep engine of a version; `engine` may name either. Throws a usage error. */
export function engineOf(engine: string, depth: Depth): string {
  return variantName(engine, variants[depth]);
}

/** One search repeated over seeds. */
export interface Configuration extends NamedChoice {
  readonly engine: string;
  readonly depth: Depth;
  readonly jobs: number;
}

/** Every combination, those with the same processes one after the other. */
export function configurationsOf(
  engine: string,
  wanted: {
    readonly depths: readonly Depth[];
    readonly jobs: readonly number[];
    readonly choosers: readonly NamedChoice[];
  },
): readonly Configuration[] {
  return wanted.depths.flatMap((depth) =>
    wanted.jobs.flatMap((jobs) =>
      wanted.choosers.map((named) => ({ ...named, engine: engineOf(engine, depth), depth, jobs })),
    ),
  );
}
