// A plan: all that determines a run, as versioned JSON. Written and read here, and validated on the way in. What stays
// out: what a workload means, which its scenario's own schema says.
import { z } from 'zod';
import { crashSchema, type Crash } from './crash.ts';
import { faultSchema, type Fault } from './fault.ts';
import { nameSchema, textSchema } from './name-schemas.ts';
import { gatewaysMax } from './gateways.ts';
import type { Json } from './values.ts';
import { boundedList } from './reading/bounded-list.ts';

/** Version of the plan format: rises when a field changes its meaning. */
export const planFormat = 1;

/**
 * What a plan may ask for: far more than any that was ever useful, and little enough that no plan keeps a machine for days.
 * What shows only in a run has bounds there (run/run-bounds.ts).
 */
const most = {
  faults: 1000,
  preemptions: 500_000,
  workloadValues: 100_000,
  /** A year. */
  horizonMs: 366 * 24 * 3_600_000,
  steps: 100_000_000,
} as const;

const preemptionSchema = z.strictObject({ at: z.int().min(0), to: nameSchema });

/** Why a value is no workload of any scenario; undefined when it may be one. Without recursion, however deep it is. */
function workloadComplaint(workload: unknown): string | undefined {
  const left = [workload];
  let values = 0;
  while (left.length > 0) {
    const value = left.pop();
    values++;
    if (values + left.length > most.workloadValues) return `a workload has at most ${most.workloadValues} values`;
    if (typeof value === 'object' && value !== null) {
      // Schemas leave it out, so that a program would meet what nobody has checked.
      if (Object.hasOwn(value, '__proto__')) return 'a workload has no field "__proto__"';
      for (const part of Object.values(value)) left.push(part);
    } else if (!(value === null || ['string', 'boolean'].includes(typeof value) || Number.isFinite(value))) {
      return 'a workload is JSON';
    }
  }
  return undefined;
}

const workloadSchema = z.custom<Json>().superRefine((workload, context) => {
  const complaint = workloadComplaint(workload);
  if (complaint !== undefined) context.addIssue(complaint);
});

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
 * Time passes in I/O: a lane stands still for so long before an operation on a file, and others go on meanwhile.
 *
 * @property seed of the costs, which depend on a lane's name and its own steps alone
 * @property every one of so many steps at most costs something, if it is a read, write, sync, truncate, fetch or delete;
 *   reading, writing or copying a whole file always does
 * @property ms virtual: the most that one costs
 */
export const ioCostSchema = z.strictObject({
  seed: z.int().min(0),
  every: z.int().min(1).max(1_000_000),
  ms: z.int().min(1).max(60_000),
});
export type IoCostParameters = z.infer<typeof ioCostSchema>;

/**
 * @property horizonMs virtual time after which every lane is asked to stop
 * @property stepsMax the run is cut off after this many steps: a bound on livelocks
 * @property quiet `skip`: wakings that would only repeat the last are skipped (run/quiet.ts); default: none is
 * @property sqlite default: SQLite's and the programs' own settings
 * @property ioCost default: I/O takes no virtual time
 * @property switchPoints `unguarded`: reads, writes and fetches are switch points too from the moment on at which somebody
 *   has worked on a database past SQLite's locks: as a plain file, by a mapping, or with locks cancelled. Default: only
 *   what synchronises is
 */
export const parametersSchema = z.strictObject({
  gateways: z.int().min(1).max(gatewaysMax),
  horizonMs: z.int().min(1).max(most.horizonMs),
  stepsMax: z.int().min(1).max(most.steps),
  quiet: z.enum(['skip', 'step']).optional(),
  sqlite: sqliteSchema.optional(),
  ioCost: ioCostSchema.optional(),
  switchPoints: z.enum(['synchronising', 'unguarded']).optional(),
});
export type Parameters = z.infer<typeof parametersSchema>;

export const planSchema = z.strictObject({
  format: z.literal(planFormat),
  scenario: textSchema(100, 'a name of a scenario'),
  strategy: textSchema(300, 'a name of a strategy'),
  engine: textSchema(100, 'a name of an engine, such as 3.50.4'),
  parameters: parametersSchema,
  workload: workloadSchema,
  faults: boundedList(faultSchema, most.faults, 'faults'),
  preemptions: boundedList(preemptionSchema, most.preemptions, 'preemptions'),
  seed: z.int().min(0),
  crash: crashSchema.optional(),
});

/** At step `at` the lane `to` goes on, whatever the default schedule says; ignored where it cannot run then. */
export type Preemption = z.infer<typeof preemptionSchema>;

/**
 * All that determines a run.
 *
 * @property workload who does which operations, how many, with what payload: the scenario's own shape
 * @property seed of the lanes' randomness, SQLite's included; an integer of at most 53 bits
 * @property crash the power goes in this run, and the disk becomes that: what is judged is what is left (harness/crash/)
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
  readonly crash?: Crash | undefined;
}
