// What is left of a disk when the power goes: a state of it, as data. What stays out: the file systems under which it can come about
// (file-systems.ts), which states there are, and what is in them (harness/crash/).
import { z } from 'zod';
import { durabilities, type Durability, type FileSystem, modelNames } from './file-systems.ts';
import { boundedList } from './reading/bounded-list.ts';

const rangesMax = 100_000;
const operationSchema = z.int().min(0).max(100_000_000);
const rangesSchema = boundedList(z.tuple([operationSchema, operationSchema]), rangesMax, 'ranges of operations');

const liarsSchema = boundedList(z.string().min(1).max(300), 100, 'liars');

const stateSchema = z.strictObject({
  before: operationSchema,
  lost: rangesSchema,
  hollow: rangesSchema.optional(),
  torn: z
    .strictObject({
      operation: operationSchema,
      bytes: z
        .int()
        .min(0)
        .max(1 << 30),
    })
    .optional(),
  spoilt: operationSchema.optional(),
});

/**
 * A state of the disk. Operations are numbered in the order in which the run did them (model/disk.ts), from 0 on.
 *
 * @property before the power goes before this operation: all those before it have happened
 * @property lost ranges of those that never got to the disk, both ends included; what was synced is not among them
 * @property hollow ranges of writes of which the size got there, and zeros instead of the bytes
 * @property torn of this write only so many bytes got there
 * @property spoilt around this write, the rest of the sectors that it touches is spoilt
 */
export type CrashState = z.infer<typeof stateSchema>;

/**
 * What a plan says of the disk after its run: the power goes.
 *
 * @property liars where syncs lie: processes whose syncs do, and files of which they do, by name; default: all
 * @property promise what is held against it; default: what the plan's strategy promises
 * @property recovery it goes once more, while the database is opened for the first time afterwards; operations are those of that
 */
export const crashSchema = stateSchema.extend({
  model: z.enum(modelNames),
  liars: liarsSchema.optional(),
  recovery: stateSchema.optional(),
  promise: z.enum(durabilities).optional(),
});
/** Counted back from the last: 0 is the last that is not synced, 1 the one before it. */
const fromTheEndSchema = boundedList(
  z
    .tuple([operationSchema, operationSchema])
    .refine(([from, to]) => from <= to, 'a range is [from, to], and `from` no larger'),
  1000,
  'ranges of operations',
);

/**
 * What a power loss in the middle of a run does to the disk. Nobody knows beforehand what will be under way then, so operations are
 * counted back from the last that is not synced, and what there is not is not lost.
 *
 * @property lost `nothing`: all that was written is there · `everything`: all that was not synced is gone · or ranges, both ends included:
 *   of `writes` (truncations too), and of `names` (files made, renamed, removed)
 * @property torn of this write (as `writes` are counted) only the first so many of the sectors that it touches got there
 * @property hollow writes of which the size got there, and zeros instead of the bytes: under `writeback`
 * @property spoilt the rest of the sectors that this write touches is spoilt: under `no-powersafe-overwrite`
 */
export const lossShape = {
  lost: z.union(
    [
      z.literal('nothing'),
      z.literal('everything'),
      z.strictObject({ writes: fromTheEndSchema.optional(), names: fromTheEndSchema.optional() }),
    ],
    {
      error:
        '`lost` is "nothing", "everything" or {"writes": [[0, 3]], "names": [[0, 0]]}: ranges of what is not synced, counted back from ' +
        'the last, which is 0',
    },
  ),
  torn: z.strictObject({ write: operationSchema, sectors: z.int().min(1).max(1_000_000) }).optional(),
  hollow: fromTheEndSchema.optional(),
  spoilt: operationSchema.optional(),
  model: z.enum(modelNames).optional(),
  liars: liarsSchema.optional(),
  promise: z.enum(durabilities).optional(),
} as const;
const lossSchema = z.strictObject(lossShape);
export type Loss = z.infer<typeof lossSchema>;

/** Why a loss is none that its file system's model allows; undefined when it may be one. */
export function lossComplaint({ model = modelNames[0], hollow, spoilt, liars }: Loss): string | undefined {
  if (hollow !== undefined && model !== 'writeback') return '`hollow` needs "model": "writeback"';
  if (spoilt !== undefined && model !== 'no-powersafe-overwrite')
    return '`spoilt` needs "model": "no-powersafe-overwrite"';
  return liars !== undefined && model !== 'lying-sync' ? '`liars` needs "model": "lying-sync"' : undefined;
}

export type Crash = FileSystem &
  CrashState & { readonly recovery?: CrashState | undefined; readonly promise?: Durability | undefined };
