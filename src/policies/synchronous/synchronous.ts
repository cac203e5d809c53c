// The axis `synchronous`: how often SQLite waits for the disk.
import type { PolicyValue } from '../axis.ts';

/** @property level as `PRAGMA synchronous` takes it */
export interface Synchronous extends PolicyValue {
  readonly level: 'OFF' | 'NORMAL' | 'FULL' | 'EXTRA';
}
