import { afterAll, beforeAll, expect, test } from 'vitest';
import { ProcessLab } from '../../../harness/testing/process-lab.test-support.ts';
import { boardOf, rolesSystem, start } from '../../testing/roles-system.test-support.ts';

let lab: ProcessLab;
beforeAll(async () => {
  lab = await ProcessLab.open(rolesSystem);
});
afterAll(() => lab.close());

test('reads every 3 s, or as told, a connection each time, and writes nothing', async () => {
  for (const [told, reads] of [
    [{}, 10],
    [{ everyMs: 10_000 }, 3],
  ] as const) {
    const { steps, all } = await lab.run({
      processes: [start('d', 'dashboard', { board: boardOf(), ...told })],
      horizonMs: 29_000,
    });
    // The first use of a process has a guard's connection besides.
    expect(steps.filter(({ op }) => op === 'disconnect')).toHaveLength(reads + 1);
    expect(all('committing')).toEqual([]);
  }
});

test('goes on when a read fails', async () => {
  const { all, history } = await lab.run({
    processes: [start('d', 'dashboard', { board: boardOf() })],
    horizonMs: 29_000,
    faults: [
      {
        kind: 'io-error',
        at: { timeMs: 5000 },
        lane: 'd',
        op: 'open',
        code: 'SQLITE_CANTOPEN',
        until: { timeMs: 8000 },
      },
    ],
  });
  expect(all('call-failed')).toMatchObject([{ worker: 'd', call: 'list_tasks', code: 'SQLITE_CANTOPEN', nowMs: 6000 }]);
  expect(history.endings).toEqual([{ lane: 'd', ending: { how: 'returned' } }]);
});

test('its reads are skipped in quiet hours', async () => {
  const run = (quiet?: 'skip') =>
    lab.run({
      processes: [start('d', 'dashboard', { board: boardOf() })],
      horizonMs: 600_000,
      ...(quiet !== undefined && { parameters: { quiet } }),
    });
  expect((await run('skip')).history.steps).toBeLessThan((await run()).history.steps / 20);
});
