// The order of visits: no run is made twice, a cell that fails leaves its time to the others, a stop ends it, errors stay
// with their cell. Workers are made up: what a visit does is not their matter.
import { expect, test } from 'vitest';
import { campaign, type CampaignOptions, type CellFinding, emptyReport } from './campaign.ts';
import { planOf } from '../harness/testing/lab.test-support.ts';
import { keyOf } from './cells.ts';
import type { VisitOrder, VisitReport } from './visit.ts';
import type { WorkerAnswer } from './worker.ts';

const cells = ['a', 'b', 'c'].map((strategy) => ({ scenario: 's', strategy, engine: '3.50.4' }));

interface Played {
  readonly orders: readonly VisitOrder[];
  readonly findings: readonly (readonly [CellFinding, boolean])[];
}

/** Plays a campaign with one worker that answers as told, after so many real milliseconds. */
async function play(
  answer: (order: VisitOrder) => WorkerAnswer,
  options: Partial<CampaignOptions> = {},
  tookMs = 5,
): Promise<Played> {
  const orders: VisitOrder[] = [];
  const findings: [CellFinding, boolean][] = [];
  await campaign({
    cells,
    machines: new Map([['3.50.4', { binding: 'b', gate: 'g', engine: '3.50.4' }]]),
    seed: 1,
    chooser: 'preemptions',
    bound: 0.05,
    short: false,
    jobs: 1,
    runs: null,
    timeMs: 6000,
    shrinkMs: 1000,
    stepsMax: 100,
    stop: () => false,
    onCell: (finding, final) => void findings.push([finding, final]),
    makeWorker: () => ({
      async visit(order) {
        orders.push(order);
        await new Promise((resolve) => setTimeout(resolve, tookMs));
        return answer(order);
      },
      stop: () => {},
      close: () => Promise.resolve(),
    }),
    ...options,
  });
  return { orders, findings };
}

const passing = (runs: number) => (): WorkerAnswer => ({
  report: { ...emptyReport, replayed: 2, runs },
  stopped: false,
});
const failing = { failure: {} as NonNullable<VisitReport['failure']> };

test('with a time a cell is visited twice, and goes on where it was: no run and no replay is made again', async () => {
  const { orders, findings } = await play(passing(7));
  expect(orders.map(({ cell, first, replayFrom }) => [cell.strategy, first, replayFrom])).toEqual([
    ...['a', 'b', 'c'].map((name) => [name, 0, 0]),
    ...['a', 'b', 'c'].map((name) => [name, 7, 2]),
  ]);
  const last = findings.filter(([, final]) => final).map(([{ report }]) => [report.runs, report.replayed]);
  expect(last).toEqual([
    [14, 4],
    [14, 4],
    [14, 4],
  ]);
});

test('runs add up, and what each visit did is told to the next; of a document that is gone on from they may be the same', async () => {
  const few = { runs: 7, repeats: 2, reached: 4, runSeconds: 3600, fingerprints: ['a', 'b', 'c', 'd', 'e'] };
  const answer = (): WorkerAnswer => ({ report: { ...emptyReport, ...few }, stopped: false });
  const { orders, findings } = await play(answer);
  expect(orders.map(({ seen }) => seen.length)).toEqual([0, 0, 0, 5, 5, 5]);
  expect(findings.at(-1)?.[0].report).toMatchObject({ runs: 14, repeats: 4, reached: 8 });
  const known = new Map(cells.map((cell) => [keyOf(cell), { ...emptyReport, ...few, fingerprints: [] }]));
  const resumed = await play(answer, { known, runs: 20, timeMs: null });
  expect(resumed.findings.at(-1)?.[0].report).toMatchObject({ runs: 14, repeats: 9, reached: 4 });
});

test('what only memory made fail is searched at the end: the failure stands, and what chance finds is told beside it', async () => {
  const plan = planOf();
  const shipped = { invariant: 'no-wedge', run: null, plan: null, shipped: 'a.json' };
  const told = (order: VisitOrder): WorkerAnswer => {
    if (order.cell.strategy !== 'b') return { report: { ...emptyReport, runs: 3 }, stopped: false };
    const found =
      order.violated.length === 0
        ? { ...failing, violated: [shipped] }
        : { runs: 5, violated: [{ ...shipped, run: 2, plan }] };
    return { report: { ...emptyReport, replayed: order.violated.length === 0 ? 1 : 0, ...found }, stopped: false };
  };
  const { orders, findings } = await play(told);
  expect(orders.map(({ cell, searches, violated }) => [cell.strategy, searches, violated.length])).toEqual([
    ['a', 'unless-failed', 0],
    ['b', 'unless-failed', 0],
    ['c', 'unless-failed', 0],
    ['a', 'always', 0],
    ['c', 'always', 0],
    ['b', 'always', 1],
  ]);
  const [{ report }, final] = findings.at(-1)!;
  expect(report).toMatchObject({ runs: 5, replayed: 1, violated: [{ run: 2, shipped: 'a.json' }], ...failing });
  expect(final, 'so that its line is told anew').toBe(true);
});

test('what memory made fail before an interrupt is searched at the end, and replayed no more', async () => {
  const shipped = { invariant: 'no-wedge', run: null, plan: null, shipped: 'a.json' };
  const kept = { ...emptyReport, replayed: 3, violated: [shipped], failure: 'kept' } as const;
  const answer = (order: VisitOrder): WorkerAnswer => {
    const { violated } = order;
    return { report: { ...emptyReport, runs: 4, violated }, stopped: false };
  };
  const { orders, findings } = await play(answer, { known: new Map([[keyOf(cells[1]!), kept]]) });
  expect(orders.map(({ cell, replayFrom, violated }) => [cell.strategy, replayFrom, violated.length])).toEqual([
    ['a', 0, 0],
    ['c', 0, 0],
    ['a', 0, 0],
    ['c', 0, 0],
    ['b', 3, 1],
  ]);
  expect(findings.at(-1)?.[0].report).toMatchObject({ runs: 4, replayed: 3, failure: 'kept' });
});

test('every visit knows how much of the whole is left, and rounds leave some of it for what is found last', async () => {
  const { orders } = await play(passing(1), { timeMs: 2000 }, 100);
  for (const [i, { timeMs, wholeMs }] of orders.entries()) {
    expect(wholeMs).toBeLessThanOrEqual(2000 - 90 * i); // a timer may be early
    expect(timeMs).toBeLessThanOrEqual(wholeMs ?? 0);
  }
  const shares = orders.slice(-1).map(({ timeMs, wholeMs }) => (wholeMs ?? 0) - (timeMs ?? 0));
  expect(shares[0]).toBeGreaterThanOrEqual(0.05 * 2000 - 1);
  const endless = await play(passing(1), { runs: 1, timeMs: null });
  expect(endless.orders.map(({ wholeMs }) => wholeMs)).toEqual([null, null, null]);
});

test('a failure whose visit was interrupted is kept, and marked as cut short', async () => {
  const { findings } = await play(() => ({ report: { ...emptyReport, ...failing }, stopped: true }), {
    timeMs: null,
    runs: 9,
  });
  expect(findings.map(([{ cut }, final]) => [cut, final])).toEqual(cells.map(() => [true, true]));
});

test('a cell that fails is not visited again, and leaves its time to the others', async () => {
  const told = (order: VisitOrder): WorkerAnswer => {
    const report = { ...emptyReport, runs: 1, ...(order.cell.strategy === 'a' ? failing : {}) };
    return { report, stopped: false };
  };
  const { orders } = await play(told);
  expect(orders.map(({ cell }) => cell.strategy)).toEqual(['a', 'b', 'c', 'b', 'c']);
  const [, , , again] = orders;
  expect(again?.timeMs).toBeGreaterThan(2 * 0.9 * ((6000 * 0.4) / 3)); // two share what three would have
});

test('before the rest is shared out, the cells that lack least pass, each with what it lacks: the one that lacks too much waits', async () => {
  const rates: { readonly [strategy: string]: number } = { a: 20, b: 50, c: 0.5 }; // in the window a second
  const told = (order: VisitOrder): WorkerAnswer => {
    const rate = rates[order.cell.strategy] ?? 0;
    const reached = order.enough ?? Math.round(rate);
    return { report: { ...emptyReport, runs: 60, reached, runSeconds: reached / rate }, stopped: false };
  };
  const { orders, findings } = await play(told);
  expect(orders.map(({ cell, enough }) => [cell.strategy, enough])).toEqual([
    ...['a', 'b', 'c'].map((name) => [name, undefined]),
    ['b', 9],
    ['a', 39],
    ['c', undefined],
  ]);
  const passes = findings.filter(([, final]) => !final).slice(3);
  expect(passes.map(([{ cell, report }]) => [cell.strategy, report.reached])).toEqual([
    ['b', 59],
    ['a', 59],
  ]);
});

test('where there is time for all passes, the cell that takes longest comes first', async () => {
  const rates: { readonly [strategy: string]: number } = { a: 40, b: 50, c: 20, never: 0 };
  const told = (order: VisitOrder): WorkerAnswer => {
    const rate = rates[order.cell.strategy] ?? 0;
    const reached = order.enough ?? rate;
    const runSeconds = rate === 0 ? 1 : reached / rate;
    return { report: { ...emptyReport, runs: 60, reached, runSeconds }, stopped: false };
  };
  const never = { scenario: 's', strategy: 'never', engine: '3.50.4' };
  const { orders } = await play(told, { cells: [...cells, never] });
  expect(orders.slice(4, 7).map(({ cell, enough }) => [cell.strategy, enough])).toEqual([
    ['c', 39],
    ['a', 19],
    ['b', 9],
  ]);
});

test('the time for the whole is not exceeded: cells for which none is left are told as they are', async () => {
  const { orders, findings } = await play(passing(1), { timeMs: 1000 }, 700);
  expect(orders.length).toBeLessThan(4);
  const final = findings.filter(([, last]) => last).map(([{ cell }]) => cell.strategy);
  expect(final.toSorted()).toEqual(['a', 'b', 'c']);
});

test('with a number of runs a cell is visited once', async () => {
  const { orders, findings } = await play(passing(9), { runs: 9, timeMs: null });
  expect(orders.map(({ runs, timeMs }) => [runs, timeMs])).toEqual([1, 2, 3].map(() => [9, null]));
  expect(findings.every(([, final]) => final)).toBe(true);
});

test('what is known from before is gone on from, and counts', async () => {
  const known = new Map([[keyOf(cells[1]!), { ...emptyReport, runs: 30, replayed: 4, marks: { m: 2 } }]]);
  const { orders, findings } = await play(passing(5), { known, runs: 40, timeMs: null });
  expect(orders.map(({ first, replayFrom, runs }) => [first, replayFrom, runs])).toEqual([
    [0, 0, 40],
    [30, 4, 10],
    [0, 0, 40],
  ]);
  expect(findings[1]?.[0].report).toMatchObject({ runs: 35, replayed: 6, marks: { m: 2 } });
});

test('an error belongs to its cell, and the rest goes on', async () => {
  const error = { kind: 'harness', code: 'LANE_LOST', message: 'gone', remedy: 'look' } as const;
  const told = (order: VisitOrder): WorkerAnswer =>
    order.cell.strategy === 'b' ? { error, seconds: 1, stopped: false } : passing(1)();
  const { orders, findings } = await play(told);
  expect(orders.filter(({ cell }) => cell.strategy === 'b')).toHaveLength(1);
  expect(findings.find(([{ cell }]) => cell.strategy === 'b')).toMatchObject([{ error: { code: 'LANE_LOST' } }, true]);
});

test.each([
  ['is told as one, and its line is not said', {}, false],
  ['is settled all the same when it found a failure', failing, true],
])('the first visit to a cell that was cut short %s', async (_what, found, settled) => {
  let stopped = false;
  const answer = (order: VisitOrder): WorkerAnswer => {
    stopped = order.cell.strategy === 'b';
    return { report: { ...emptyReport, runs: 1, ...(stopped ? found : {}) }, stopped };
  };
  const { orders, findings } = await play(answer, { stop: () => stopped });
  expect(orders.map(({ cell }) => cell.strategy)).toEqual(['a', 'b']);
  expect(findings.map(([{ cell, cut = false }, final]) => [cell.strategy, cut, final])).toEqual([
    ['a', false, false],
    ['b', true, settled],
  ]);
});

test('of a later visit that was cut short what was known before stands', async () => {
  let visits = 0;
  const answer = (): WorkerAnswer => ({ report: { ...emptyReport, runs: 1 }, stopped: ++visits > 3 });
  const { findings } = await play(answer, { stop: () => visits > 3 });
  expect(findings.map(([{ cut = false }]) => cut)).toEqual([false, false, false]);
});
