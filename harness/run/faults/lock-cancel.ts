// lock-cancel: the process opens, reads and closes the database file raw, which drops every POSIX lock it holds on it
// (howtocorrupt.html, section 2.2). The variant `all` does the same to -wal and -shm: from 3.51.0 on, SQLite resists
// the variant `db`.
import { z } from 'zod';
import { addressSchema, type FaultKind, fileSchema, nameSchema, namesItsVictim, victimProcess } from './fault.ts';

const schema = z
  .strictObject({
    kind: z.literal('lock-cancel'),
    at: addressSchema,
    /** Default: the process of the lane in the address, else of the lane about to run. */
    process: nameSchema.optional(),
    files: z.enum(['db', 'all']).default('db'),
    /** Which database, below the world's directory. Default: the scenario's. */
    database: fileSchema.optional(),
  })
  .refine((spec) => !('timeMs' in spec.at) || spec.process !== undefined, { error: namesItsVictim });

export const lockCancel = {
  kind: 'lock-cancel',
  says: 'the process opens, reads and closes the database raw: its POSIX locks are gone (files: db | all)',
  schema,
  strike(spec, host) {
    const process = victimProcess(spec, host);
    if (process === undefined) return;
    const database = spec.database ?? host.database;
    host.rawRead(process, spec.files === 'db' ? [database] : [database, `${database}-wal`, `${database}-shm`]);
  },
} satisfies FaultKind<z.infer<typeof schema>>;
