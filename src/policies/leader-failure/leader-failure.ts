// The axis `leaderFailure`: what a gateway does when the leader’s lock file cannot be opened.
import type { PolicyValue } from '../axis.ts';

export interface LeaderFailure extends PolicyValue {
  readonly onUnopenable: 'skip' | 'proceed';
}
