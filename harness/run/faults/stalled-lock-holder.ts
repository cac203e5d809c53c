// stalled-lock-holder: a further process takes a lock that others need, stands still, and gives it back: SQLite's write
// lock, or a flock(2) on a file that the simulated system locks.
import { z } from 'zod';
import { addressSchema, type FaultHost, type FaultKind, fileSchema, msSchema } from './fault.ts';
import { holdFlockName, sqlName } from './programs/catalogue.ts';
import type { FlockOrder } from './programs/hold-flock.program.ts';
import type { SqlOrder } from './programs/sql.program.ts';

const tryMs = 60_000;

const schema = z
  .strictObject({
    kind: z.literal('stalled-lock-holder'),
    at: addressSchema,
    holds: z.enum(['write', 'flock'], {
      error: '`holds` is "write" (SQLite\'s write lock) or "flock" (flock(2) on `file`)',
    }),
    /** The file of the flock, below the world's directory; made when it is not there. */
    file: fileSchema.optional(),
    /** How long it holds the lock, virtual. Until it has it, it tries for a minute. */
    ms: msSchema,
    /** The database of the write lock, below the world's directory. Default: the scenario's. */
    database: fileSchema.optional(),
  })
  .refine(({ holds, file }) => (holds === 'flock') === (file !== undefined), {
    error: '`file` goes with "holds": "flock", and must be there then',
  })
  .refine(({ holds, database }) => holds === 'write' || database === undefined, {
    error: '`database` goes with "holds": "write"',
  });

type Spec = z.infer<typeof schema>;

function programFor({ file, ms, database }: Spec, host: FaultHost) {
  if (file !== undefined) {
    return { program: holdFlockName, args: { file, holdMs: ms, timeoutMs: tryMs } satisfies FlockOrder };
  }
  const order = { database: database ?? host.database, statements: ['BEGIN IMMEDIATE'], holdMs: ms };
  return { program: sqlName, args: { ...order, busyTimeoutMs: tryMs } satisfies SqlOrder };
}

export const stalledLockHolder = {
  kind: 'stalled-lock-holder',
  says: "a further process takes SQLite's write lock, or a flock(2), and stands still with it for a virtual time",
  schema,
  strike(spec, host) {
    const name = host.freeName('stalled-lock-holder');
    host.start({ name, ...programFor(spec, host) }, { lasts: true });
  },
} satisfies FaultKind<Spec>;
