// What a strategy costs beside another one, in words. What stays out: tables and plots of all costs.
import type { ResultCost, Results } from './results.ts';
import { count, figure } from './words.ts';

/** With three significant digits. */
function rounded(value: number): string {
  return value >= 100 ? figure(Math.round(value)) : String(Number(value.toPrecision(3)));
}

/** `× 1.25` of two figures; nothing where there is nothing to divide by. */
function times(value: number, by: number): string {
  return by > 0 ? ` (× ${(value / by).toFixed(2)})` : '';
}

/** The strategy that changes nothing of the system as reported, where the document has it or its costs: what others cost beside it. */
export function referenceOf({
  about,
  ablation,
  costs,
}: Pick<Results, 'about' | 'ablation' | 'costs'>): string | undefined {
  const named = about.strategies.find(({ changes }) => changes?.length === 0)?.name;
  const known = about.strategies.map(({ name }) => name);
  // An ablation measures it, and does not compare it.
  return named ?? (ablation && costs.find(({ strategy }) => !known.includes(strategy))?.strategy);
}

/** Disk of a strategy's commits, as a multiple of the reference's; undefined where not both were measured. */
export function diskRatio(
  { engine, gateways, diskBytesPerCommit: own }: ResultCost,
  reference: string | undefined,
  costs: readonly ResultCost[],
): number | undefined {
  const base = costs.find(
    (cost) => cost.strategy === reference && cost.engine === engine && cost.gateways === gateways,
  )?.diskBytesPerCommit;
  return own === null || base === undefined || base === null || base <= 0 ? undefined : own / base;
}

/** Disk that a commit of a strategy takes, and how many times the reference's that is. */
export function diskWords(cost: ResultCost, reference: string | undefined, costs: readonly ResultCost[]): string {
  const ratio = cost.strategy === reference ? undefined : diskRatio(cost, reference, costs);
  const own = cost.diskBytesPerCommit === null ? 'not counted' : rounded(cost.diskBytesPerCommit);
  return ratio === undefined ? own : `${own} (× ${ratio.toFixed(2)} of ${reference ?? ''})`;
}

/** Costs of strategies where all of them were measured: with the most gateways, on the first engine; in their order. */
export function costsWhereAll(strategies: readonly string[], costs: readonly ResultCost[]): readonly ResultCost[] {
  const measured = costs.filter(({ samples }) => samples > 0);
  const places = Map.groupBy(measured, ({ engine, gateways }) => JSON.stringify([engine, gateways]));
  const whole = [...places.values()].map((there) =>
    strategies.flatMap((strategy) => there.find((cost) => cost.strategy === strategy) ?? []),
  );
  const full = whole.filter((there) => there.length === strategies.length);
  return full.toSorted(([a], [b]) => (b?.gateways ?? 0) - (a?.gateways ?? 0))[0] ?? [];
}

/**
 * What a strategy costs beside another, as a clause: each figure with its ratio, but commits a second and latencies whose intervals
 * meet are called alike, since they say nothing.
 *
 * @returns undefined where not both were measured
 */
export function costBeside(strategy: string, other: string, costs: readonly ResultCost[]): string | undefined {
  const [own, base] = costsWhereAll([strategy, other], costs);
  if (own === undefined || base === undefined) return undefined;
  const rates = meet(own.commitsPerSecondInterval, base.commitsPerSecondInterval)
    ? 'commits/s alike'
    : `${rounded(own.commitsPerSecond)} commits/s${times(own.commitsPerSecond, base.commitsPerSecond)}`;
  const tails = meet(own.p99Interval, base.p99Interval)
    ? 'p99 alike'
    : `p99 ${rounded(own.p99Ms)} ms${times(own.p99Ms, base.p99Ms)}`;
  const written =
    own.bytesPerCommit === base.bytesPerCommit
      ? 'bytes written alike'
      : `${rounded(own.bytesPerCommit)} bytes written a commit${times(own.bytesPerCommit, base.bytesPerCommit)}`;
  const where = `${count(own.gateways, 'gateway')}, SQLite ${own.engine}`;
  const words = [rates, tails, written, ...diskTimes(own, base)];
  return words.every((one) => one.endsWith(' alike')) ? `alike (${where})` : `${words.join(', ')} (${where})`;
}

function diskTimes(
  { diskBytesPerCommit: own }: ResultCost,
  { diskBytesPerCommit: base }: ResultCost,
): readonly string[] {
  if (own === base && own !== null) return ['disk used alike'];
  return own === null || base === null ? [] : [`${rounded(own)} bytes of disk a commit${times(own, base)}`];
}

function meet(
  a: { readonly low: number; readonly high: number },
  b: { readonly low: number; readonly high: number },
): boolean {
  return a.low <= b.high && b.low <= a.high;
}

/** What a strategy costs, as a clause; undefined where it was not measured. */
export function costOf(strategy: string, costs: readonly ResultCost[]): string | undefined {
  const own = costs.filter((cost) => cost.strategy === strategy && cost.samples > 0);
  const [most] = own.toSorted((a, b) => b.gateways - a.gateways);
  if (most === undefined) return undefined;
  const disk = most.diskBytesPerCommit === null ? '' : `, ${rounded(most.diskBytesPerCommit)} of disk`;
  const figures = `${rounded(most.commitsPerSecond)} commits/s, p99 ${rounded(most.p99Ms)} ms, ${rounded(most.bytesPerCommit)} bytes written a commit${disk}`;
  return `${figures} (${count(most.gateways, 'gateway')}, SQLite ${most.engine})`;
}
