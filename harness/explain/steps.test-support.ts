// Steps of a trace, made by hand. What stays out: processes and files.
import type { TraceStep } from '../observe/trace.ts';
import { eventsOf, type RunEvents } from './events.ts';

/** Everything of a step but its number, which is its place. `nowMs`: default 0. */
type Act = Omit<TraceStep, 'step' | 'nowMs' | 'rc'> & { readonly rc?: TraceStep['rc']; readonly nowMs?: number };

export function stepsOf(acts: readonly Act[]): readonly TraceStep[] {
  return acts.map((act, step) => ({ rc: 'SQLITE_OK', nowMs: 0, ...act, step }));
}

export function eventsIn(acts: readonly Act[]): RunEvents {
  return eventsOf(stepsOf(acts));
}

const db = { role: 'db', file: 'x.db', handle: 1 } as const;
const wal = { role: 'wal', file: 'x.db-wal', handle: 2 } as const;
const shm = { role: 'shm', file: 'x.db-shm', handle: 1 } as const;

export const open = (lane: string): Act => ({ lane, op: 'open', ...db });
/** Of page 2, whose bytes have this checksum. */
export const dbPage = (lane: string, op: 'read' | 'write', sum: number): Act => ({
  lane,
  op,
  ...db,
  args: { length: 512, offset: 512, sum },
});
export const openWal = (lane: string): Act => ({ lane, op: 'open', ...wal });
export const mapShm = (lane: string): Act => ({ lane, op: 'shmMap', ...shm });
export const lock = (lane: string, level: string): Act => ({ lane, op: 'lock', ...db, args: { level } });
export const unlock = (lane: string, level: string): Act => ({ lane, op: 'unlock', ...db, args: { level } });
export const slot = (lane: string, number: number, action: 'lock' | 'unlock'): Act => ({
  lane,
  op: 'shmLock',
  ...shm,
  args: { slot: number, count: 1, action, mode: 'exclusive' },
});
export const rawRead = (lane: string, file = 'x.db'): Act => ({ lane, op: 'fileRead', role: 'db', file, rc: 0 });
/** A read lock of the descriptor on the bytes of SHARED, or of the process, or its end. */
export const rangeLock = (lane: string, action: 'lock' | 'unlock', owner = 'descriptor'): Act => ({
  lane,
  op: 'fdLock',
  ...db,
  args: { owner, action, length: 510, offset: 0x4000_0002 },
  rc: 0,
});
export const close = (lane: string): Act => ({ lane, op: 'close', ...db });
export const walHeader = (lane: string): Act => ({
  lane,
  op: 'write',
  ...wal,
  args: { length: 32, offset: 0, sum: 0 },
});
/** One frame, 0 for the first: its header and its page. */
export const frame = (lane: string, index: number, sum: number): readonly Act[] => [
  { lane, op: 'write', ...wal, args: { length: 24, offset: 32 + index * 536, sum: 1 } },
  page(lane, index, sum),
];
/** The page of a frame alone. */
export const page = (lane: string, index: number, sum: number): Act => ({
  lane,
  op: 'write',
  ...wal,
  args: { length: 512, offset: 56 + index * 536, sum },
});
/** A checkpoint's copy of a frame. */
export const copy = (lane: string, index: number, sum: number): readonly Act[] => [
  { lane, op: 'read', ...wal, args: { length: 512, offset: 56 + index * 536, sum } },
  { lane, op: 'write', ...db, args: { length: 512, offset: 0, sum } },
];
