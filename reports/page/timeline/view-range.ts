// Which steps are in view, as a range of the step axis: zooming and panning are sums on it. A step s takes the axis from
// s to s + 1. What stays out: pixels of a particular canvas, and events of a pointer.

/** From `from` up to `to`, in steps; both may lie within a step. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Fewer steps than this are never spread over the whole width. */
const stepsMin = 6;

/** The same span, moved into `bounds`; the whole of it where the span is too wide. */
export function clampRange(range: Range, bounds: Range): Range {
  const whole = bounds.to - bounds.from;
  const span = Math.min(whole, Math.max(range.to - range.from, Math.min(stepsMin, whole)));
  const from = Math.min(Math.max(range.from, bounds.from), bounds.to - span);
  return { from, to: from + span };
}

/**
 * Zooms round a place that stays where it is on the screen.
 *
 * @param factor above 1 shows fewer steps
 * @param anchor place on the step axis
 */
export function zoomRange(range: Range, factor: number, anchor: number, bounds: Range): Range {
  const whole = bounds.to - bounds.from;
  const wanted = (range.to - range.from) / factor;
  const span = Math.min(whole, Math.max(wanted, Math.min(stepsMin, whole)));
  const share = (anchor - range.from) / (range.to - range.from);
  const from = anchor - share * span;
  return clampRange({ from, to: from + span }, bounds);
}

/** @param steps how far to move, to the right when positive */
export function panRange(range: Range, steps: number, bounds: Range): Range {
  return clampRange({ from: range.from + steps, to: range.to + steps }, bounds);
}

/** The least move that brings a step into view, with some of its surroundings; the same range when it is there already. */
export function revealStep(range: Range, step: number, bounds: Range): Range {
  const span = range.to - range.from;
  const margin = Math.min(span * 0.08, 40);
  if (step >= range.from + margin && step + 1 <= range.to - margin) return range;
  const inside = step >= range.from && step + 1 <= range.to;
  if (!inside && (step < range.from - span || step > range.to + span)) {
    return clampRange({ from: step + 0.5 - span / 2, to: step + 0.5 + span / 2 }, bounds);
  }
  const move = step < range.from + margin ? step - margin - range.from : step + 1 + margin - range.to;
  return panRange(range, move, bounds);
}

/** Distances between the marks of an axis: 1, 2 or 5 times a power of ten, at least `least` steps. */
export function tickDistance(least: number): number {
  const power = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(least, 1))));
  for (const times of [1, 2, 5, 10]) if (times * power >= least) return times * power;
  return 10 * power;
}
