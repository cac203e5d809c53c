// `bench --costs`: what strategies cost, as a table. What stays out: measuring (cli/costs/).
import type { Host } from '../../harness/run/hosts.ts';
import { DEFAULT_ENGINE } from '../../harness/engines/catalogue.ts';
import type { ResultCost } from '../../reports/results.ts';
import { strategies } from '../../src/strategies/catalogue.ts';
import { crowdSizes as sizes, leastTimeMs, measureCosts } from '../costs/measure.ts';
import type { Interrupt } from '../interrupt.ts';
import { machineFor } from '../machine.ts';
import { diskRatio } from '../../reports/cost-words.ts';
import { asReportedName } from '../compare/ablate.ts';
import type { Output } from '../output.ts';

/** @property timeMs real milliseconds; default: twice the least that gives meaningful figures */
interface CostsWanted {
  readonly names: readonly string[];
  readonly engine?: string | undefined;
  readonly timeMs?: number | undefined;
  readonly seed: number;
  readonly interrupt: Interrupt;
  readonly host: Host | undefined;
}

/** Names of strategies, with commas; `all` for all that are known. */
export function costedStrategies(list: string): readonly string[] {
  if (list !== 'all') return [...new Set(list.split(',').map((name) => name.trim()))];
  return strategies.filter(({ sameAs }) => sameAs === undefined).map(({ name }) => name);
}

export async function benchCosts(output: Output, wanted: CostsWanted): Promise<readonly ResultCost[]> {
  const { names, engine = DEFAULT_ENGINE, seed, interrupt, host } = wanted;
  const machine = await machineFor(engine, output, interrupt, { host });
  const timeMs = wanted.timeMs ?? 2 * leastTimeMs(names.length, sizes);
  const costs = await measureCosts({
    strategies: names,
    engine,
    machine,
    gateways: sizes,
    budget: { timeMs },
    seed,
    stop: () => interrupt.requested,
    onProgress: (line) => output.status(line),
  });
  output.clearStatus();
  return costs;
}

const figure = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));

const known = (value: number | null): string => (value === null ? '' : figure(value));

const megabytes = (bytes: number | null): number | null => (bytes === null ? null : bytes / 1e6);

const ratioWords = (ratio: number | undefined): string => (ratio === undefined ? '' : `${ratio.toFixed(2)} x`);

export function tellCosts(output: Output, costs: readonly ResultCost[]): void {
  output.table([
    [
      'strategy',
      'gateways',
      'commits/s',
      '95 %',
      'p50 ms',
      'p95 ms',
      'p99 ms',
      'VFS calls',
      'syncs',
      'bytes',
      'disk',
      `of ${asReportedName}`,
      'CPU ms',
      'of it server',
      'MB',
      'of it server',
      'failed',
    ],
    ...costs.map((cost) => {
      const { low, high } = cost.commitsPerSecondInterval;
      return [
        cost.strategy,
        String(cost.gateways),
        figure(cost.commitsPerSecond),
        `${figure(low)} to ${figure(high)}`,
        figure(cost.p50Ms),
        figure(cost.p95Ms),
        figure(cost.p99Ms),
        figure(cost.vfsCallsPerCommit),
        figure(cost.syncsPerCommit),
        figure(cost.bytesPerCommit),
        cost.diskBytesPerCommit === null ? '' : figure(cost.diskBytesPerCommit),
        ratioWords(diskRatio(cost, asReportedName, costs)),
        known(cost.cpuMsPerCommit),
        known(cost.serverCpuMsPerCommit),
        known(megabytes(cost.memoryBytes)),
        known(megabytes(cost.serverMemoryBytes)),
        String(cost.failed),
      ];
    }),
  ]);
  output.say(
    '  VFS calls, syncs, bytes written and disk used are per commit, counted in lock step; the rest is real time, beside each other. Processor time is per commit, memory of all processes together.',
  );
}
