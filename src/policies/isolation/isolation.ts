// The axis `isolation`: what a write transaction on a server sees of others.
import type { PolicyValue } from '../axis.ts';

/**
 * @property begin the statement that begins a transaction
 * @property tries how often a transaction is done at most, where the server refuses it for what another did (SQLSTATE 40001, 40P01)
 */
export interface Isolation extends PolicyValue {
  readonly begin: string;
  readonly tries: number;
}
