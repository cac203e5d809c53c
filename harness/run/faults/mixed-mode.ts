// mixed-mode: one process takes the database out of WAL mode while others use it in WAL mode (hermes-agent #31973). Either a
// further process does it, as a person at a sqlite3 shell; or a process that does it by itself after a disk I/O error is
// given one. For that, the next first use of the wal-index in that process fails (xShmMap of region 0, once a connection):
// in a system that sets `PRAGMA journal_mode` first of all on each connection, that is this pragma. A connection that does
// something else first meets the error there.
import type { FaultOf } from '../../model/fault.ts';
import { op } from '../../model/operations.ts';
import type { FaultKind } from './fault.ts';
import { sqlName } from './programs/catalogue.ts';
import type { SqlOrder } from './programs/sql.program.ts';
import { resultCodes } from '../../model/result-codes.ts';

const tryMsByDefault = 30_000;

export const mixedMode = {
  kind: 'mixed-mode',
  says: 'one process downgrades the database from WAL to DELETE: a further one, or one that is given an I/O error for it',
  strike(spec, host) {
    if (spec.process !== undefined) {
      const code = resultCodes['SQLITE_IOERR_SHMMAP'];
      const codeOf = ({ a }: { readonly a: number }): number | undefined => (a === 0 ? code : undefined);
      host.fail({ codeOf, process: spec.process, ops: [op.shmMap], once: true });
      return;
    }
    const order = {
      database: spec.database ?? host.database,
      statements: spec.statements ?? ['PRAGMA journal_mode=DELETE'],
      query: 'PRAGMA journal_mode',
      tryMs: spec.tryMs ?? tryMsByDefault,
    } satisfies SqlOrder;
    host.start({ name: host.freeName('mixed-mode'), program: sqlName, args: order }, { lasts: true });
  },
} satisfies FaultKind<FaultOf<'mixed-mode'>>;
