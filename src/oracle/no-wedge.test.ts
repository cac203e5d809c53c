import { describe, expect, test } from 'vitest';
import type { History, Observation } from '../../harness/model/history.ts';
import { noWedge } from './no-wedge.ts';
import { at, death, down, noTables, planUnder, runOf, soundAutopsy, struck, up } from './run.test-support.ts';
import type { Said } from './said.ts';
import { patienceOf } from './stalls.ts';

const gateway = 'gateway-1';

const well = (seconds: number, lane = 'dispatcher', more: Partial<Said['tick']> = {}) =>
  at(seconds, `${gateway}/${lane}`, 'tick', { gateway, lane, ...more });
const quarantined = (seconds: number) => well(seconds, 'dispatcher', { skipped: 'quarantined' });
const failed = (seconds: number, lane = 'dispatcher') =>
  at(seconds, `${gateway}/${lane}`, 'tick-failed', {
    gateway,
    lane,
    code: 'SQLITE_IOERR_SHORT_READ',
    statement: 'release_stale_claims',
  });
const skippedWakings = (seconds: number, untilSeconds: number, wakings: number, lane = 'dispatcher') =>
  at(seconds, `${gateway}/${lane}`, 'quiet', { untilMs: untilSeconds * 1000, wakings });
/** A notifier that ticks well all the time. */
const notifier = (untilSeconds: number) =>
  Array.from({ length: Math.floor(untilSeconds / 5) }, (_, i) => well(5 * (i + 1), 'notifier'));
const every = (fromSeconds: number, ticks: number, tick: (seconds: number) => Observation) =>
  Array.from({ length: ticks }, (_, i) => tick(fromSeconds + 60 * i));

function check(observations: readonly Observation[], more: Partial<History> = {}) {
  const plan = planUnder('wal', { horizonMs: 480_000 });
  return noWedge.check(runOf(observations, { plan, virtualMs: 480_000, ...more }));
}

describe('a gateway violates it', () => {
  test('when its last three ticks failed', () => {
    const found = check([up(0, gateway), ...notifier(200), well(5), ...every(65, 3, failed), down(200, gateway)]);
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
    const again = 65 + 60 * count;
    const observations = [up(0, gateway), ...notifier(again + 5), well(5), ...every(65, count, failed), well(again)];
    expect(check([...observations, down(again + 5, gateway)])).toMatchObject([
      { message: expect.stringContaining(`gateway-1 was wedged: ${count} ticks of its dispatcher in a row`), step: 65 },
    ]);
  });

  test('when it ticks no more', () => {
    const [found, ...others] = check([up(0, gateway), ...notifier(480), well(5), well(65)]);
    expect(found).toMatchObject({
      message: 'the dispatcher of gateway-1 does not tick any more since 65.0 s',
      step: 65,
    });
    expect(others).toEqual([]);
  });

  test('when it never ticked at all', () => {
    expect(check([up(7, gateway), ...notifier(480)])).toMatchObject([
      { message: 'the dispatcher of gateway-1 does not tick any more since 7.0 s', step: 7 },
    ]);
  });

  test('when its first tick does not come; not by the 5 s that each watcher sleeps first, however short its interval', () => {
    const often = (fromSeconds: number) => [
      up(0, gateway, { dispatchIntervalMs: 1000, watchers: ['dispatcher'] }),
      ...Array.from({ length: 20 }, (_, i) => well(fromSeconds + i)),
      down(fromSeconds + 20, gateway),
    ];
    expect(check(often(5))).toEqual([]);
    expect(check(often(9))).toMatchObject([
      { message: 'the dispatcher of gateway-1 stood still: no tick from 0.0 s to 9.0 s, and none failed' },
    ]);
  });

  test('when it does not tick any more until it is killed', () => {
    const observations = [up(0, gateway), ...notifier(300), well(5)];
    expect(check(observations, { deaths: [death(gateway, 300)] })).toMatchObject([{ step: 5 }]);
    expect(check(observations, { deaths: [death(gateway, 180)] })).toEqual([]);
  });

  test('when its notifier fails for as long', () => {
    const failing = Array.from({ length: 30 }, (_, i) => failed(50 + 5 * i, 'notifier'));
    expect(check([up(0, gateway), ...every(5, 4, well), ...failing, down(200, gateway)])).toMatchObject([{ step: 50 }]);
  });

  test('when it does not dispatch, by its notifier only', () => {
    const adapter = up(0, gateway, { watchers: ['notifier'] });
    expect(check([adapter, ...notifier(480)])).toEqual([]);
    expect(check([adapter, ...notifier(100)])).toMatchObject([{ message: expect.stringContaining('the notifier of') }]);
  });

  test('also when it was killed in the end', () => {
    const observations = [up(0, gateway), ...notifier(185), well(5), ...every(65, 3, failed)];
    expect(check(observations, { deaths: [death(gateway, 200)] })).toHaveLength(1);
  });

  test('by failing ticks that the harness skipped since each was like the last', () => {
    const observations = [up(0, gateway), ...notifier(480), well(5), failed(65), skippedWakings(65, 245, 3), well(305)];
    expect(check([...observations, ...every(365, 2, well)])).toMatchObject([
      { message: expect.stringContaining('4 ticks of its dispatcher in a row failed, from 65.0 s to 245.0 s') },
    ]);
  });

  test('when it keeps a board in quarantine that is sound, and that nobody changed', () => {
    const observations = [up(0, gateway), ...notifier(480), well(5), failed(65), ...every(125, 6, quarantined)];
    expect(check(observations)).toMatchObject([
      {
        message: expect.stringMatching(/keeps the board in quarantine: .* from 125\.0 s on, .* at the end it is sound/),
      },
    ]);
    const mended = at(300, 'operator', 'operator', { act: 'replace' });
    expect(check([...observations, mended])).toEqual([]);
    const seen = at(300, 'operator', 'operator', { act: 'look' });
    expect(check([...observations, seen])).toHaveLength(1);
  });
});

describe('a gateway that stands still violates it', () => {
  /** It ticks until 65 s, and again from `again` seconds on. */
  const stalled = (again: number) => [
    up(0, gateway),
    ...notifier(480),
    well(5),
    well(65),
    ...every(again, Math.ceil((480 - again) / 60), well),
  ];
  const under = (strategy: string) => ({ plan: planUnder(strategy, { horizonMs: 480_000 }) });

  test('also when it ticks again, and while a fault is in force', () => {
    for (const strikes of [[], [struck(60, 'stalled-lock-holder', null)], [struck(60, 'stalled-lock-holder', 300)]]) {
      expect(check(stalled(305), { strikes })).toEqual([
        {
          invariant: 'no-wedge',
          message: 'the dispatcher of gateway-1 stood still: no tick from 65.0 s to 305.0 s, and none failed',
          step: 65,
        },
      ]);
    }
    const toTheEnd = [up(0, gateway), ...notifier(480), well(5), well(65)];
    expect(check(toTheEnd, { strikes: [struck(60, 'stalled-lock-holder', null)] })).toHaveLength(1);
  });

  test('but not before its strategy says that it is done with waiting', () => {
    expect(check(stalled(246))).toHaveLength(1);
    expect(check(stalled(246), under('full-sync'))).toEqual([]);
    expect(check(stalled(246), under('flock-write'))).toEqual([]);
    expect(check(stalled(286), under('full-sync'))).toHaveLength(1);
    expect(check(stalled(286), under('full-sync+flock-write'))).toHaveLength(1);
    expect(check(stalled(284), under('full-sync+flock-write'))).toEqual([]);
  });

  test('where its strategy waits without a limit: that promises nothing, and excuses nothing', () => {
    expect(check(stalled(246), under('blocking-init'))).toMatchObject([
      { message: expect.stringMatching(/and none failed; initLock blocking waits as long as it takes$/) },
    ]);
    expect(patienceOf('blocking-init+flock-session')).toEqual({
      waitsMsMost: 30_000,
      withoutLimit: ['initLock blocking'],
    });
  });

  test('unless the plan itself held a lane of it', () => {
    const plan = (lane: string) =>
      planUnder('wal', { horizonMs: 480_000, faults: [{ kind: 'pause', lane, at: { timeMs: 70_000 }, ms: 230_000 }] });
    const strikes = [struck(70, 'pause', 300)];
    expect(check(stalled(305), { plan: plan('gateway-1/dispatcher'), strikes })).toEqual([]);
    expect(check(stalled(305), { plan: plan('gateway-2/dispatcher'), strikes })).toHaveLength(1);
    expect(check(stalled(305), { strikes: [struck(70, 'pause', 100)] })).toHaveLength(1);
  });
});

describe('a gateway does not violate it', () => {
  test('when ticks fail and then go well again', () => {
    const ticks = [well(5), ...every(65, 3, failed), well(245)];
    expect(check([up(0, gateway), ...notifier(250), ...ticks, down(250, gateway)])).toEqual([]);
  });

  test('by two failed ticks at its end', () => {
    expect(check([up(0, gateway), ...notifier(130), well(5), ...every(65, 2, failed), down(130, gateway)])).toEqual([]);
  });

  test('by failing while a fault is in force', () => {
    const observations = [up(0, gateway), ...notifier(310), well(5), ...every(65, 4, failed), well(305)];
    const after = (...strikes: History['strikes']) => check([...observations, down(310, gateway)], { strikes });
    expect(after()).toHaveLength(1);
    expect(after(struck(60, 'kill'))).toHaveLength(1);
    expect(after(struck(100, 'kill'))).toEqual([]);
    expect(after(struck(10, 'pause', 60))).toHaveLength(1);
    expect(after(struck(10, 'pause', 70))).toEqual([]);
    expect(after(struck(10, 'io-error', null))).toEqual([]);
    expect(after(struck(100, 'kill'), struck(10, 'pause', 20))).toEqual([]);
  });

  test('by its death', () => {
    expect(check([up(0, gateway), well(5), well(5, 'notifier')], { deaths: [death(gateway, 60)] })).toEqual([]);
  });

  test('by ticks that it skips, nor by wakings that the harness skips', () => {
    const skipping = (skipped: string) => every(5, 8, (seconds) => well(seconds, 'dispatcher', { skipped }));
    for (const reason of ['not-leader', 'kanban-disabled']) {
      expect(check([up(0, gateway), ...notifier(480), ...skipping(reason)])).toEqual([]);
    }
    const quiet = [well(5), skippedWakings(6, 480, 7), well(10, 'notifier'), skippedWakings(11, 480, 94, 'notifier')];
    expect(check([up(0, gateway), ...quiet])).toEqual([]);
  });

  test('by a quarantine of a board that is damaged', () => {
    const observations = [up(0, gateway), ...notifier(480), well(5), ...every(65, 7, quarantined)];
    for (const autopsy of [
      { ...soundAutopsy, opened: 'SQLITE_NOTADB' },
      { ...soundAutopsy, integrity: ['Rowid 14 out of order'] },
      { ...soundAutopsy, queries: { board: noTables } },
    ]) {
      expect(check(observations, { autopsy })).toEqual([]);
    }
  });

  test("when the plan's end has come, by taking its time", () => {
    expect(check([up(0, gateway), ...notifier(480), ...every(5, 7, well)], { virtualMs: 4_000_000 })).toEqual([]);
  });
});

describe('a unit', () => {
  const started = (seconds: number, restart: number) =>
    at(seconds, 'supervisor/gw', 'unit-started', { unit: 'gw', process: `gw.${restart + 1}`, restart });
  const failedUnit = (seconds: number, reason: string) =>
    at(seconds, 'supervisor/gw', 'unit-failed', { unit: 'gw', reason });
  /** Processes that live for `lifeSeconds` each, started a second apart from the end of the one before. */
  const lives = (number: number, lifeSeconds: number) =>
    Array.from({ length: number }, (_, i) => ({ fromSeconds: i * (lifeSeconds + 1), restart: i }));
  const startsOf = (number: number, lifeSeconds: number) =>
    lives(number, lifeSeconds).map(({ fromSeconds, restart }) => started(fromSeconds, restart));
  const deathsOf = (number: number, lifeSeconds: number) =>
    lives(number, lifeSeconds).map(({ fromSeconds, restart }) => death(`gw.${restart + 1}`, fromSeconds + lifeSeconds));

  test('violates it by reaching its start limit', () => {
    const observations = [started(0, 0), failedUnit(9, 'start-limit-hit')];
    expect(check(observations)).toMatchObject([
      { message: 'the unit gw reached its start limit at 9.0 s and was not started again', step: 9 },
    ]);
    expect(check([...observations, started(60, 1)])).toEqual([]);
    expect(check([started(0, 0), failedUnit(9, 'killed')])).toEqual([]);
    expect(check(observations, { strikes: [struck(1, 'io-error', null)] })).toEqual([]);
  });

  test('violates it by a respawn storm', () => {
    expect(check(startsOf(40, 5), { deaths: deathsOf(40, 5) })).toMatchObject([
      { message: expect.stringMatching(/unit gw did not stay up: from 0\.0 s to 239\.0 s, 40 processes/), step: 0 },
    ]);
    const refused = lives(40, 5).map(({ fromSeconds, restart }) =>
      down(fromSeconds + 1, `gw.${restart + 1}`, 'refused'),
    );
    expect(check([...startsOf(40, 5), ...refused])).toHaveLength(1);
  });

  test('does not violate it by restarts that are few, wanted, spread out, or before the last fault', () => {
    expect(check(startsOf(10, 5), { deaths: deathsOf(10, 5) })).toEqual([]);
    const wanted = lives(40, 5).map(({ fromSeconds, restart }) => down(fromSeconds + 5, `gw.${restart + 1}`));
    expect(check([...startsOf(40, 5), ...wanted])).toEqual([]);
    expect(check(startsOf(5, 61), { deaths: deathsOf(5, 61) })).toEqual([]);
    expect(check(startsOf(40, 5), { deaths: deathsOf(40, 5), strikes: [struck(200, 'oom')] })).toEqual([]);
  });
});
