// The axis `checkpoints`: checkpoints that the dispatcher asks for, beside those of SQLite's own.
import type { PolicyValue } from '../axis.ts';

/** @property mode of `PRAGMA wal_checkpoint`, at most every `everyMs` virtual ms, at the end of a tick; undefined: none */
export interface Checkpoints extends PolicyValue {
  readonly mode: 'PASSIVE' | 'TRUNCATE' | undefined;
  readonly everyMs: number;
}
