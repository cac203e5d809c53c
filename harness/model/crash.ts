// What is left of a disk when the power goes: a state of it, as data. What stays out: the file systems under which it can come about
// (file-systems.ts), which states there are, and what is in them (harness/crash/).
import { z } from 'zod';
import { durabilities, type Durability, type FileSystem, type ModelName, modelNames } from './file-systems.ts';
import { boundedList } from './reading/bounded-list.ts';

const rangesMax = 100_000;
const operationSchema = z.int().min(0).max(100_000_000);
const rangesSchema = boundedList(z.tuple([operationSchema, operationSchema]), rangesMax, 'ranges of operations');

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
  model: z.enum(modelNames as [ModelName, ...ModelName[]]),
  liars: boundedList(z.string().min(1).max(300), 100, 'liars').optional(),
  recovery: stateSchema.optional(),
  promise: z.enum(durabilities).optional(),
});
export type Crash = FileSystem &
  CrashState & { readonly recovery?: CrashState | undefined; readonly promise?: Durability | undefined };
