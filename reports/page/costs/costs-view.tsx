// What each strategy costs: commits a second and latencies as dot plots, and every value as a table. What stays out: the
// plots themselves (dot-plot.tsx) and the table (costs-table.tsx).
import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { referenceOf } from '../../cost-words.ts';
import type { ResultCost } from '../../results.ts';
import { count } from '../../words.ts';
import { quantity } from '../quantities.ts';
import type { Report } from '../report.ts';
import { CostsTable } from './costs-table.tsx';
import { DotPlot, type Panel } from './dot-plot.tsx';
import { linear, logarithmic } from './scale.ts';
import './costs.css';

const interval = ({ low, high }: { readonly low: number; readonly high: number }, unit: string): string =>
  `${quantity(low)} to ${quantity(high)} ${unit}`;

function ratePanel(costs: readonly ResultCost[], title: string, reference: string | undefined): Panel {
  return {
    title,
    reference: costs.find(({ strategy }) => strategy === reference)?.commitsPerSecond,
    rows: costs.map(({ strategy, commitsPerSecond, commitsPerSecondInterval: { low, high } }) => ({
      name: strategy,
      says: `${quantity(commitsPerSecond)} commits/s, ${interval({ low, high }, 'commits/s')}`,
      dots: [{ value: commitsPerSecond, low, high, shape: 'full' }],
    })),
  };
}

function latencyPanel(costs: readonly ResultCost[], title: string): Panel {
  return {
    title,
    reference: undefined,
    rows: costs.map((cost) => ({
      name: cost.strategy,
      says: `p50 ${quantity(cost.p50Ms)} ms, p95 ${quantity(cost.p95Ms)} ms, p99 ${quantity(cost.p99Ms)} ms`,
      dots: [
        { value: cost.p50Ms, ...cost.p50Interval, shape: 'full' },
        { value: cost.p95Ms, ...cost.p95Interval, shape: 'hollow' },
        { value: cost.p99Ms, ...cost.p99Interval, shape: 'tick' },
      ],
    })),
  };
}

/** Strategies in the order of their commits a second with `gateways`, the fastest first; null: as listed. */
function ordered(costs: readonly ResultCost[], strategies: readonly string[], gateways: number | null) {
  const rate = (strategy: string): number =>
    costs.find((cost) => cost.strategy === strategy && cost.gateways === gateways)?.commitsPerSecond ?? -1;
  const own = strategies.filter((strategy) => costs.some((cost) => cost.strategy === strategy));
  return gateways === null ? own : own.toSorted((a, b) => rate(b) - rate(a));
}

function Order({
  many,
  order,
  choose,
}: {
  readonly many: readonly number[];
  readonly order: number | null;
  readonly choose: (order: number | null) => void;
}) {
  return (
    <label class="controls order">
      <span>Order</span>
      <select
        value={String(order)}
        onChange={({ currentTarget: { value } }) => choose(value === 'null' ? null : Number(value))}
      >
        {many.map((gateways) => (
          <option key={gateways} value={String(gateways)}>
            commits/s, {count(gateways, 'gateway')}
          </option>
        ))}
        <option value="null">as listed</option>
      </select>
    </label>
  );
}

function Charts({ report, costs }: { readonly report: Report; readonly costs: readonly ResultCost[] }): JSX.Element {
  const many = [...new Set(costs.map(({ gateways }) => gateways))].toSorted((a, b) => a - b);
  const [order, setOrder] = useState<number | null>(many[0] ?? null);
  const names = ordered(
    costs,
    [...new Set([...report.strategies.map(({ name }) => name), ...costs.map((c) => c.strategy)])],
    order,
  );
  const of = (gateways: number) =>
    names.flatMap((name) => costs.find((cost) => cost.strategy === name && cost.gateways === gateways) ?? []);
  const [reported] = report.strategies;
  const rates = linear(Math.max(...costs.map((cost) => cost.commitsPerSecondInterval.high)));
  const latencies = logarithmic(
    Math.min(...costs.map((cost) => cost.p50Interval.low)),
    Math.max(...costs.map((cost) => cost.p99Interval.high)),
  );
  return (
    <>
      <div class="chart-head">
        <h3>Commits a second, of all gateways together</h3>
        <Order many={many} order={order} choose={setOrder} />
      </div>
      <p class="soft small">
        More is better. Bars: 95 % confidence; a difference smaller than the bars says nothing.{' '}
        {reported !== undefined && names.length > 1 && names.includes(reported.name) && `Dashed: ${reported.name}.`}
      </p>
      <DotPlot
        panels={many.map((gateways) =>
          ratePanel(of(gateways), count(gateways, 'gateway'), names.length > 1 ? reported?.name : undefined),
        )}
        scale={rates}
        unit="commits/s"
      />
      <h3>Latency of a commit</h3>
      <p class="soft small key">
        Less is better; each line of the scale is ten times the one before.
        <span>
          <svg width="10" height="10" aria-hidden="true">
            <circle class="full" cx="5" cy="5" r="3.5" />
          </svg>{' '}
          p50
        </span>
        <span>
          <svg width="10" height="10" aria-hidden="true">
            <circle class="hollow" cx="5" cy="5" r="3.5" />
          </svg>{' '}
          p95
        </span>
        <span>
          <svg width="10" height="10" aria-hidden="true">
            <line class="tick-mark" x1="5" x2="5" y1="0" y2="10" />
          </svg>{' '}
          p99
        </span>
      </p>
      <DotPlot
        panels={many.map((gateways) => latencyPanel(of(gateways), count(gateways, 'gateway')))}
        scale={latencies}
        unit="ms"
      />
    </>
  );
}

export function CostsView({ report }: { readonly report: Report }): JSX.Element {
  const { costs } = report.results;
  const engines = useMemo(() => [...new Set(costs.map(({ engine }) => engine))], [costs]);
  const [chosen, setEngine] = useState(engines[0]);
  const own = costs.filter(({ engine }) => engine === chosen);
  return (
    <section id="costs" class="costs" aria-labelledby="costs-title">
      <h2 id="costs-title">
        Costs <span class="rest">on SQLite {chosen}</span>
      </h2>
      <p class="soft small">
        Gateways running free on one board, all strategies on the same machine: compare them with each other, not with
        other machines. VFS calls and syncs are counted in lock step and are the same everywhere.
      </p>
      {engines.length > 1 && (
        <fieldset class="switch controls">
          <legend>SQLite</legend>
          {engines.map((engine) => (
            <label key={engine}>
              <input type="radio" name="cost-engine" checked={engine === chosen} onChange={() => setEngine(engine)} />
              <span>{engine}</span>
            </label>
          ))}
        </fieldset>
      )}
      <Charts key={chosen} report={report} costs={own} />
      <CostsTable costs={own} reference={referenceOf(report.results)} />
    </section>
  );
}
