// What a sweep does before each step: vocabulary, so that the command line can name it without loading the search.
import type { Fault } from './fault.ts';

type Anywhere<F> = F extends unknown ? Omit<F, 'at'> : never;

/** A fault of a plan, which strikes before each step in turn. */
export type SweepFault = Anywhere<Fault>;

/** A process is killed; or its step fails, as on a volume that answers EIO once, and it goes on; or what a plan can have strikes. */
export type SweepStrike = 'kill' | 'error' | SweepFault;

/** In words: `kill`, `error`, or the fault's kind. */
export function sweepWord(strike: SweepStrike): string {
  return typeof strike === 'string' ? strike : strike.kind;
}
