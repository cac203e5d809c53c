// The axis `participation`: which gateways open the database at all.
import type { PolicyValue } from '../axis.ts';

export interface Participation extends PolicyValue {
  /** Does a gateway open the database? @param dispatches its config has dispatch_in_gateway */
  opens(dispatches: boolean): boolean;
}
