// What a lane that stands before a request wants. What stays out: whether it gets that (requests.ts).
import { op } from '../model/operations.ts';
import type { Request } from '../model/request.ts';
import type { LaneState } from './lanes.ts';

/** Virtual ms that a lane waits for what it asks. */
export function timeoutOf({ request }: LaneState): number {
  return request !== undefined && 'timeoutMs' in request ? (request.timeoutMs ?? Infinity) : Infinity;
}

/** Does a lane ask for what the threads of its process share? */
export function wantsShared({ request }: LaneState): boolean {
  return request?.kind === 'lock' || request?.kind === 'acquire';
}

/** What a lane waits for no longer when its process is sent a signal, or the plan's end has come. */
const interruptible: ReadonlySet<Request['kind']> = new Set(['receive', 'wait', 'await', 'events', 'notifications']);

/** Does a signal to its process, or the plan's end, end what it waits for? */
export function isInterruptible({ pending, request }: LaneState): boolean {
  // A signal ends what a program of its own waits for among its threads (lane/python/): its handler may be what it waits for.
  if (request?.kind === 'acquire') return request.timeoutMs !== undefined;
  return pending.op === op.sleep || (request !== undefined && interruptible.has(request.kind));
}
