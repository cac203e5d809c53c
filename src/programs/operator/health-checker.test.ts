// The cron job that checks the board every 6 h. On real processes; the quiet hours between are skipped.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { each, ProcessLab, texts } from '../../../harness/testing/process-lab.test-support.ts';
import type { Fault } from '../../../harness/model/fault.ts';
import { boardOf, gatewayOf, message, rolesSystem, start } from '../../testing/roles-system.test-support.ts';

let lab: ProcessLab;
beforeAll(async () => {
  lab = await ProcessLab.open(rolesSystem);
});
afterAll(() => lab.close());

const hourMs = 3_600_000;

/** A unit with an orphan beside it, and the checker, for 7 hours. */
function run(health: 'none' | 'checker', more: object = {}, faults: readonly Fault[] = []) {
  const board = boardOf({ health });
  const gateway = gatewayOf({ home: 'unit', board, messages: [message()] });
  return lab.run({
    horizonMs: 7 * hourMs,
    parameters: { quiet: 'skip' },
    faults,
    processes: [
      start('supervisor', 'supervisor', { units: [{ name: 'u', program: 'gateway', args: gateway }] }),
      start('operator', 'operator', {
        file: 'kanban.db',
        gateways: { u: gateway },
        steps: [{ atMs: 10_000, act: 'gateway-run', gateway: 'u', name: 'orphan' }],
      }),
      start('health', 'health-checker', { board, units: ['u'], ...more }),
    ],
  });
}

const damage: Fault = { kind: 'corrupt', at: { timeMs: hourMs }, how: 'index-entry-dropped', owner: 'idx_events_task' };

test('there is none where the policy has none', async () => {
  const { all, history } = await run('none', { always: true });
  expect(all('fresh-read')).toEqual([]);
  expect(history.endings.find(({ lane }) => lane === 'health')?.ending).toEqual({ how: 'returned' });
});

test('leaves a sound board and its holders alone', async () => {
  const { all } = await run('checker');
  expect(all('operator').filter(({ act }) => act === 'health-check')).toMatchObject([
    { healthy: true, nowMs: 6 * hourMs },
  ]);
  expect(each(all('gateway-up'), 'gateway')).toEqual(['u', 'orphan']);
  expect(all('cli')).toEqual([]);
});

test.each([
  ['finds damage', {}, [damage], false],
  ['is told to go through with it always', { always: true }, [], true],
] as const)(
  'when it %s: ends all holders, orphans too, runs init, restarts the units',
  async (_, more, faults, healthy) => {
    const { all } = await run('checker', more, faults);
    expect(all('operator').filter(({ act }) => act === 'health-check')).toMatchObject([{ healthy }]);
    const downs = all('gateway-down').filter(({ nowMs }) => nowMs < 7 * hourMs);
    expect(new Set(each(downs, 'gateway'))).toContain('orphan');
    expect(new Set(each(downs, 'gateway'))).toContain('u');
    expect(all('cli')).toMatchObject([{ by: 'health.init-1', verb: 'init', ok: healthy }]);
    const ups = texts(all('gateway-up'), 'gateway');
    expect(ups.length).toBeGreaterThan(2);
    expect(ups.slice(2).every((name) => name.startsWith('u.'))).toBe(true);
  },
);
