// The axis `retries`: what a transaction does whose BEGIN or COMMIT is refused for a lock, once SQLite's own patience is over.
import type { PolicyValue } from '../axis.ts';

/**
 * @property times the statement is tried again
 * @property fromMs between two tries at least, virtual ms
 * @property toMs between two tries at most
 */
export interface Retries extends PolicyValue {
  readonly times: number;
  readonly fromMs: number;
  readonly toMs: number;
}
