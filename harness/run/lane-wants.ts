// What a lane that stands before a request wants. What stays out: whether it gets that (requests.ts).
import type { LaneState } from './lanes.ts';

/** Virtual ms that a lane waits for what it asks. */
export function timeoutOf({ request }: LaneState): number {
  return request !== undefined && 'timeoutMs' in request ? (request.timeoutMs ?? Infinity) : Infinity;
}

/** Does a lane ask for what the threads of its process share? */
export function wantsShared({ request }: LaneState): boolean {
  return request?.kind === 'lock' || request?.kind === 'acquire';
}
