// What a mark is: a named moment that a run may reach, recognised from steps and from what the tables say. One file a mark beside this one. What stays out: whether reaching it is good or bad (invariants/).
import { posix } from 'node:path';
import type { Operation } from '../../model/operations.ts';
import type { RawRecord } from '../../model/record.ts';
import type { OpenFile } from '../file-table.ts';
import type { Tables } from '../tables.ts';
import type { StepLane } from '../../model/step.ts';

/** One kind of moment. `reached` is asked before the step enters the tables. */
export interface Mark {
  readonly name: string;
  readonly says: string;
  /** The operations at which it can be reached: all others are passed over. */
  readonly at: readonly Operation[];
  reached(record: Readonly<RawRecord>, lane: StepLane, tables: Tables): boolean;
}

/** Open connections to the database of a name. */
export function connectionsTo(name: string, { files }: Tables): readonly OpenFile[] {
  const meant = posix.normalize(name);
  return files.open().filter((file) => file.role === 'db' && file.name === meant);
}
