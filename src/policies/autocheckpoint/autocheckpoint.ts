// The axis `autocheckpoint`: how long a WAL may grow before a commit checkpoints it.
import type { PolicyValue } from '../axis.ts';

/** @property pages as `PRAGMA wal_autocheckpoint` takes it; undefined: connect() does not set it */
export interface Autocheckpoint extends PolicyValue {
  readonly pages: number | undefined;
}
