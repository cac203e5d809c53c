// The book of strikes: which faults struck, where in the trace, and when each was over.
import { describe, expect, test } from 'vitest';
import type { Strike } from '../../model/history.ts';
import { process } from '../../testing/lab.test-support.ts';
import type { Fault } from '../../model/fault.ts';
import { faultLab } from './fault-lab.test-support.ts';

const run = faultLab();
const p = process('p', 'inserting', { from: 0, count: 5, sleepMs: 1000 });

test('each stands at its step in the trace, in the order of striking', async () => {
  const { history, steps } = await run(
    [p],
    [
      { kind: 'pause', at: { timeMs: 2500 }, lane: 'p', ms: 100 },
      { kind: 'lock-cancel', at: { timeMs: 500 }, process: 'p', files: 'db' },
      { kind: 'kill', at: { lane: 'p', op: 'sleep', nth: 4 } },
      { kind: 'kill', at: { timeMs: 400_000 }, process: 'p' },
    ],
  );
  expect(history.strikes.map(({ fault, kind, nowMs, liftedMs }) => [fault, kind, nowMs, liftedMs])).toEqual([
    [1, 'lock-cancel', 500, 500],
    [0, 'pause', 2500, 2600],
    [2, 'kill', 3000, 3000],
  ]);
  for (const { step, kind } of history.strikes) {
    expect(steps[step]).toMatchObject({ op: 'fault', text: expect.stringContaining(`"kind":"${kind}"`) as string });
  }
});

test('so many can wait for the operations of one lane, whatever else it must park for, and no more', async () => {
  const waiting = (count: number): readonly Fault[] =>
    Array.from({ length: count }, (_, i) => ({
      kind: 'io-error',
      code: 'SQLITE_FULL',
      at: { lane: 'p', op: 'write', nth: 1_000_000 + i },
    }));
  expect((await run([p], waiting(60))).history.strikes).toEqual([]);
  await expect(run([p], waiting(61))).rejects.toMatchObject({
    code: 'TOO_MANY_FAULTS',
    message: '61 faults wait for operations of p; at most 60 can.',
  });
});

describe('over', () => {
  const lifted = async (fault: Fault): Promise<Partial<Strike> | undefined> =>
    (await run([p], [fault])).history.strikes[0];
  const error = { kind: 'io-error', code: 'SQLITE_IOERR_WRITE', op: 'write', role: 'wal' } as const;

  test('an error for once: when it is used up', async () => {
    expect(await lifted({ ...error, at: { timeMs: 500 } })).toMatchObject({ nowMs: 500, liftedMs: 1000 });
  });

  test('an error for one step that nobody meets: with the strike, so that nothing waits for it', async () => {
    expect(await lifted({ ...error, at: { timeMs: 500 }, role: 'journal' })).toMatchObject({ liftedMs: 500 });
  });

  test('an error until an address: there, and the trace says so', async () => {
    const fault: Fault = { ...error, at: { timeMs: 500 }, until: { lane: 'p', op: 'sleep', nth: 4 } };
    const { history, steps } = await run([p], [fault]);
    expect(history.strikes[0]).toMatchObject({ nowMs: 500, liftedMs: 3000 });
    const said = steps.filter(({ op }) => op === 'fault').map(({ text }) => JSON.parse(text ?? '') as object);
    expect(said).toEqual([fault, { lifted: 0, kind: 'io-error' }]);
  });

  test("a pause beyond the plan's end: there", async () => {
    expect(await lifted({ kind: 'pause', at: { timeMs: 500 }, lane: 'p', ms: 10_000_000 })).toMatchObject({
      liftedMs: 600_000,
    });
  });

  test('a pause of one who is killed meanwhile, when the run is over before: never', async () => {
    const { history } = await run(
      [p],
      [
        { kind: 'pause', at: { timeMs: 500 }, lane: 'p', ms: 10_000 },
        { kind: 'kill', at: { timeMs: 1500 }, process: 'p' },
      ],
    );
    expect(history.strikes.map(({ liftedMs }) => liftedMs)).toEqual([null, 1500]);
  });
});
