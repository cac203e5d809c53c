// stalled-lock-holder: a further process takes a lock that others need, stands still, and gives it back: SQLite's write
// lock, or a flock(2) on a file that the simulated system locks.
import type { FaultOf } from '../../model/fault.ts';
import type { FaultHost, FaultKind } from './fault.ts';
import { holdFlockName, sqlName } from './programs/catalogue.ts';
import type { FlockOrder } from './programs/hold-flock.program.ts';
import type { SqlOrder } from './programs/sql.program.ts';

const tryMs = 60_000;

type Spec = FaultOf<'stalled-lock-holder'>;

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
  strike(spec, host) {
    const name = host.freeName('stalled-lock-holder');
    host.start({ name, ...programFor(spec, host) }, { lasts: true });
  },
} satisfies FaultKind<FaultOf<'stalled-lock-holder'>>;
