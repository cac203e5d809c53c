// The axis `recovery`: how a board that was taken away, replaced by an older one or damaged comes back. What stays out: when a
// use asks (programs/board/connect.ts, transact.ts), and the files (board-file/recovery).
import type { Connection } from '../../../harness/lane/world.ts';
import type { Statement } from '../../board-file/recovery/operations-journal.ts';
import type { PolicyValue } from '../axis.ts';
import type { BoardUse } from '../corruption/corruption.ts';

/**
 * What a transaction has done, just before its COMMIT.
 *
 * @property rows names of the rows that it adds
 */
export interface Work {
  readonly by: string;
  readonly rows: readonly string[];
  readonly statements: readonly Statement[];
}

/** A transaction on a board that is as the last one left it. */
export interface Begun {
  /** Just before COMMIT. */
  recording(work: Work): Recording;
}

/** A transaction on its way into the journal. */
export interface Recording {
  write(): void;
  /** When the COMMIT fails. @throws FileError: then nobody knows what will become of it */
  takeBack(): void;
}

/**
 * @property recoversMsMost what it promises: so long after the last change from outside the board is what it should be, virtual ms;
 *   null: it promises nothing
 * @property keepsAll every acknowledged row comes back, whichever file it was written to
 */
export interface Recovery extends PolicyValue {
  readonly recoversMsMost: number | null;
  readonly keepsAll: boolean;
  /** Does `body` under the lock that writers and recoveries share, if there is one; re-entrant in a lane. */
  locked<T>(use: BoardUse, by: string, body: () => T): T;
  /** Before a connect: brings back what is missing. Result: must there be a file, now? @throws BoardError */
  opening(use: BoardUse): boolean;
  /** May the tables of a board be made here? Not where one was. */
  mayCreate(use: BoardUse): boolean;
  /**
   * A use has connected. Result: false when the board has been brought forward meanwhile, in another file: open anew.
   *
   * @throws BoardError when it cannot be
   */
  opened(use: BoardUse, connection: Connection): boolean;
  /** Under the lock, inside BEGIN IMMEDIATE. Result: undefined when the board is not as the last transaction left it. */
  begun(use: BoardUse, connection: Connection): Begun | undefined;
  /** Under the lock, nothing of this use in a transaction: the board becomes what it should be. @throws BoardError */
  bringForward(use: BoardUse, why: string): void;
  /** When the clock alone brings a dispatcher's use something to do, virtual ms since the Unix epoch; Infinity: never. */
  dueMs(use: Pick<BoardUse, 'world' | 'file'>): number;
  /** A person wants a new board where one was: what would bring back the old one is put away. */
  forget(use: BoardUse): void;
}
