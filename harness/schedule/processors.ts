// One processor for a coordinator and its lanes. Only one of them runs at any time, and handing over between two
// threads of one processor is a plain switch, while waking another processor is not: measured, 20 to 30 % more runs a
// second. What stays out: results, which never depend on it.
import { allowedProcessors } from '../native.ts';

/** All that this program may use: for what has other things to do than to hand over, such as a child that is starting. */
export const allProcessors = allowedProcessors();

/**
 * The processor of a coordinator.
 *
 * @param index tells coordinators of one program apart
 */
export function processorOf(index: number): readonly number[] {
  const chosen = allProcessors[(process.ppid + index) % Math.max(1, allProcessors.length)];
  return chosen === undefined ? [] : [chosen];
}
