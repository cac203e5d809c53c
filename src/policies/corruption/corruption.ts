// The axis `corruption`: what becomes of a board that turns out to be damaged. What stays out: how damage is noticed
// (programs/board/connect.ts, SQLite), and the copies (board-file/backups.ts).
import type { Connection, World } from '../../../harness/lane/world.ts';
import type { BoardError } from '../../board-file/board-error.ts';
import type { PolicyValue } from '../axis.ts';

/**
 * One use of a board, as far as it matters here.
 *
 * @property dispatches it is a tick of the dispatcher
 * @property raw does a raw read of the file where the policy `probe` lets it; result: was it done?
 */
export interface BoardUse {
  readonly world: World;
  readonly file: string;
  readonly dispatches: boolean;
  raw(read: () => void): boolean;
}

/** What a repair has at hand beside the damaged file. */
export interface Means {
  /** Makes the board anew of what recovery keeps. Result: false where it keeps nothing. @throws BoardError */
  recover(): boolean;
  /** Makes the tables of an empty board. */
  makeTables(connection: Connection): void;
}

/**
 * @property recreates a process that has had the board open lets SQLite make a new file when it is missing
 * @property dropsKept a connection that outlives its use is closed when it met damage
 */
export interface Corruption extends PolicyValue {
  readonly recreates: boolean;
  readonly dropsKept: boolean;
  /**
   * Before a use touches the file. Result: what {@link Corruption.met} is to know of that moment.
   *
   * @throws BoardError `KANBAN_BOARD_DISABLED` when the use is to be skipped
   */
  admit(use: BoardUse): string | undefined;
  /** The first connect of a process finds no file, or an empty one. @throws BoardError when no board may be made there */
  creating(use: BoardUse): void;
  /** The health guard is about to refuse the file; nothing is open in this use. Result: name of the backup, if one was made. */
  refusing(use: BoardUse): string | undefined;
  /** The use met this error and has given its connection back. */
  met(use: BoardUse, error: BoardError, admitted: string | undefined): void;
  /**
   * A connect, or a use that has given its connection back, met this error: makes the board sound again, if it can.
   *
   * @returns whether it is worth another try
   * @throws BoardError
   */
  mend(use: BoardUse, error: BoardError, means: Means): boolean;
  /** A connection of this process has been closed. */
  closed(use: BoardUse): void;
}
