// What a campaign is, as data: the cells, how many runs of each or until when, and what makes a run: seed, chooser, and the digests
// of everything that decides what a run gives. A worker that has another code, engine or gate makes other runs, and is refused.
// What stays out: where it is kept (store/).
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { randomChooserNames } from '../harness/run/choosers/names.ts';
import type { LaneBinaries } from '../harness/run/pool.ts';
import { usageError } from '../harness/errors/errors.ts';
import { boundMost } from '../harness/model/verdict.ts';

const cellSchema = z.strictObject({ scenario: z.string(), strategy: z.string(), engine: z.string() });

/**
 * @property runs of each cell; null where `until` ends it
 * @property until ISO date after which no further range is planned; null where `runs` does
 * @property rangeMs real milliseconds that a range should take
 * @property generation under the chooser `feedback`: so many runs of a cell are drawn from what those before them have reached
 *   (generations.ts); null under all others, of which `portfolio` has generations of lengths of its own
 * @property code SHA-256 over the sources that decide a run (compare/about.ts)
 * @property machines SHA-256 over engine, gate and host, by engine
 */
export const specSchema = z.strictObject({
  seed: z.int().min(0),
  chooser: z.enum(randomChooserNames),
  bound: z.number().min(0).max(boundMost),
  short: z.boolean(),
  cells: z.array(cellSchema).min(1),
  runs: z.int().min(1).nullable(),
  until: z.iso.datetime().nullable(),
  rangeMs: z.number().min(1),
  generation: z.int().min(2).nullable(),
  code: z.string(),
  machines: z.record(z.string(), z.string()),
});
export type Spec = z.infer<typeof specSchema>;

/** One digest over all that a machine for an engine is made of. */
export function machineDigest({ engine, binding, gate, native }: LaneBinaries): string {
  const hash = createHash('sha256').update(engine);
  for (const file of [binding, gate, ...(native === undefined ? [] : [native.program])])
    hash.update('\0').update(readFileSync(file));
  return hash.digest('hex');
}

/** The same for several engines. */
export function machineDigests(machines: ReadonlyMap<string, LaneBinaries>): { readonly [engine: string]: string } {
  return Object.fromEntries([...machines].map(([engine, machine]) => [engine, machineDigest(machine)]));
}

/**
 * May this installation work on a campaign?
 *
 * @throws a usage error that says what differs
 */
export function checkSameCode(name: string, spec: Spec, own: Pick<Spec, 'code' | 'machines'>): void {
  const others = Object.keys(own.machines).filter((engine) => spec.machines[engine] !== own.machines[engine]);
  const what = [
    ...(spec.code === own.code ? [] : ['Lockstep itself (its sources, or those of the scenarios)']),
    ...others.map((engine) => `the build of the engine ${engine}, its gate or its host`),
  ];
  if (what.length === 0) return;
  throw usageError(
    'OTHER_CODE',
    `The campaign ${name} was started with another build: what differs is ${what.join(', and ')}. The same numbers would be other runs here.`,
    'Work on it with the version and the builds that started it (one container image for all does that), or start a new campaign.',
  );
}
