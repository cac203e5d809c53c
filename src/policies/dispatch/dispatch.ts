// The axis `dispatch`: which processes may act on the board.
import type { PolicyValue } from '../axis.ts';

/**
 * @property elects a gateway dispatches only while it holds the leader’s lock
 * @property viaServer nobody but the server opens the database: every operation is sent to it
 */
export interface Dispatch extends PolicyValue {
  readonly elects: boolean;
  readonly viaServer: boolean;
}
