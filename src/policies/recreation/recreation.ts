// The axis `recreation`: whether a new board may be made where one has been. What stays out: finding out that there is no
// board (programs/board/connect.ts), and bringing one back (policies/recovery).
import type { PolicyValue } from '../axis.ts';
import type { BoardUse } from '../corruption/corruption.ts';

export interface Recreation extends PolicyValue {
  /** Before a use touches the file. @throws BoardError `KANBAN_BOARD_DISABLED` when it was refused here before, for the same reason */
  admit(use: BoardUse): void;
  /** Before a connect. Result: must there be a file, since one has been? @throws BoardError `KANBAN_DB_GONE` when there is none */
  opening(use: BoardUse): boolean;
  /** The file that was opened has no tables. @throws BoardError `KANBAN_DB_GONE` where it had */
  creating(use: BoardUse): void;
  /** A board has been made, or found. */
  known(use: BoardUse): void;
  /** A person wants a new one. */
  forget(use: BoardUse): void;
}
