// A signature keeps what a person would call the failure by, and none of its figures.
import { describe, expect, test } from 'vitest';
import type { History } from '../model/history.ts';
import type { Violation } from '../model/invariant.ts';
import { historyOf } from '../testing/history.test-support.ts';
import { codeNamed, failsAlike, leading, roleOf, signed } from './signature.ts';

const lanes = ['reader', 'writer-1', 'writer-2', 'gateway-1/dispatcher', 'gateway-1.verifier-3'];
const endings: History['endings'] = lanes.map((lane) => ({ lane, ending: { how: 'returned' } }));

const violation = (invariant: string, message: string, step: number | null = null): Violation => ({
  invariant,
  message,
  step,
});

function signaturesOf(violations: readonly Violation[], more: Partial<History> = {}) {
  return signed(violations, historyOf({ endings, ...more }));
}

test.each([
  ['reader ended by an error: SQLITE_CORRUPT: database disk image is malformed', 'SQLITE_CORRUPT'],
  ['reader died of SIGBUS', 'SIGBUS'],
  ['ticks fail: no such table: t', 'SQLITE_ERROR'],
  ['ENOENT: copy x', 'ENOENT'],
  ['it had EXCLUSIVE on byte 7, and EVERY lane waits', undefined],
])('%s: %s', (message, code) => {
  expect(codeNamed(message)).toBe(code);
});

test('the role of a lane is its name without numbers', () => {
  expect(['gateway-1.verifier-3', 'gateway-12/dispatcher', 'w0', 'reader'].map(roleOf)).toEqual([
    'gateway.verifier',
    'gateway/dispatcher',
    'w',
    'reader',
  ]);
});

describe('alike', () => {
  const wedged = (ticks: number, gateway: string) =>
    violation('no-wedge', `${gateway} is wedged: all ${ticks} ticks failed (SQLITE_IOERR_SHORT_READ in claims)`);

  test('whatever the figures, and whoever of a role', () => {
    const [first] = signaturesOf([wedged(3, 'gateway-1')]);
    const others = signaturesOf([wedged(17, 'gateway-1')]);
    expect(failsAlike(others, first === undefined ? [] : [first.signature])).toBe(true);
  });

  test.each([
    ['another code', violation('no-wedge', 'gateway-1 is wedged (SQLITE_CANTOPEN in open)')],
    ['another role', violation('no-wedge', 'reader is wedged (SQLITE_IOERR_SHORT_READ in claims)')],
    ['another invariant', violation('lanes-end', 'gateway-1 (SQLITE_IOERR_SHORT_READ in claims)')],
  ])('not with %s', (_, other) => {
    const kept = leading(signaturesOf([wedged(3, 'gateway-1')]));
    expect(failsAlike(signaturesOf([other]), kept)).toBe(false);
    expect(failsAlike(signaturesOf([other, wedged(4, 'gateway-1')]), kept)).toBe(true);
  });

  test('not with another kind of ending of the same lane, where neither names a code', () => {
    const ended = violation('lanes-end', 'reader ended');
    const how = (ending: History['endings'][number]['ending']) =>
      signaturesOf([ended], { endings: [{ lane: 'reader', ending }] });
    const kept = leading(how({ how: 'threw', error: 'no' }));
    expect(failsAlike(how({ how: 'exited', code: 1 }), kept)).toBe(false);
    expect(failsAlike(how({ how: 'threw', error: 'not at all' }), kept)).toBe(true);
  });

  test('the code may stand in what the lane said at that step', () => {
    const observations = [{ step: 9, lane: 'writer-1', nowMs: 0, kind: 'failed', data: { code: 'SQLITE_FULL' } }];
    const [one] = signaturesOf([violation('writes', 'writer-1 could not write', 9)], { observations });
    expect(one?.signature).toEqual({ invariant: 'writes', ending: undefined, code: 'SQLITE_FULL', role: 'writer' });
  });
});

describe('what must be kept', () => {
  const bus = violation('lanes-end', 'reader died of SIGBUS');
  const threw = violation('lanes-end', 'writer-1 ended by an error that it did not handle: SQLITE_CORRUPT');
  const cutOff = violation('lanes-end', 'the run did not end: it was cut off after 400003 steps');
  const grows = violation('wal-bounded', 'the WAL has over 400 frames');
  const bySignal = { how: 'killed', signal: 'SIGBUS' } as const;
  const threwIt = { how: 'threw', error: 'SQLITE_CORRUPT' } as const;
  const ends: Partial<History> = {
    endings: [{ lane: 'reader', ending: bySignal }, ...endings.slice(2), { lane: 'writer-1', ending: threwIt }],
    deaths: [{ process: 'reader', ending: bySignal, step: 3, nowMs: 0 }],
  };

  test('of each invariant the gravest', () => {
    expect(leading(signaturesOf([threw, bus, grows], ends))).toEqual([
      { invariant: 'lanes-end', ending: 'killed', code: 'SIGBUS', role: 'reader' },
      { invariant: 'wal-bounded', ending: undefined, code: undefined, role: undefined },
    ]);
  });

  test('that the run was cut off only where it is all there is', () => {
    expect(leading(signaturesOf([cutOff, grows])).map(({ invariant }) => invariant)).toEqual(['wal-bounded']);
    expect(leading(signaturesOf([cutOff])).map(({ ending }) => ending)).toEqual(['cut off']);
  });
});
