// When the clock alone can bring a dispatcher work, or change how its tick fails. A claim runs out, a crashed worker comes
// out of its grace, a worker exceeds its time: all of that belongs to a task that runs. While one does, there is no
// promise: it would have to be read off the board, which a tick of the reported system does not.
import { forever, type TickReport } from '../process/quiet.ts';

/**
 * What is known when a tick has gone well.
 *
 * @property changed it wrote something, or tried to
 * @property waiting tasks are ready still: the next tick tries them again, and counts
 * @property unjudged exits of workers that the board may yet ask for
 * @property running tasks that run, as last read; undefined: nobody could read it
 * @property dueMs when the clock brings it other work, virtual ms since the Unix epoch; default: never
 */
export interface DispatcherTick {
  readonly changed: boolean;
  readonly waiting: boolean;
  readonly unjudged: number;
  readonly running: number | undefined;
  readonly dueMs?: number;
}

export function dispatcherReport({ changed, waiting, unjudged, running, dueMs = forever }: DispatcherTick): TickReport {
  return { idle: !changed && !waiting && unjudged === 0 && running === 0, dueMs };
}

/** The first statement of dispatch_once: where it fails, no other is reached, whatever the clock says. */
const firstStatement = 'release_stale_claims';

/**
 * What is known when a tick has failed.
 *
 * @property dispatching it had come to the part that looks at the clock
 * @property statement the function that failed
 */
export interface FailedDispatcherTick {
  readonly dispatching: boolean;
  readonly statement: string;
  readonly running: number | undefined;
}

/** @returns when the clock may make the next tick fail otherwise, virtual ms since the Unix epoch */
export function dispatcherFailureDue(tick: FailedDispatcherTick, nowMs: number): number {
  const clockless = !tick.dispatching || tick.statement === firstStatement || tick.running === 0;
  return clockless ? forever : nowMs;
}
