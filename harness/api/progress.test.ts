// Ready invariants, on histories in which one thing is wrong.
import { describe, expect, test } from 'vitest';
import type { History, Observation } from '../model/history.ts';
import { historyOf } from '../testing/history.test-support.ts';
import { keepsTicking, readsOneMoment, staysBelow } from './progress.ts';

const told = (step: number, lane: string, kind: string, data: Observation['data'] = null): Observation => ({
  step,
  lane,
  nowMs: 1000 * step,
  kind,
  data,
});

describe('a lane that ticks keeps ticking', () => {
  const ticks = [told(1, 'a', 'tick'), told(2, 'b/main', 'tick'), told(3, 'a', 'tick')];
  const found = (more: Partial<History>, everyMs = 2000) =>
    keepsTicking({ everyMs })
      .check(historyOf({ observations: ticks, virtualMs: 5000, ...more }))
      .map(({ message }) => message);

  test('a silence in the middle', () => {
    expect(found({ virtualMs: 3000 }, 1999)).toEqual([
      'a said `tick` at 1000 ms, and then nothing for 2000 virtual ms',
    ]);
  });

  test('a silence up to the end', () => {
    expect(found({})).toEqual(['b/main said `tick` at 2000 ms, and then nothing for 3000 virtual ms']);
  });

  test('none after it was asked to stop, has ended, or has died', () => {
    const { plan } = historyOf();
    expect(found({ plan: { ...plan, parameters: { ...plan.parameters, horizonMs: 4000 } } })).toEqual([]);
    expect(found({ laneEnds: [{ lane: 'b/main', step: 4, nowMs: 4000 }] })).toEqual([]);
    expect(
      found({ deaths: [{ process: 'b', ending: { how: 'killed', signal: 'SIGKILL' }, step: 4, nowMs: 4000 }] }),
    ).toEqual([]);
  });

  test('what nobody says, nobody must say again', () => {
    expect(keepsTicking({ everyMs: 1, kind: 'beat' }).check(historyOf({ observations: ticks }))).toEqual([]);
  });
});

test('a file stays below so many bytes, whatever it is at the end', () => {
  const written = [
    { file: 'app.db', bytes: 9000, step: 1 },
    { file: 'app.db-wal', bytes: 4097, step: 7 },
  ];
  const check = (bytes: number) => staysBelow('app.db-wal', bytes).check(historyOf({ written }));
  expect(check(4097)).toEqual([]);
  expect(check(4096)).toMatchObject([{ message: 'app.db-wal grew to 4097 bytes', step: 7 }]);
});

describe('a read shows one moment', () => {
  const rows = (...keys: readonly number[]) => ({ table: 't', keys });
  const writes = [
    told(1, 'a', 'committing', rows(1, 2)),
    told(2, 'a', 'committed', rows(1, 2)),
    told(3, 'b', 'committing', rows(3)),
    told(5, 'b', 'committed', rows(3)),
    told(4, 'c', 'committing', rows(4)),
  ].toSorted((x, y) => x.step - y.step);
  const messages = (...keys: readonly number[]) =>
    readsOneMoment
      .check(historyOf({ observations: [...writes, told(9, 'r', 'read', rows(...keys))] }))
      .map(({ message }) => message);

  test.each([[[]], [[1, 2]], [[1, 2, 3]], [[1, 2, 4]], [[1, 2, 3, 4]], [[1, 2, 77]]])('%j may be shown', (keys) => {
    expect(messages(...keys)).toEqual([]);
  });

  test('a transaction in part', () => {
    expect(messages(2)).toEqual(['r read t: 1 of the 2 rows of one transaction of a']);
  });

  test('a later one without an earlier', () => {
    expect(messages(3)).toEqual([
      'r read t: rows of a transaction of b (step 3), and none of one of a that was done before it began (step 2)',
    ]);
  });
});
