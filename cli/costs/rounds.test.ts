// Rounds of busy gateways: what becomes of their words, and that a board on which nothing can be committed gives failures.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Crew, type Played } from '../../harness/search/stress/crew.ts';
import { runsFolder } from '../../harness/run/workplace.ts';
import { machineOf } from '../../harness/testing/lab.test-support.ts';
import { busyScenario, planOf } from './busy.ts';
import { roundOf } from './rounds.ts';

type Said = readonly [nowMs: number, kind: string];

function played(process: string, beganMs: number, ...said: readonly Said[]): Played {
  const observations = said.map(([nowMs, kind]) => ({ nowMs, kind, data: null }));
  return { process, ending: { how: 'returned' }, beganMs, observations, cpuMs: 1, memoryBytes: 0, open: 0 };
}

test('latencies are of writes that begin while all are busy; the rate leaves the first fifth out', () => {
  const first = played(
    'gateway-1',
    1000,
    [0, 'commit-begins'], // before it is ready: the warm-up
    [1, 'acknowledged'],
    [10, 'ready'],
    [11, 'commit-begins'], // before the other is
    [20, 'acknowledged'],
    [31, 'commit-begins'],
    [35, 'acknowledged'], // in the lead-in, which goes to 1046
    [50, 'commit-begins'],
    [57, 'acknowledged'],
    [100, 'commit-begins'],
    [400, 'acknowledged'], // after the window, which ends at 1110
    [401, 'commit-begins'],
    [402, 'acknowledged'],
  );
  const second = played(
    'gateway-2',
    1020,
    [10, 'ready'],
    [40, 'commit-begins'],
    [42, 'nothing-to-write'],
    [43, 'commit-begins'],
    [44, 'commit-failed'],
    [45, 'commit-lost'],
  );
  expect(roundOf([first, second], 100)).toEqual({
    commits: 1,
    seconds: (1110 - 1046) / 1000,
    latenciesMs: [4, 7, 300],
    failed: 2,
  });
});

test('a gateway that does not return is an error, not a figure', () => {
  const broken: Played = { ...played('gateway-1', 0), ending: { how: 'threw', error: 'a defect' } };
  expect(() => roundOf([broken], 100)).toThrow(/a defect/);
});

test('on a board that is none every write fails, and that is counted', async () => {
  const { binding } = await machineOf();
  const folder = mkdtempSync(join(runsFolder(), 'costs-test-'));
  const crew = new Crew({ scenario: busyScenario, binding, folder, number: 0, limitMs: 60_000, restMsMax: 1000 });
  try {
    const plan = planOf({ strategy: 'wal', engine: '3.54.1', gateways: 2 }, { forMs: 50 }, 1);
    const root = join(folder, 'root');
    mkdirSync(root);
    writeFileSync(join(root, 'kanban.db'), 'no database');
    const round = roundOf(await crew.play(plan, busyScenario.start(plan), root), 50);
    expect(round).toMatchObject({ commits: 0, latenciesMs: [] });
    expect(round.failed).toBeGreaterThan(0);
  } finally {
    crew.close();
    rmSync(folder, { recursive: true });
  }
});
