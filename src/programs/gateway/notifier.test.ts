// The notifier: who hears of what, and what becomes of a notice that is refused. On real processes.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ProcessLab } from '../../../harness/testing/process-lab.test-support.ts';
import { boardOf, gatewayOf, message, rolesSystem, start } from '../../testing/roles-system.test-support.ts';
import type { GatewaySettings } from './settings.ts';

let lab: ProcessLab;
beforeAll(async () => {
  lab = await ProcessLab.open(rolesSystem);
});
afterAll(() => lab.close());

function run(more: Partial<GatewaySettings>, horizonMs = 100_000) {
  return lab.run({ processes: [start('a', 'gateway', gatewayOf(more))], horizonMs });
}

/** Connections that the notifier opened at a time, and functions that wrote on them, are seen in its steps. */
function opensAt(steps: Awaited<ReturnType<typeof run>>['steps'], nowMs: number): number {
  return steps.filter((step) => step.lane === 'a/notifier' && step.nowMs === nowMs && step.op === 'disconnect').length;
}

test('tells a chat once that its task is done, and ends the subscription', async () => {
  const { all, history } = await run({ messages: [message()] });
  expect(all('notified')).toMatchObject([{ kind: 'completed', by: 'a', nowMs: 10_000 }]);
  expect(history.autopsy.tables.find(({ table }) => table === 'kanban_notify_subs')?.rows).toBe(0);
});

test('tells of a blocked task and keeps the subscription', async () => {
  const { all, history } = await run({ messages: [message({ verdict: 'block' })] });
  expect(all('notified')).toMatchObject([{ kind: 'blocked' }]);
  expect(history.autopsy.tables.find(({ table }) => table === 'kanban_notify_subs')?.rows).toBe(1);
});

test('claims, advances and unsubscribes on a connection each; an idle tick needs one', async () => {
  const { steps } = await run({ messages: [message()] });
  expect(opensAt(steps, 10_000)).toBe(3);
  expect(opensAt(steps, 15_000)).toBe(1);
});

test('takes the time that a chat platform takes', async () => {
  const { all } = await run({ messages: [message()], sendMs: 700 });
  expect(all('notified')).toMatchObject([{ nowMs: 10_700 }]);
});

test('puts the cursor back before a notice that was refused, and tells it with the next tick', async () => {
  const { all } = await run({ messages: [message()], failingSends: [1] });
  expect(all('notified')).toMatchObject([{ kind: 'completed', nowMs: 15_000 }]);
});

test('serves its own profile only', async () => {
  const { all } = await lab.run({
    horizonMs: 100_000,
    processes: [
      start('a', 'gateway', gatewayOf({ messages: [message()] })),
      start('b', 'gateway', gatewayOf({ profile: 'q', messages: [message()] })),
    ],
  });
  expect(all('notified').map(({ by }) => by)).toEqual(['a', 'b']);
});

test.each(['step', 'skip'] as const)('clears old events away once an hour, quiet hours %s', async (quiet) => {
  const { steps } = await lab.run({
    processes: [start('a', 'gateway', gatewayOf({ dispatches: false }))],
    horizonMs: 3_700_000,
    parameters: { quiet },
  });
  expect(opensAt(steps, 3_600_000)).toBe(2);
  expect(opensAt(steps, 3_605_000)).toBe(1);
});

test('logs an error of the board and ticks on', async () => {
  const { all } = await lab.run({
    horizonMs: 30_000,
    processes: [start('a', 'gateway', gatewayOf({ board: boardOf(), dispatches: false }))],
    faults: [
      {
        kind: 'io-error',
        at: { timeMs: 8000 },
        lane: 'a/notifier',
        op: 'open',
        code: 'SQLITE_CANTOPEN',
        until: { timeMs: 18_000 },
      },
    ],
  });
  expect(all('tick-failed').map(({ nowMs, code }) => [nowMs, code])).toEqual([
    [10_000, 'SQLITE_CANTOPEN'],
    [15_000, 'SQLITE_CANTOPEN'],
  ]);
  expect(
    all('tick')
      .filter(({ lane }) => lane === 'notifier')
      .map(({ nowMs }) => nowMs),
  ).toContain(20_000);
});
