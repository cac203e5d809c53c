// What a lane says when it has ended: the host writes it, the coordinator reads it. What stays out: processes that die.
import type { Ending } from '../model/process.ts';

/** The program could not be loaded: nothing has run, and this is no ending of the simulated system. */
interface Unloadable {
  readonly how: 'unloadable';
  readonly error: string;
}

/** @property open connections and file locks that the lane has not given back */
export type LaneEnd = (Ending | Unloadable) & { readonly open: number };
