// The axis `leaderScope`: what a leader is the leader of.
import type { PolicyValue } from '../axis.ts';

export interface LeaderScope extends PolicyValue {
  /** Name of the lock file, below the world’s directory, for a board’s database file. */
  lockFile(board: string): string;
}
