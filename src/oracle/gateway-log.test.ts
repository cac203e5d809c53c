import { describe, expect, test } from 'vitest';
import type { Observation } from '../../harness/model/history.ts';
import { failingTail, failuresOf, gatewayLogs } from './gateway-log.ts';

let step = 0;
function said(nowMs: number, kind: string, data: object, lane = 'a/dispatcher'): Observation {
  return { step: ++step, nowMs, lane, kind, data: { gateway: 'a', ...data } };
}

const up = said(0, 'gateway-up', { profile: 'p', unit: 'u', dispatchIntervalMs: 60_000, watchers: ['notifier'] });

test('a gateway: who it is, when it went and why, what runs in it', () => {
  const logs = gatewayLogs([up, said(9000, 'gateway-down', { why: 'takeover' })]);
  expect(logs).toMatchObject([
    {
      gateway: 'a',
      profile: 'p',
      unit: 'u',
      detached: false,
      upMs: 0,
      intervalMs: 60_000,
      downMs: 9000,
      whyDown: 'takeover',
    },
  ]);
  expect(logs[0]?.runs).toEqual(['notifier']);
});

test('one that does not say what runs in it runs both watchers', () => {
  expect(gatewayLogs([said(0, 'gateway-up', {})])[0]?.runs).toEqual(['dispatcher', 'notifier']);
});

test('a start that was refused is no gateway', () => {
  expect(gatewayLogs([said(0, 'gateway-down', { why: 'refused' })])).toEqual([]);
});

describe('ticks', () => {
  const ok = said(5000, 'tick', { lane: 'dispatcher', ok: true });
  const skipped = said(65_000, 'tick', { lane: 'dispatcher', ok: true, skipped: 'not-leader' });
  const failed = said(125_000, 'tick-failed', { lane: 'dispatcher', code: 'SQLITE_FULL', statement: 'claim_task' });
  const quiet: Observation = {
    step: 99,
    nowMs: 125_000,
    lane: 'a/dispatcher',
    kind: 'quiet',
    data: { untilMs: 725_000, wakings: 10 },
  };
  const ticksOf = (...seen: readonly Observation[]) => gatewayLogs([up, ...seen])[0]?.watchers.dispatcher ?? [];

  test('are told apart by watcher and gateway', () => {
    const others = [
      said(1, 'tick', { lane: 'notifier', ok: true }),
      said(1, 'tick', { gateway: 'b', lane: 'dispatcher', ok: true }),
    ];
    expect(
      ticksOf(ok, ...others, skipped, failed).map(({ nowMs, ok: well, skipped: why, code }) => [
        nowMs,
        well,
        why,
        code,
      ]),
    ).toEqual([
      [5000, true, undefined, undefined],
      [65_000, true, 'not-leader', undefined],
      [125_000, false, undefined, 'SQLITE_FULL'],
    ]);
  });

  test('wakings that were skipped stand as one more of the tick that they repeat', () => {
    expect(ticksOf(ok, failed, quiet).at(-1)).toMatchObject({
      nowMs: 725_000,
      ok: false,
      code: 'SQLITE_FULL',
      repeats: 10,
    });
    expect(ticksOf(quiet)).toEqual([]);
    const elsewhere = { ...quiet, lane: 'a/notifier' };
    expect(ticksOf(ok, elsewhere)).toHaveLength(1);
  });

  test('the failing ones at the end are the tail', () => {
    expect(failingTail(ticksOf(ok, failed, quiet))).toHaveLength(2);
    expect(failingTail(ticksOf(failed, ok))).toEqual([]);
    expect(failuresOf(ticksOf(failed, quiet))).toBe('SQLITE_FULL in claim_task');
  });
});
