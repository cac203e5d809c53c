// The axis `schema`: when a process makes the tables.
import type { PolicyValue } from '../axis.ts';

/** @property sentinel a table that each connect looks for: where it is gone, the tables are made again; undefined: nobody looks */
export interface Schema extends PolicyValue {
  readonly sentinel: string | undefined;
}
