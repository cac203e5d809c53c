import { describe, expect, test } from 'vitest';
import type { Logged } from '../gateway/log.ts';
import { noWedge } from './no-wedge.ts';

type History = Parameters<typeof noWedge.check>[0];

const interval = 60_000;
const gateway = 'gateway-1';

function at(seconds: number, kind: string, data: object): Logged {
  return { step: seconds, nowMs: seconds * 1000, kind, data: { gateway, ...data } };
}

const up = at(0, 'gateway-up', { dispatchIntervalMs: interval });
const well = (seconds: number, lane = 'dispatcher') => at(seconds, 'tick', { lane, ok: true });
const failed = (seconds: number, lane = 'dispatcher') =>
  at(seconds, 'tick-failed', { lane, code: 'SQLITE_IOERR_SHORT_READ', statement: 'release_stale_claims' });
/** A notifier that ticks well all the time. */
const notifier = (untilSeconds: number) =>
  Array.from({ length: Math.floor(untilSeconds / 5) }, (_, i) => well(5 * (i + 1), 'notifier'));

function check(observations: readonly Logged[], more: Partial<History> = {}) {
  const history: History = { virtualMs: 480_000, plan: { faults: [] }, observations, deaths: [], ...more };
  return noWedge.check(history);
}

describe('a gateway violates it', () => {
  test('when its last three ticks failed', () => {
    const found = check([
      up,
      ...notifier(200),
      well(5),
      failed(65),
      failed(125),
      failed(185),
      at(200, 'gateway-down', {}),
    ]);
    expect(found).toEqual([
      {
        invariant: 'no-wedge',
        message:
          'gateway-1 is wedged: all 3 ticks of its dispatcher from 65.0 s on failed ' +
          '(SQLITE_IOERR_SHORT_READ in release_stale_claims)',
        step: 65,
      },
    ]);
  });

  test.each([4, 7])('when %i ticks in a row failed, also when it ticks well after', (count) => {
    const failing = Array.from({ length: count }, (_, i) => failed(65 + 60 * i));
    const again = 65 + 60 * count;
    const observations = [up, ...notifier(again + 5), well(5), ...failing, well(again)];
    expect(check([...observations, at(again + 5, 'gateway-down', {})])).toMatchObject([
      { message: expect.stringContaining(`gateway-1 was wedged: ${count} ticks of its dispatcher in a row`), step: 65 },
    ]);
  });

  test('when it ticks no more', () => {
    const [found, ...others] = check([up, ...notifier(480), well(5), well(65)]);
    expect(found).toMatchObject({
      message: 'the dispatcher of gateway-1 does not tick any more since 65.0 s',
      step: 65,
    });
    expect(others).toEqual([]);
  });

  test('when its notifier fails for as long', () => {
    const ticks = [5, 65, 125, 185].map((seconds) => well(seconds));
    const failing = Array.from({ length: 30 }, (_, i) => failed(50 + 5 * i, 'notifier'));
    expect(check([up, ...ticks, ...failing, at(200, 'gateway-down', {})])).toMatchObject([{ step: 50 }]);
  });

  test('also when it was killed in the end', () => {
    const observations = [up, ...notifier(185), well(5), failed(65), failed(125), failed(185)];
    expect(check(observations, { deaths: [{ process: gateway }] })).toHaveLength(1);
  });
});

describe('a gateway does not violate it', () => {
  test('when ticks fail and then go well again', () => {
    const ticks = [well(5), failed(65), failed(125), failed(185), well(245)];
    expect(check([up, ...notifier(250), ...ticks, at(250, 'gateway-down', {})])).toEqual([]);
  });

  test('by two failed ticks at its end', () => {
    const ticks = [well(5), failed(65), failed(125)];
    expect(check([up, ...notifier(130), ...ticks, at(130, 'gateway-down', {})])).toEqual([]);
  });

  test('by failing while a fault may still strike', () => {
    const observations = [
      up,
      ...notifier(250),
      well(5),
      failed(65),
      failed(125),
      failed(185),
      at(250, 'gateway-down', {}),
    ];
    expect(check(observations, { plan: { faults: [{ at: { timeMs: 180_000 } }] } })).toEqual([]);
    expect(check(observations, { plan: { faults: [{ at: { step: 184 } }] } })).toEqual([]);
    expect(check(observations, { plan: { faults: [{ at: { timeMs: 60_000 } }] } })).toHaveLength(1);
  });

  test('by failing until a fault has ended, or may have', () => {
    const failing = [65, 125, 185, 245].map((seconds) => failed(seconds));
    const observations = [up, ...notifier(310), well(5), ...failing, well(305), at(310, 'gateway-down', {})];
    const after = (fault: { at: object; ms?: number; until?: object }) =>
      check(observations, { plan: { faults: [fault] } });
    const early = { timeMs: 10_000 };
    expect(after({ at: early })).toHaveLength(1);
    expect(after({ at: early, ms: 50_000 })).toHaveLength(1);
    expect(after({ at: early, ms: 60_000 })).toEqual([]);
    expect(after({ at: { step: 65 }, ms: 1000 })).toEqual([]);
    expect(after({ at: early, until: { timeMs: 60_000 } })).toHaveLength(1);
    expect(after({ at: early, until: { timeMs: 70_000 } })).toEqual([]);
    expect(after({ at: early, until: { step: 66 } })).toEqual([]);
    const operation = { lane: 'gateway-1/dispatcher', op: 'read', nth: 9 };
    expect(after({ at: operation })).toEqual([]);
    expect(after({ at: early, until: operation })).toEqual([]);
    expect(after({ at: { step: 999 } })).toEqual([]);
  });

  test('by its death', () => {
    expect(check([up, well(5), well(5, 'notifier')], { deaths: [{ process: gateway }] })).toEqual([]);
  });
});
