// orphan: a real second process, adopted by another than who launched it, in no control group.
import { describe, expect, test } from 'vitest';
import { observed, process } from '../../testing/lab.test-support.ts';
import type { Fault } from '../../model/fault.ts';
import { faultLab } from './fault-lab.test-support.ts';

const run = faultLab();
const gateway = process('p', 'tellingParent', { profile: 'x' });
const others = [process('q', 'sleeping', 5000)];

describe('struck', () => {
  test.each<[string, Fault['at']]>([
    ['at a time', { timeMs: 500 }],
    ['at a step', { step: 3 }],
    ['at an operation', { lane: 'p', op: 'sleep', nth: 1 }],
  ])('%s: it runs on the same program and arguments, and its launcher is gone', async (_how, at) => {
    const { history, violations } = await run([gateway, ...others], [{ kind: 'orphan', at, process: 'p' }]);
    const told = observed(history, 'parent') as readonly { process: string }[];
    const args = { profile: 'x' };
    expect(told.toSorted((a, b) => (a.process < b.process ? -1 : 1))).toEqual([
      { process: 'p', args, launched: false, isLauncher: false, launcherLives: false },
      { process: 'p.orphan-1', args, launched: true, isLauncher: false, launcherLives: false },
    ]);
    expect(violations).toEqual([]);
    expect(history.strikes).toMatchObject([{ fault: 0, kind: 'orphan' }]);
  });
});

test('it has no parent but init, and no control group', async () => {
  const { history } = await run([gateway, ...others], [{ kind: 'orphan', at: { timeMs: 500 }, process: 'p' }]);
  expect(observed(history, 'parents').at(-1)).toContainEqual({ name: 'p.orphan-1', parent: 'init', group: null });
});

test('each has a name of its own, or the one it is given', async () => {
  const { history } = await run(
    [gateway],
    [
      { kind: 'orphan', at: { timeMs: 500 }, process: 'p' },
      { kind: 'orphan', at: { timeMs: 600 }, process: 'p' },
      { kind: 'orphan', at: { timeMs: 700 }, process: 'p', as: 'old-gateway' },
    ],
  );
  expect(history.endings.map(({ lane }) => lane)).toEqual(['p', 'p.orphan-1', 'p.orphan-2', 'old-gateway']);
});

test('of a dead process, and of none', async () => {
  const { history, notes } = await run(
    [gateway, ...others],
    [
      { kind: 'kill', at: { timeMs: 100 }, process: 'p' },
      { kind: 'orphan', at: { timeMs: 500 }, process: 'p' },
      { kind: 'orphan', at: { timeMs: 600 }, process: 'nobody' },
      { kind: 'orphan', at: { timeMs: 700 }, process: 'p', as: 'q' },
    ],
  );
  expect(history.endings.map(({ lane }) => lane)).toEqual(['p', 'q', 'p.orphan-1']);
  expect(notes).toEqual([
    undefined,
    undefined,
    'no process nobody has been started yet',
    'the name q is taken, so nothing was started',
  ]);
});

test('it may be killed as any other', async () => {
  const { history } = await run(
    [gateway, ...others],
    [
      { kind: 'orphan', at: { timeMs: 100 }, process: 'p' },
      { kind: 'kill', at: { timeMs: 300 }, process: 'p.orphan-1' },
    ],
  );
  expect(history.deaths).toMatchObject([{ process: 'p.orphan-1', ending: { how: 'killed', signal: 'SIGKILL' } }]);
});
