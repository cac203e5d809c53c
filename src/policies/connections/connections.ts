// The axis `connections`: how long a connection lives, and whose it is. What stays out: keeping them
// (programs/board/session.ts).
import type { PolicyValue } from '../axis.ts';

/**
 * @property keeps a lane’s connection outlives its use, until the lane ends
 * @property ownLane in a process with several lanes the connection belongs to a lane of its own, to which the others send
 *   their operations: worker threads cannot share a SQLite handle
 * @property pins the main lane of a gateway holds one connection open, unused, until it stops
 */
export interface Connections extends PolicyValue {
  readonly keeps: boolean;
  readonly ownLane: boolean;
  readonly pins: boolean;
  /** Is the kept connection closed, opened anew, and the operation tried once more, upon this error? */
  reopensOn(code: string): boolean;
}
