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
    const ticks = [well(5), failed(65), failed(125), failed(185), failed(245), well(305)];
    expect(check([up, ...notifier(310), ...ticks, at(310, 'gateway-down', {})])).toEqual([]);
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

  test('by its death', () => {
    expect(check([up, well(5), well(5, 'notifier')], { deaths: [{ process: gateway }] })).toEqual([]);
  });
});
