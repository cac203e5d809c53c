// Cells that lend each other plans: what fails in one is replayed in the others of its scenario and engine, once, the same whoever
// was visited first. Workers are made up: what a visit does is not their matter.
import { expect, test } from 'vitest';
import { planOf } from '../harness/testing/lab.test-support.ts';
import { campaign, type CampaignOptions, type CellReport, emptyReport } from './campaign.ts';
import { type CellName, keyOf, planFileOf } from './cells.ts';
import type { Failure, VisitOrder, VisitReport } from './visit.ts';

const cell = (strategy: string, scenario = 's'): CellName => ({ scenario, strategy, engine: '3.50.4' });
const waves = [
  [cell('whole'), cell('without-a'), cell('without-b'), cell('without-e'), cell('whole', 't')],
  [cell('with-c'), cell('with-d')],
];

/** Which plan makes a cell fail, and which cells fail by chance. */
interface World {
  readonly byChance: readonly string[];
  readonly byPlan: { readonly [strategy: string]: string };
}

const world: World = {
  byChance: ['without-a', 'with-c'],
  byPlan: { 'without-b': 'with-c', 'without-e': 'without-a', 'with-d': 'without-a' },
};

function failureOf(order: VisitOrder): Failure {
  const plan = planOf({ strategy: order.cell.strategy });
  return { how: 'search', plan, violations: [] } as unknown as Failure;
}

function visited({ byChance, byPlan }: World, order: VisitOrder): VisitReport {
  const { strategy } = order.cell;
  const borrowed: string[] = [];
  for (const { name, plan } of order.borrowed) {
    borrowed.push(name);
    if (byPlan[strategy] === plan.strategy) return { ...emptyReport, borrowed, failure: failureOf(order) };
  }
  const searches = order.searches !== 'never';
  const failure = searches && byChance.includes(strategy) ? failureOf(order) : null;
  return { ...emptyReport, borrowed, runs: searches ? 3 : 0, failure };
}

/** @param made takes down the visits */
async function play(
  options: Partial<CampaignOptions>,
  given: World = world,
  slow: readonly string[] = [],
  made: string[] = [],
) {
  const orders: VisitOrder[] = [];
  const reports = new Map<string, CellReport>(options.known);
  await campaign({
    cells: waves.flat(),
    lending: { waves, plans: new Map() },
    machines: new Map([['3.50.4', { binding: 'b', gate: 'g', engine: '3.50.4' }]]),
    seed: 1,
    chooser: 'preemptions',
    bound: 0.05,
    short: false,
    jobs: 1,
    runs: 3,
    timeMs: null,
    shrinkMs: 1000,
    stepsMax: 100,
    stop: () => false,
    onCell: ({ cell: of, report }) => void reports.set(keyOf(of), report),
    makeWorker: () => ({
      async visit(order) {
        orders.push(order);
        made.push(keyOf(order.cell));
        const ms = slow.includes(order.cell.strategy) ? 20 : 1;
        await new Promise((resolve) => setTimeout(resolve, ms));
        return { report: visited(given, order), stopped: false };
      },
      stop: () => {},
      close: () => Promise.resolve(),
    }),
    ...options,
  });
  const found = [...reports].map(([key, { borrowed, failure, runs }]) => [key, borrowed, failure !== null, runs]);
  return { orders, reports, found: Object.fromEntries(found.map(([key, ...rest]) => [key, rest])) };
}

const file = (strategy: string) => planFileOf(cell(strategy));

test('what fails in a wave is replayed in all that have not failed, and first of all in the next wave', async () => {
  const { orders, found } = await play({});
  expect(found).toEqual({
    's/whole/3.50.4': [['with-c', 'with-d', 'without-a', 'without-b', 'without-e'].map(file), false, 3],
    's/without-a/3.50.4': [[], true, 3],
    's/without-b/3.50.4': [['with-c', 'without-a', 'without-e'].map(file), true, 3],
    's/without-e/3.50.4': [[file('without-a')], true, 3],
    't/whole/3.50.4': [[], false, 3],
    's/with-c/3.50.4': [['without-a', 'without-e'].map(file), true, 3],
    's/with-d/3.50.4': [[file('without-a')], true, 0],
  });
  const first = orders.find(({ cell: { strategy } }) => strategy === 'with-c');
  expect(first?.searches, 'lent plans come with the search').toBe('always');
  const only = orders.filter(({ searches }) => searches === 'never').map(({ cell: { strategy } }) => strategy);
  expect(only.slice(0, 3), 'after the first wave').toEqual(['whole', 'without-b', 'without-e']);
});

test('no plan is replayed twice in a cell, nor in its own', async () => {
  const { orders } = await play({});
  for (const [key, own] of Map.groupBy(orders, (order) => keyOf(order.cell))) {
    const lent = own.flatMap(({ borrowed }) => borrowed.map(({ name }) => name));
    expect(new Set(lent).size, key).toBe(lent.length);
    expect(lent).not.toContain(planFileOf(own[0]!.cell));
  }
});

test('any number of jobs, and whoever is slow, finds the same', async () => {
  const { found } = await play({});
  for (const slow of [['whole'], ['without-a', 'with-d'], ['with-c', 'without-b']])
    expect((await play({ jobs: 4 }, world, slow)).found).toEqual(found);
});

test('what goes on after an interrupt finds the same, wherever that came: plans of a wave wait for its end', async () => {
  const { found, orders } = await play({});
  for (const visits of orders.keys()) {
    const made: string[] = [];
    const stop = () => made.length >= visits;
    const { reports } = await play({ stop }, world, [], made);
    const failed = [...reports].flatMap(([key, { failure }]) => {
      return failure === null || failure === 'kept' ? [] : [[key, failure.plan] as const];
    });
    const kept = [...reports].map(([key, report]): [string, CellReport] => {
      return [key, { ...report, failure: report.failure === null ? null : 'kept' }];
    });
    const again = await play({
      cells: waves.flat().filter((one) => !reports.has(keyOf(one))),
      known: new Map(kept),
      lending: { waves, plans: new Map(failed) },
    });
    expect(again.found, `after ${visits} visits`).toEqual(found);
  }
});

test('with a time, too, the first wave comes first, and what was lent last is replayed', async () => {
  const { orders, found } = await play({ runs: null, timeMs: 8000 });
  const places = orders.map((order) => waves[1]!.some((one) => keyOf(one) === keyOf(order.cell)));
  expect(places.indexOf(true)).toBeGreaterThanOrEqual(waves[0]!.length);
  expect(found['s/with-d/3.50.4']?.[1]).toBe(true);
  expect(found['s/without-b/3.50.4']?.[1]).toBe(true);
  expect(found['s/whole/3.50.4']?.[0]).toHaveLength(5);
});

test('with a time, cells that have passed leave the rest to those that have not, and the first wave gets twice as much', async () => {
  const made: VisitOrder[] = [];
  const passed = ['whole', 'with-c'];
  await play({
    runs: null,
    timeMs: 6000,
    makeWorker: () => ({
      async visit(order) {
        made.push(order);
        await new Promise((resolve) => setTimeout(resolve, 1));
        const reached = passed.includes(order.cell.strategy) ? 59 : 1;
        return { report: { ...emptyReport, runs: reached, reached, runSeconds: 3600 }, stopped: false };
      },
      stop: () => {},
      close: () => Promise.resolve(),
    }),
  });
  const first = made.slice(0, 7).map(({ cell: { strategy }, timeMs }) => ({ strategy, timeMs: timeMs ?? 0 }));
  expect(first.map(({ strategy }) => strategy)).toEqual(waves.flat().map(({ strategy }) => strategy));
  const share = 1500 / 12;
  expect(first[0]?.timeMs).toBeGreaterThan(1.9 * share);
  expect(made.slice(7).map(({ cell: { strategy } }) => strategy)).toEqual([
    'without-a',
    'without-b',
    'without-e',
    'with-d',
  ]);
});
