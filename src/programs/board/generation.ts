// Whether a connection still has the -wal and -shm that the board's names mean: their inodes at the open, compared before each write.
// What stays out: what is done about it (policies/generation, session.ts).
import type { Connection, Json, World } from '../../../harness/lane/world.ts';
import { BoardError, boardCode } from '../../board-file/board-error.ts';
import { unlessOsError } from '../../board-file/os-error.ts';
import { behaviourOf, type Policies } from '../../policies/catalogue.ts';
import type { BoardContext } from './context.ts';

const sidecars = ['-wal', '-shm'] as const;

/** Of each sidecar; undefined for one that is not there. */
type Inodes = readonly (number | undefined)[];

interface Watched {
  readonly inodes: Inodes;
  halted: boolean;
}

const watched = new WeakMap<Connection, Watched>();

function inodesOf(world: World, file: string): Inodes {
  return sidecars.map((suffix) => unlessOsError(() => world.files.stat(`${file}${suffix}`)?.inode));
}

/** A connection has been opened and made ready. */
export function watchGeneration(world: World, policies: Policies, connection: Connection): void {
  if (!behaviourOf(policies, 'generation').looks) return;
  watched.set(connection, { inodes: inodesOf(world, connection.file), halted: false });
}

/** @throws BoardError `WAL_GENERATION_GONE` where the connection has been halted, or is now */
export function checkGeneration({ world, connection, settings }: BoardContext, by: string): void {
  const known = watched.get(connection);
  if (known === undefined) return;
  if (!known.halted) {
    const now = inodesOf(world, settings.file);
    // A sidecar that was not there at the open is this connection's own by now.
    known.halted = known.inodes.some((inode, i) => inode !== undefined && inode !== now[i]);
    if (known.halted) world.observe('generation-gone', { by: world.process, board: settings.file });
  }
  if (!known.halted) return;
  throw new BoardError(
    boardCode.generationGone,
    by,
    `The -wal or -shm of ${settings.file} that this connection has was deleted or replaced: it writes no more; restart the process`,
  );
}

/** Is a connection one that is never closed? */
export function isAbandoned(policies: Policies, connection: Connection): boolean {
  return watched.get(connection)?.halted === true && !behaviourOf(policies, 'generation').closesHalted;
}

/** What a halted connection was to write, for a person to bring in by hand. */
export function divert(world: World, file: string, operation: string, args: Json): void {
  unlessOsError(() => {
    const beside = world.files.open(`${file}.diverted`, 'a');
    try {
      beside.write(`${JSON.stringify({ by: world.process, operation, args })}\n`, 0);
      beside.sync();
    } finally {
      beside.close();
    }
  });
}
