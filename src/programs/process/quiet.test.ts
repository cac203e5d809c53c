// What a watcher may promise, and when it must not.
import { describe, expect, test } from 'vitest';
import { fc, test as property } from '@fast-check/vitest';
import { boardCode } from '../../board-file/board-error.ts';
import { dispatcherFailureDue, dispatcherReport } from '../gateway/dispatcher-promise.ts';
import { forever, Promises, type Tick } from './quiet.ts';

const idle: Tick = { tookMs: 0, report: { idle: true, dueMs: forever } };
const busy: Tick = { tookMs: 0, report: { idle: false, dueMs: forever } };
const wedged = failing('SQLITE_IOERR_SHORT_READ', 'release_stale_claims');

function failing(code: string, statement: string, dueMs = forever): Tick {
  return { tookMs: 0, report: { code, statement, dueMs } };
}

/** What is promised after the last of these ticks. */
function after(...ticks: readonly Tick[]): number | undefined {
  const promises = new Promises();
  return ticks.map((tick) => promises.after(tick)).at(-1);
}

const six = Array.from({ length: 6 }, () => wedged);

describe('after idle ticks', () => {
  test('the second and every further one promises', () => {
    expect([1, 2, 3].map((n) => after(...Array.from({ length: n }, () => idle)))).toEqual([
      undefined,
      forever,
      forever,
    ]);
  });

  test('a promise ends where the clock brings work', () => {
    const due: Tick = { tookMs: 0, report: { idle: true, dueMs: 3_600_000 } };
    expect(after(due, due)).toBe(3_600_000);
  });

  test('one that changed something breaks the row', () => {
    expect(after(idle, idle, busy)).toBeUndefined();
    expect(after(idle, busy, idle)).toBeUndefined();
    expect(after(busy, idle, idle)).toBe(forever);
    expect(after(busy, busy, busy)).toBeUndefined();
  });

  test('one that took time promises nothing: its period is not its sleep', () => {
    expect(after(idle, idle, { ...idle, tookMs: 1 })).toBeUndefined();
  });
});

describe('after failed ticks', () => {
  test('the sixth of a row promises', () => {
    expect(after(...six)).toBe(forever);
    expect(after(...six.slice(1))).toBeUndefined();
  });

  test('only where all failed alike', () => {
    expect(after(...six.slice(1), failing('SQLITE_IOERR_READ', 'release_stale_claims'))).toBeUndefined();
    expect(after(...six.slice(1), failing('SQLITE_IOERR_SHORT_READ', 'recompute_ready'))).toBeUndefined();
    expect(after(...six, idle)).toBeUndefined();
  });

  test('no further than the clock allows', () => {
    const due = failing('SQLITE_FULL', 'gc_events', 3_600_000);
    expect(after(...Array.from({ length: 6 }, () => due))).toBe(3_600_000);
  });

  test('never where each leaves a backup', () => {
    const refused = failing(boardCode.corrupt, '_guard_existing_db_is_healthy');
    expect(after(...Array.from({ length: 50 }, () => refused))).toBeUndefined();
  });

  test('never where each waited for a lock', () => {
    const timedOut = { ...failing('SQLITE_BUSY', 'claim_task'), tookMs: 30_000 };
    expect(after(...Array.from({ length: 50 }, () => timedOut))).toBeUndefined();
  });
});

describe('a dispatcher', () => {
  const nothing = { changed: false, waiting: false, unjudged: 0, running: 0 };

  test('has nothing to do only when nothing was done, waits, is to be judged, or runs', () => {
    expect(dispatcherReport(nothing)).toEqual({ idle: true, dueMs: forever });
    const somethings = [{ changed: true }, { waiting: true }, { unjudged: 1 }, { running: 1 }, { running: undefined }];
    for (const something of somethings) expect(dispatcherReport({ ...nothing, ...something }).idle).toBe(false);
  });

  test('fails alike whatever the clock says before it looks at one, or when nothing runs', () => {
    const dues = (running: number | undefined) => [
      dispatcherFailureDue({ dispatching: false, statement: 'sqlite3.connect', running }, 7),
      dispatcherFailureDue({ dispatching: true, statement: 'release_stale_claims', running }, 7),
      dispatcherFailureDue({ dispatching: true, statement: 'recompute_ready', running }, 7),
    ];
    expect(dues(0)).toEqual([forever, forever, forever]);
    expect(dues(1)).toEqual([forever, forever, 7]);
    expect(dues(undefined)).toEqual([forever, forever, 7]);
  });
});

const anyTick = fc.constantFrom(idle, busy, wedged, { ...idle, tookMs: 5 }, failing('SQLITE_FULL', 'claim_task'));

property.prop([fc.array(anyTick, { minLength: 1, maxLength: 30 })])(
  'there is no promise unless the last ticks were alike, and none after a tick that did something',
  (ticks) => {
    if (after(...ticks) === undefined) return;
    const last = ticks.at(-1);
    expect(last).not.toBe(busy);
    expect(last?.tookMs).toBe(0);
    const least = last !== undefined && 'code' in last.report ? 6 : 2;
    const tail = ticks.slice(-least);
    expect(tail).toHaveLength(least);
    expect(new Set(tail.map(({ report }) => ('code' in report ? report.code : report.idle))).size).toBe(1);
  },
);
