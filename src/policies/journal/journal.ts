// The axis `journal`: the mode that every connect sets.
import type { PolicyValue } from '../axis.ts';

/** @property mode as `PRAGMA journal_mode` takes it, and answers it in lower case */
export interface Journal extends PolicyValue {
  readonly mode: 'WAL' | 'DELETE' | 'TRUNCATE' | 'PERSIST';
}
