// The axis `health`: a periodic check from outside, the workaround in use in #30445.
import type { PolicyValue } from '../axis.ts';

/** @property everyMs how often the checker runs; undefined: there is none */
export interface Health extends PolicyValue {
  readonly everyMs: number | undefined;
}
