// Rates side by side, as a table: the middle of the rounds, and from the lowest to the highest. What stays out: measuring.

/** @property seconds real */
export interface Measured {
  readonly runs: number;
  readonly steps: number;
  readonly seconds: number;
}

export interface Sides {
  readonly here: readonly Measured[];
  readonly there: readonly Measured[];
}

const perSecond = ({ runs, seconds }: Measured): number => runs / seconds;
const stepsPerSecond = ({ steps, seconds }: Measured): number => steps / seconds;

/** The middle, and from the lowest to the highest; empty where nothing is known. */
function spread(values: readonly number[]): string {
  const sorted = values.filter((value) => Number.isFinite(value)).toSorted((a, b) => a - b);
  const [low, middle, high] = [sorted[0], sorted[Math.floor((sorted.length - 1) / 2)], sorted.at(-1)];
  if (low === undefined || middle === undefined || high === undefined) return '-';
  const short = (value: number): string => String(Number(value.toPrecision(3)));
  return low === high ? short(middle) : `${short(middle)} (${short(low)} to ${short(high)})`;
}

/** Of each round, what is measured here over what is measured there in the same round. */
function ratios({ here, there }: Sides, rate: (one: Measured) => number): readonly number[] {
  return here.flatMap((one, round) => {
    const other = there[round];
    return other === undefined ? [] : [rate(one) / rate(other)];
  });
}

/** @param against name of the other side */
export function tableOf(results: ReadonlyMap<string, Sides>, against: string): string {
  const head = ['cell', 'runs/s here', `runs/s ${against}`, 'ratio', 'steps/s ratio'];
  const rows = [...results].map(([name, sides]) => [
    name,
    spread(sides.here.map(perSecond)),
    spread(sides.there.map(perSecond)),
    spread(ratios(sides, perSecond)),
    spread(ratios(sides, stepsPerSecond)),
  ]);
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
