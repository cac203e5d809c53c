// What a failing cell shows: the timeline of its minimal plan, and the plans. One file a cell, so that a page loads it only
// when somebody opens the cell. What stays out: the verdict, which stands in the result document.
import type { Timeline } from '../harness/model/timeline.ts';
import { shownValue } from '../harness/model/reading/complaints.ts';
import { visibleLines } from '../harness/model/visible.ts';

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

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A reviver: what is not seen, or turns the direction of writing, becomes a visible escape. */
export function shown(_: string, value: unknown): unknown {
  return typeof value === 'string' ? visibleLines(value) : value;
}

/**
 * The evidence that a file holds.
 *
 * @param path for the sentences only
 * @returns the evidence, its timeline fit to be shown and its plans as they are, to be saved; or a sentence that says why
 *   there is none
 */
export function evidenceIn(text: string, path: string): Evidence | string {
  let json: unknown;
  try {
    // One that is so deep that walking it overflows the stack is damaged, too.
    json = JSON.parse(text, shown);
  } catch {
    return `${path} cannot be read: it was damaged, or cut short.`;
  }
  const { format, timeline } = Object(json) as Partial<Evidence>;
  if (format !== evidenceFormat) {
    return `${path} has format ${shownValue(format)}; this page reads format ${evidenceFormat}.`;
  }
  const { plan, full = null } = JSON.parse(text) as Partial<Evidence>;
  if (!isObject(plan) || !isObject(timeline) || !(full === null || isObject(full))) {
    return `${path} lacks its plan or its timeline.`;
  }
  return { format, plan, full, timeline };
}
