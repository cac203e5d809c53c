// The axis `ofdGuard`: read locks of open file descriptions on SQLite's own descriptors (#110544, #110872, #125184). What stays out:
// how they are taken (board-file/ofd-lock.ts), and the moment between an open and the guard, in which the locks
// of the process may be lost already.
import type { World } from '../../../harness/lane/world.ts';
import type { PolicyValue } from '../axis.ts';

export interface OfdGuard extends PolicyValue {
  /** A connection of this process has been opened and made ready. @throws BoardError `OFD_UNGUARDED` where that fails the open */
  opened(world: World, file: string): void;
  /** This process has made a checkpoint. */
  checkpointed(world: World, file: string): void;
  /** A connection that was {@link OfdGuard.opened} is about to be closed. */
  closing(world: World, file: string): void;
}
