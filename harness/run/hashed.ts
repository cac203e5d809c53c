// What of the records that a lane has sent is the trace: all but the statements that it tells beside its steps (gate/gate-statements.c). What stays
// out: the hash (run.ts).
import { decodeRecord } from '../gate/protocol.ts';
import { op } from '../model/operations.ts';
import { emptyRecord } from '../model/record.ts';

const record = emptyRecord();

/** @param hearsSql there may be some */
export function hashedOf(records: Buffer, hearsSql: boolean): readonly Buffer[] {
  if (!hearsSql) return [records];
  const parts: Buffer[] = [];
  for (let at = 0; at < records.length; ) {
    const next = decodeRecord(records, at, record);
    if (record.op !== op.sql) parts.push(records.subarray(at, next));
    at = next;
  }
  return parts;
}
