// oom: who is killed, and who is not.
import { describe, expect, test } from 'vitest';
import type { History } from '../../model/history.ts';
import { observed, process } from '../../testing/lab.test-support.ts';
import type { Fault } from '../../model/fault.ts';
import { faultLab } from './fault-lab.test-support.ts';

const run = faultLab();
const killed = (history: History) => history.deaths.map((death) => death.process);
const sizes = [
  process('small', 'keepingOpen', 1),
  process('large', 'keepingOpen', 3),
  process('middle', 'keepingOpen', 2),
];

describe('the largest', () => {
  test('has most files open in SQLite', async () => {
    const { history, notes } = await run(sizes, [{ kind: 'oom', at: { timeMs: 500 } }]);
    expect(killed(history)).toEqual(['large']);
    expect(notes).toEqual(['killed large (size 7)']); // three databases, three -wal, one lane
    expect(history.strikes).toMatchObject([{ nowMs: 500, liftedMs: 500 }]);
  });

  test('is another when the first is gone', async () => {
    const { history } = await run(sizes, [
      { kind: 'oom', at: { timeMs: 500 } },
      { kind: 'oom', at: { timeMs: 600 }, victim: 'largest' },
    ]);
    expect(killed(history)).toEqual(['large', 'middle']);
  });

  test('is the one that was started first, of two that are as large', async () => {
    const { history } = await run(
      [process('b', 'sleeping', 1000), process('a', 'sleeping', 1000)],
      [{ kind: 'oom', at: { timeMs: 500 } }],
    );
    expect(killed(history)).toEqual(['b']);
  });

  test('files that were closed do not count', async () => {
    const { history } = await run(
      [process('q', 'sleeping', 1000), process('p', 'filling', 3), process('r', 'leaking', 1000)],
      [{ kind: 'oom', at: { timeMs: 500 } }],
    );
    expect(killed(history)).toEqual(['r']);
  });

  test('at a step and at an operation too', async () => {
    const step = (await run(sizes, [])).steps.findIndex(({ lane, op }) => lane === 'middle' && op === 'open');
    const ats: readonly Fault['at'][] = [{ step }, { lane: 'middle', op: 'sleep', nth: 1 }];
    for (const at of ats) expect(killed((await run(sizes, [{ kind: 'oom', at }])).history)).toEqual(['large']);
  });
});

describe('units', () => {
  const supervisor = process('supervisor', 'supervising', { group: 'unit-1', names: ['a', 'b'] });
  const all = [supervisor, process('shell', 'keepingOpen', 5)];

  test('the whole control group of the victim dies, and nobody else', async () => {
    const { history } = await run(all, [{ kind: 'oom', at: { timeMs: 500 }, victim: 'b', scope: 'unit' }]);
    expect(killed(history)).toEqual(['a', 'b']);
    expect(observed(history, 'endings')).toEqual([{ a: 'killed', b: 'killed' }]);
  });

  test('the limit may be that of a group', async () => {
    const { history } = await run(all, [{ kind: 'oom', at: { timeMs: 500 }, group: 'unit-1' }]);
    expect(killed(history)).toEqual(['a']);
  });

  test('a victim in no group dies alone', async () => {
    const { history } = await run(all, [{ kind: 'oom', at: { timeMs: 500 }, scope: 'unit' }]);
    expect(killed(history)).toEqual(['shell']);
  });
});

test('nobody fits: the strike says so', async () => {
  const { history, notes } = await run(sizes, [{ kind: 'oom', at: { timeMs: 500 }, victim: 'nobody' }]);
  expect(killed(history)).toEqual([]);
  expect(notes).toEqual(['no living process fits, so none was killed']);
});
