// What a failing cell shows: the timeline of its minimal plan, and the plans. One file a cell, so that a page loads it only
// when somebody opens the cell. What stays out: the verdict, which stands in the result document.
import type { Timeline } from '../harness/history/timeline.ts';

/** Version of the evidence format: rises when a field changes its meaning. */
export const evidenceFormat = 1;

/**
 * @property plan the minimal one; what `replay` takes
 * @property full as it was found, where that is another
 * @property timeline of the run that `plan` gives
 */
export interface Evidence {
  readonly format: typeof evidenceFormat;
  readonly plan: object;
  readonly full: object | null;
  readonly timeline: Timeline;
}
