// Each invariant holds on a sound history and is violated by one that is broken in just its way.
import { describe, expect, test } from 'vitest';
import type { History } from '../../model/history.ts';
import { historyOf, soundAutopsy, soundLook } from '../../testing/history.test-support.ts';
import { generalInvariants } from './catalogue.ts';

const autopsy = (more: Partial<History['autopsy']>) => historyOf({ autopsy: { ...soundAutopsy, ...more } });
const look = (more: Partial<History['looks'][number]>) => historyOf({ looks: [{ ...soundLook, ...more }] });
const died = (signal: string) =>
  historyOf({ deaths: [{ process: 'p', ending: { how: 'killed', signal }, step: 50, nowMs: 1 }] });
const exited = (code: number, more: Partial<History> = {}) =>
  historyOf({
    commands: ['p'],
    deaths: [{ process: 'p', ending: { how: 'exited', code }, step: 50, nowMs: 1 }],
    ...more,
  });
const struck = (step: number) => ({ fault: 0, kind: 'io-error', step, nowMs: 1, liftedMs: null });
const strayed = (how: 'unlinked' | 'replaced' | 'renamed', writes: number) =>
  historyOf({
    strayWrites: [{ process: 'p', file: 'lab.db', writes, firstStep: 60, lost: { by: 'q', step: 40, how } }],
  });
const lock = { process: 'p', file: 'lab.db', what: 'SHARED', from: 1, to: 2 };

const broken: readonly (readonly [string, string, History, RegExp])[] = [
  ['integrity', 'it cannot be read', autopsy({ opened: 'SQLITE_CORRUPT' }), /cannot read the database: SQLITE_CORRUPT/],
  ['integrity', 'integrity_check complains', autopsy({ integrity: ['row 3 missing from index t_v'] }), /row 3 missing/],
  ['integrity', 'only quick_check complains', autopsy({ quick: ['Tree 2 page 2'] }), /Tree 2 page 2/],
  ['integrity', 'a parent is missing', autopsy({ foreignKeys: 3 }), /3 rows without a parent/],
  [
    'integrity',
    'an index has fewer rows than its table, and SQLite says ok',
    autopsy({ tables: [{ table: 't', rows: 2, indexes: [{ index: 't_v', rows: 1 }] }] }),
    /table t has 2 rows, its index t_v 1/,
  ],
  [
    'integrity',
    'a table cannot be walked',
    autopsy({ tables: [{ table: 't', rows: { error: 'SQLITE_CORRUPT' }, indexes: [{ index: 't_v', rows: 2 }] }] }),
    /table t has SQLITE_CORRUPT rows/,
  ],
  [
    'integrity',
    'an index has other entries than its table makes, in the right number',
    autopsy({
      tables: [{ table: 't', rows: 2, indexes: [{ index: 't_v', rows: 2, difference: 'entry 1 is (b, 1)' }] }],
    }),
    /index t_v is not what table t makes it: entry 1 is \(b, 1\)/,
  ],
  ['integrity', 'foreign keys cannot be checked', autopsy({ foreignKeys: -1 }), /foreign_key_check cannot be run/],
  [
    'acknowledged-commits',
    'both rows are gone',
    autopsy({ queries: { t: [] } }),
    /2 of 2 acknowledged rows are gone; .* t 1,/,
  ],
  [
    'acknowledged-commits',
    'the table is gone',
    autopsy({ queries: { t: { error: 'SQLITE_ERROR', rows: [] } } }),
    /2 of 2 acknowledged/,
  ],
  [
    'whole-transactions',
    'half of it is there',
    autopsy({ queries: { t: [[1]] } }),
    /1 of the 2 rows of a transaction of p/,
  ],
  [
    'locks-held',
    'the kernel does not know the lock of a transaction',
    look({ broken: [lock, { ...lock, what: 'RESERVED' }] }),
    /p believes it holds RESERVED on lab\.db/,
  ],
  ['locks-held', 'the kernel does not know a lock', look({ broken: [lock] }), /p believes it holds SHARED on lab\.db/],
  [
    'no-deleted-files',
    'a deleted -wal is held',
    look({ openFiles: [{ process: 'p', file: 'lab.db-wal', deleted: true, generation: 1 }] }),
    /p holds 1 deleted inode of lab\.db-wal open/,
  ],
  [
    'no-stray-writes',
    'a process writes to an unlinked file',
    strayed('unlinked', 1),
    /q unlinked lab\.db at step 40, and p, .* wrote to it once from step 60 on/,
  ],
  [
    'no-stray-writes',
    'a process writes to a file that was replaced',
    strayed('replaced', 3),
    /q put another file in the place of lab\.db at step 40, .* wrote to it 3 times/,
  ],
  [
    'no-stray-writes',
    'a process writes to a file that was renamed',
    strayed('renamed', 2),
    /q renamed lab\.db at step 40/,
  ],
  [
    'lanes-end',
    'a lane threw',
    historyOf({ endings: [{ lane: 'p', ending: { how: 'threw', error: 'SQLITE_BUSY: locked' } }] }),
    /p ended by an error that it did not handle: SQLITE_BUSY: locked/,
  ],
  ['lanes-end', 'the run was cut off', historyOf({ end: 'cut off' }), /cut off after 100 steps/],
  ['lanes-end', 'a process crashed', died('SIGBUS'), /p died of SIGBUS/],
  ['lanes-end', 'a command died of a pipe', { ...died('SIGPIPE'), commands: ['p'] }, /p died of SIGPIPE/],
  ['lanes-end', 'a command failed', exited(5), /p ended with exit code 5/],
  [
    'lanes-end',
    'a command failed, and a fault came later',
    exited(5, { strikes: [struck(60)] }),
    /p ended with exit code 5/,
  ],
];

test('a sound history violates nothing', () => {
  expect(generalInvariants.flatMap((invariant) => invariant.check(historyOf()))).toEqual([]);
});

test('every general invariant is broken by a test', () => {
  expect(new Set(broken.map(([name]) => name))).toEqual(new Set(generalInvariants.map(({ name }) => name)));
});

describe.each(broken)('%s: %s', (name, _what, history, message) => {
  test('is violated, with a sentence', () => {
    const violations = generalInvariants.find((invariant) => invariant.name === name)?.check(history) ?? [];
    expect(violations.map(({ invariant }) => invariant)).toContain(name);
    expect(violations.map((violation) => violation.message).join('\n')).toMatch(message);
  });
});

test('a transaction that was never acknowledged may be there or not, but whole', () => {
  const observations = historyOf().observations.filter(({ kind }) => kind === 'committing');
  for (const rows of [[], [[1], [2]]]) {
    const history = historyOf({ observations, autopsy: { ...soundAutopsy, queries: { t: rows } } });
    expect(generalInvariants.flatMap((invariant) => invariant.check(history))).toEqual([]);
  }
});

test.each<[string, History]>([
  ['a process that the plan killed', died('SIGKILL')],
  ['a process that was asked to end', died('SIGTERM')],
  ['a process in a pipeline whose reader had enough', died('SIGPIPE')],
  ['a process of a command that set itself an alarm', died('SIGALRM')],
  ['a command that ended well', exited(0)],
  ['a command that failed after a fault', exited(5, { strikes: [struck(40)] })],
  ['a command that failed when it was asked to end', exited(143, { looks: [{ ...soundLook, step: 45 }] })],
  ['a process that is none of those that the run began with', exited(1, { commands: [] })],
])('%s violates nothing', (_what, history) => {
  expect(generalInvariants.flatMap((invariant) => invariant.check(history))).toEqual([]);
});
