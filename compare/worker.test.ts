// A worker of a comparison that is killed is replaced, and makes the visit again; one that is told to stop says so.
import { readdirSync } from 'node:fs';
import { withDir } from 'tmp-promise';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { LaneBinaries } from '../harness/run/pool.ts';
import { machineOf } from '../harness/testing/lab.test-support.ts';
import { scenarioModuleOf } from '../scenarios/known.ts';
import type { VisitOrder } from './visit.ts';
import { Worker } from './worker.ts';

let machine: LaneBinaries;
let worker: Worker;
beforeAll(async () => {
  machine = await machineOf();
});
afterEach(() => worker.close());

const order = (runs: number): VisitOrder => ({
  cell: { scenario: 'wal-reset', strategy: 'wal', engine: '3.54.1' },
  scenarioModule: scenarioModuleOf('wal-reset'),
  machine,
  seed: 1,
  chooser: 'preemptions',
  bound: 0.05,
  seen: [],
  borrowed: [],
  violated: [],
  searches: 'always',
  short: true,
  first: 0,
  runs,
  timeMs: null,
  wholeMs: null,
  replayFrom: 1000,
  shrinkMs: 1000,
  powerLoss: null,
  powerFirst: 0,
  powerRuns: 0,
  powerOnly: false,
  stepsMax: 1000,
});

function strike(signal: NodeJS.Signals): void {
  if (worker.pid !== undefined) process.kill(worker.pid, signal);
}

test.each(['SIGKILL', 'SIGTERM'] as const)('one that is ended by %s from outside is replaced', async (signal) => {
  worker = new Worker();
  const first = worker.pid;
  const going = worker.visit(order(3));
  strike(signal);
  expect(await going).toMatchObject({ report: { runs: 3 }, stopped: false });
  expect(worker.pid).not.toBe(first);
});

test('one that is killed, and has no successor, leaves nothing behind', async () => {
  await withDir(async ({ path }) => {
    vi.stubEnv('LOCKSTEP_RUNS', path);
    worker = new Worker();
    await worker.visit(order(1));
    expect(readdirSync(path)).not.toEqual([]);
    strike('SIGKILL');
    await worker.close();
    expect(readdirSync(path)).toEqual([]);
  });
  vi.unstubAllEnvs();
});

test('a cell that ends one after the other has an error, and the next cell none', async () => {
  worker = new Worker();
  const blows = setInterval(() => strike('SIGKILL'), 10);
  const answer = await worker.visit(order(3));
  clearInterval(blows);
  expect(answer).toMatchObject({ error: { code: 'WORKER_DIED', kind: 'harness' }, stopped: false });
  expect(await worker.visit(order(1))).toMatchObject({ report: { runs: 1 } });
});

test('one that is told to stop ends in the middle, with what it has', async () => {
  worker = new Worker();
  await worker.visit(order(1));
  const going = worker.visit(order(1_000_000));
  worker.stop();
  expect(await going).toMatchObject({ stopped: true });
});
