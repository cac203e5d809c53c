// Somebody stands still in the init lock of a board: gateways that wait for it without a limit do not tick meanwhile, and
// those that wait ten seconds do. Both the holder that lets go and the one that does not.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Coordinator } from '../../harness/run/coordinator.ts';
import { violationsOf } from '../../harness/judge/judge-history.ts';
import { explainSteps } from '../../harness/explain/explain-steps.ts';
import { StepBook } from '../../harness/explain/run-steps.ts';
import { type Plan, planFormat } from '../../harness/model/plan.ts';
import { coordinatorOf } from '../../harness/testing/lab.test-support.ts';
import { long } from '../../harness/testing/long.test-support.ts';
import { walUnlinkWedge } from '../wal-unlink-wedge.ts';

let coordinator: Coordinator;
beforeAll(async () => {
  coordinator = await coordinatorOf({ engine: '3.50.4' });
}, 900_000);
afterAll(() => coordinator.close());

const order = { thinkMs: 0, heartbeats: 0, verdict: 'complete' };
const messages = [
  { atMs: 1000, order, afterPrevious: false, leaks: false },
  { atMs: 20_000, order, afterPrevious: false, leaks: true },
];
const gateway = { spawnMs: 2500, workerStartMs: 2000, sendMs: 100, messages };

interface Stall {
  readonly gateways: number;
  readonly horizonMs: number;
  /** For how long the lock is held, from the first minute on. */
  readonly ms: number;
}

const short: Stall = { gateways: 1, horizonMs: 420_000, ms: 240_000 };
const hour: Stall = { gateways: 3, horizonMs: 3_000_000, ms: 1_800_000 };

function planOf({ gateways, horizonMs, ms }: Stall, strategy: string): Plan {
  return {
    format: planFormat,
    scenario: walUnlinkWedge.name,
    strategy,
    engine: '3.50.4',
    parameters: { gateways, horizonMs, stepsMax: 1_000_000, ...(gateways > 1 ? { quiet: 'skip' } : {}) },
    workload: { gateways: Array.from({ length: gateways }, () => gateway), operator: [] },
    faults: [{ kind: 'stalled-lock-holder', holds: 'flock', file: 'kanban.db.init.lock', at: { timeMs: 60_000 }, ms }],
    preemptions: [],
    seed: 1,
  };
}

async function ran(stall: Stall, strategy: string) {
  const book = new StepBook();
  const history = await coordinator.run(walUnlinkWedge, planOf(stall, strategy), undefined, [book]);
  return {
    violations: violationsOf(walUnlinkWedge, history).filter(({ invariant }) => invariant === 'no-wedge'),
    told: explainSteps(book.steps, history, walUnlinkWedge.invariants).map(({ sentence }) => sentence),
  };
}

const blocking = 'blocking-init+safe-read';

test('a holder that lets go: no tick for as long as it holds', async () => {
  const { violations } = await ran(short, blocking);
  expect(violations.length).toBeGreaterThan(0);
  for (const { message } of violations)
    expect(message).toMatch(/^the \S+ of gateway-1 stood still: no tick from \d+\.\d s to 30\d\.\d s, and none failed/);
});

test('a holder that does not: no tick to the end', async () => {
  const { violations } = await ran({ ...short, horizonMs: 400_000, ms: 900_000 }, blocking);
  expect(violations.map(({ message }) => message)).toEqual(
    expect.arrayContaining([expect.stringMatching(/no tick from \d+\.\d s to 400\.0 s|any more since/)]),
  );
});

test('who waits ten seconds and goes on ticks on', async () => {
  for (const ms of [short.ms, 900_000])
    expect((await ran({ ...short, ms }, 'full-sync+safe-read')).violations).toEqual([]);
});

test.each([
  ['half an hour', hour.ms],
  ['the rest of the run', 9_000_000],
])('three gateways, a holder for %s', { ...long, timeout: 900_000 }, async (_, ms) => {
  const { violations } = await ran({ ...hour, ms }, blocking);
  expect(new Set(violations.map(({ message }) => /gateway-\d/.exec(message)?.[0])).size).toBe(3);
});
