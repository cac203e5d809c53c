// From values to places on an axis, and the ticks that name them. Pure. What stays out: drawing.

export interface Scale {
  /** Place of a value, from 0 (left) to 100 (right). */
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
}

/** From zero to `max`: for rates, whose lengths are compared. */
export function linear(max: number): Scale {
  const top = max > 0 ? max : 1;
  const rough = top / 3;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = unit * ([1, 2, 5, 10].find((times) => times * unit >= rough) ?? 10);
  const end = Math.ceil(top / step) * step;
  const ticks = Array.from({ length: Math.round(end / step) + 1 }, (_, place) => place * step);
  return { at: (value) => (value / end) * 100, ticks };
}

/** By powers of ten, from below `min` to above `max`: for latencies, whose ratios are compared. */
export function logarithmic(min: number, max: number): Scale {
  const low = Math.floor(Math.log10(min > 0 ? min : 0.001));
  const high = Math.max(low + 1, Math.ceil(Math.log10(max > 0 ? max : 1)));
  const ticks = Array.from({ length: high - low + 1 }, (_, place) => 10 ** (low + place));
  const at = (value: number): number => ((Math.log10(Math.max(value, 10 ** low)) - low) / (high - low)) * 100;
  return { at, ticks };
}
