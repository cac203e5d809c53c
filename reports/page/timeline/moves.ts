// Where a step by keys leads: the next step, the next of the same lane, the next event. Pure. What stays out: keys.
import type { TimelineEventKind } from '../../../harness/model/timeline.ts';
import { at, lowerBoundOf, type Model, placeOf, rowAt } from './model.ts';

export type Direction = 1 | -1;

/** The neighbour of a value in a rising list, or null at its end. The value itself need not be in the list. */
export function neighbour(values: readonly number[], value: number, direction: Direction): number | null {
  const place = direction === 1 ? lowerBoundOf(values, value + 1) : lowerBoundOf(values, value) - 1;
  return values[place] ?? null;
}

/** The step beside this one; the same at the end of the run. */
export function stepBeside(model: Model, step: number, direction: Direction): number {
  const row = model.timeline.steps[placeOf(model, step) + direction];
  return row?.[at.step] ?? step;
}

/** The next step of the lane that took this one; the same when it took no more. */
export function stepOfSameLane(model: Model, step: number, direction: Direction): number {
  const lane = rowAt(model, step)?.[at.lane];
  if (lane === undefined) return step;
  return neighbour(model.stepsOf[lane] ?? [], step, direction) ?? step;
}

/** The next step with an event of a kind that is not hidden; the same when there is none. */
export function stepOfEvent(
  model: Model,
  step: number,
  direction: Direction,
  hidden: ReadonlySet<TimelineEventKind>,
): number {
  const steps = model.events.filter((event) => !hidden.has(event.kind)).map((event) => event.step);
  return neighbour(steps, step, direction) ?? step;
}

/** Where to begin: the first violation, else the first step. */
export function firstStep(model: Model): number {
  return model.events.find((event) => event.kind === 'violation')?.step ?? model.first;
}
