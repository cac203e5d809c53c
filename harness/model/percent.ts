// A share that bounds another from above, in words, the same in every output. What stays out: other figures.

/**
 * With two significant digits: `0.0149` as `1.5 %`. Rounded up: a bound must not come out smaller than it is.
 *
 * @param rate from 0 to 1
 */
export function percent(rate: number): string {
  const value = rate * 100;
  if (value <= 0) return '0 %';
  const decimals = Math.max(0, 1 - Math.floor(Math.log10(value)));
  // 1e-9: what a decimal such as 1.5 differs by in binary is no reason to round up.
  const up = Math.ceil(value * 10 ** decimals - 1e-9) / 10 ** decimals;
  return `${up.toFixed(decimals)} %`;
}
