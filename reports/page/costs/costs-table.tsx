// Every measured cost, as a table. What stays out: the plots.
import type { JSX } from 'preact';
import { diskWords } from '../../cost-words.ts';
import type { ResultCost } from '../../results.ts';
import { count, figure } from '../../words.ts';
import { quantity } from '../quantities.ts';

interface Interval {
  readonly low: number;
  readonly high: number;
}

function Measured({ value, interval: { low, high } }: { readonly value: number; readonly interval: Interval }) {
  return (
    <td class="number">
      {quantity(value)}
      <span class="soft interval-words">
        {quantity(low)}–{quantity(high)}
      </span>
    </td>
  );
}

const heads = [
  'Gateways',
  'Commits/s',
  'p50 ms',
  'p95 ms',
  'p99 ms',
  'VFS calls',
  'Syncs',
  'Bytes written',
  'Disk used',
  'Open files',
  'CPU ms',
  'of it server',
  'MB',
  'Failed',
  'Samples',
] as const;

function known(value: number | null): string {
  return value === null ? '' : quantity(value);
}

interface Props {
  readonly costs: readonly ResultCost[];
  /** What disk is compared with. */
  readonly reference: string | undefined;
}

export function CostsTable({ costs, reference }: Props): JSX.Element {
  return (
    <details class="all-costs" open={costs.length <= 30}>
      <summary>All values: {count(costs.length, 'row')}</summary>
      <p class="soft small">
        With 95 % confidence intervals. VFS calls, syncs, bytes and processor time are per commit; the last, and memory,
        of all processes together.
      </p>
      <div class="scroll" tabIndex={0} role="region" aria-label="All costs">
        <table class="plain numbers-table">
          <thead>
            <tr>
              <th scope="col">Strategy</th>
              {heads.map((head) => (
                <th key={head} scope="col" class="number">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {costs.map((cost) => (
              <tr key={`${cost.strategy} ${cost.gateways}`}>
                <th scope="row">{cost.strategy}</th>
                <td class="number">{cost.gateways}</td>
                <Measured value={cost.commitsPerSecond} interval={cost.commitsPerSecondInterval} />
                <Measured value={cost.p50Ms} interval={cost.p50Interval} />
                <Measured value={cost.p95Ms} interval={cost.p95Interval} />
                <Measured value={cost.p99Ms} interval={cost.p99Interval} />
                <td class="number">{quantity(cost.vfsCallsPerCommit)}</td>
                <td class="number">{quantity(cost.syncsPerCommit)}</td>
                <td class="number">{quantity(cost.bytesPerCommit)}</td>
                <td class="number">{diskWords(cost, reference, costs)}</td>
                <td class="number">{quantity(cost.handles)}</td>
                <td class="number">{known(cost.cpuMsPerCommit)}</td>
                <td class="number">{known(cost.serverCpuMsPerCommit)}</td>
                <td class="number">{known(cost.memoryBytes === null ? null : cost.memoryBytes / 1e6)}</td>
                <td class="number">{figure(cost.failed)}</td>
                <td class="number">{figure(cost.samples)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
