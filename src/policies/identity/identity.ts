// The axis `identity`: whether a process asks, before it writes, if the file that its connection has open is still the one that
// the path names. What stays out: what it does then (programs/board/live-connection.ts).
import type { PolicyValue } from '../axis.ts';

/**
 * @property looks before each operation and each BEGIN, and before a connection is closed
 * @property looksInside once more after BEGIN IMMEDIATE, before COMMIT, and before the COMMIT is acknowledged
 */
export interface Identity extends PolicyValue {
  readonly looks: boolean;
  readonly looksInside: boolean;
}
