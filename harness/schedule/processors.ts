// One processor for a coordinator and its lanes. Only one of them runs at any time, and handing over between two
// threads of one processor is a plain switch, while waking another processor is not: measured, 20 to 30 % more runs a
// second. What stays out: results, which never depend on it.
import { allowedProcessors, keepTo } from '../native.ts';

const allowed = allowedProcessors();

/**
 * The processor of a coordinator.
 *
 * @param index tells coordinators of one program apart
 */
export function processorOf(index: number): readonly number[] {
  const chosen = allowed[(process.ppid + index) % Math.max(1, allowed.length)];
  return chosen === undefined ? [] : [chosen];
}

/** Keeps this thread to processors; its children begin there too. */
export function keepThisTo(processors: readonly number[]): void {
  keepTo(0, processors);
}

/** A child that is starting may use all processors: it has other things to do than to hand over. */
export function freeWhileStarting(pid: number): void {
  keepTo(pid, allowed);
}

/** A started child joins its coordinator. */
export function keepChildTo(pid: number, processors: readonly number[]): void {
  keepTo(pid, processors);
}

/** Gives this thread all its processors back. */
export function freeThis(): void {
  keepTo(0, allowed);
}
