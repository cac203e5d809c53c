// A plan: all that determines a run, as versioned JSON. Written and read here, and validated on the way in. What stays
// out: what a workload means, which its scenario's own schema says.
import { z } from 'zod';
import { faultSchema, type Fault } from '../faults/catalogue.ts';
import { nameSchema } from '../faults/fault.ts';
import type { Json } from '../lane/world.ts';

/** Version of the plan format: rises when a field changes its meaning. */
export const planFormat = 1;

const preemptionSchema = z.strictObject({ at: z.int().min(0), to: nameSchema });

/**
 * How SQLite is set on every connection that a lane opens, before its program does anything with it: what a program may
 * set for itself as well, and then its own setting holds.
 *
 * @property pageBytes `PRAGMA page_size`: counts for databases that are made in the run; a power of two from 512 to 65,536
 * @property cachePages `PRAGMA cache_size`: a small cache writes pages in the middle of a transaction
 * @property autocheckpointPages `PRAGMA wal_autocheckpoint`; 0 for none
 */
export const sqliteSchema = z.strictObject({
  pageBytes: z.literal([512, 1024, 2048, 4096, 8192, 16_384, 32_768, 65_536]).optional(),
  cachePages: z.int().min(1).max(1_000_000).optional(),
  autocheckpointPages: z.int().min(0).max(1_000_000).optional(),
});
export type SqliteParameters = z.infer<typeof sqliteSchema>;

/**
 * @property horizonMs virtual time after which every lane is asked to stop
 * @property stepsMax the run is cut off after this many steps: a bound on livelocks
 * @property quiet `skip`: wakings that would only repeat the last are skipped (schedule/quiet.ts); default: none is
 * @property sqlite default: SQLite's and the programs' own settings
 */
export const parametersSchema = z.strictObject({
  gateways: z.int().min(1).max(16),
  horizonMs: z.int().min(1),
  stepsMax: z.int().min(1),
  quiet: z.enum(['skip', 'step']).optional(),
  sqlite: sqliteSchema.optional(),
});
export type Parameters = z.infer<typeof parametersSchema>;

export const planSchema = z.strictObject({
  format: z.literal(planFormat),
  scenario: z.string().min(1),
  strategy: z.string().min(1),
  engine: z.string().min(1),
  parameters: parametersSchema,
  workload: z.json(),
  faults: z.array(faultSchema),
  preemptions: z.array(preemptionSchema),
  seed: z.int().min(0),
});

/** At step `at` the lane `to` goes on, whatever the default schedule says; ignored where it cannot run then. */
export type Preemption = z.infer<typeof preemptionSchema>;

/**
 * All that determines a run.
 *
 * @property workload who does which operations, how many, with what payload: the scenario's own shape
 * @property seed of the lanes' randomness, SQLite's included; an integer of at most 53 bits
 */
export interface Plan {
  readonly format: typeof planFormat;
  readonly scenario: string;
  readonly strategy: string;
  readonly engine: string;
  readonly parameters: Parameters;
  readonly workload: Json;
  readonly faults: readonly Fault[];
  readonly preemptions: readonly Preemption[];
  readonly seed: number;
}
