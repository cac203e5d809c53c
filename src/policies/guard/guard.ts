// The axis `guard`: what keeps a second gateway of the same profile, or an orphan, from running beside the unit’s own.
import type { PolicyValue } from '../axis.ts';

/**
 * @property refusesWhenSupervised a start from a shell is refused while a unit supervises this profile (`--force` overrides)
 * @property adopts what a starting gateway does about living processes of its own identity outside its unit
 * @property watches a gateway that is not its unit’s main process, while another of its identity is, exits
 */
export interface Guard extends PolicyValue {
  readonly refusesWhenSupervised: boolean;
  readonly adopts: 'no' | 'kill' | 'refuse';
  readonly watches: boolean;
}
