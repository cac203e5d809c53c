// Records of operations that failed for want of something that the machine lacks: the run that has one is no run. The gate
// marks those of SQLite's calls with the errno (gate.c, hostSays); raw file operations have an errno for their result.
// What stays out: failures that the plan injected.
import { descriptorKinds, op, operations, roles, stepKinds } from '../model/operations.ts';
import { type RawRecord, recordFlag } from '../model/record.ts';
import { hostErrnoName, hostError, type HostErrno } from '../errors/host-errors.ts';
import { resultCodes } from '../model/result-codes.ts';
import type { LaneState } from './lanes.ts';

/** Operations of a lane's own, whose result is an errno; `raw` is one too, though a fault asked for it. */
const raw: ReadonlySet<number> = new Set([
  ...[...Object.values(stepKinds), ...Object.values(descriptorKinds)].map((name) => op[name]),
  op.raw,
]);

function hostErrnoIn(record: Readonly<RawRecord>): HostErrno | undefined {
  if ((record.flags & recordFlag.host) !== 0) return hostErrnoName(record.errno) ?? 'EIO';
  const injected = (record.flags & recordFlag.injected) !== 0 && record.op !== op.raw;
  if (injected) return undefined;
  if (raw.has(record.op)) return hostErrnoName(record.rc);
  // A write that the system cut short, without an errno. (The operations behind `step` are no SQLite's.)
  return record.op < op.step && record.rc === resultCodes['SQLITE_FULL'] ? 'ENOSPC' : undefined;
}

/** Throws the harness error for a record that says that the machine lacks something. */
export function checkHost(record: Readonly<RawRecord>, lane: LaneState): void {
  const name = hostErrnoIn(record);
  if (name === undefined) return;
  const file = lane.files[record.file] ?? '';
  const of = file === '' ? '' : ` of ${file}`;
  const role = roles[record.role];
  const as = role === undefined || role === 'none' || role === 'other' ? '' : ` (${role})`;
  throw hostError(name, `the ${operations[record.op] ?? 'step'}${of}${as} by the lane ${lane.name}`);
}
