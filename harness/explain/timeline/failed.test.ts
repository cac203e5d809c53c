// What counts as an error of a step.
import { expect, test } from 'vitest';
import type { TraceStep } from '../../observe/trace.ts';
import { isFailed } from './failed.ts';

const step = (more: Partial<TraceStep>): TraceStep => ({
  step: 0,
  lane: 'p',
  nowMs: 0,
  op: 'read',
  rc: 'SQLITE_OK',
  ...more,
});

test.each<[string, Partial<TraceStep>, boolean]>([
  ['done', {}, false],
  ['busy', { op: 'lock', rc: 'SQLITE_BUSY' }, false],
  ['busy by a fault', { op: 'lock', rc: 'SQLITE_BUSY', injected: true }, false],
  ['a short read of a database', { role: 'db', rc: 'SQLITE_IOERR_SHORT_READ' }, false],
  ['a short read of a database by a fault', { role: 'db', rc: 'SQLITE_IOERR_SHORT_READ', injected: true }, true],
  ['a short read of a journal', { role: 'journal', rc: 'SQLITE_IOERR_SHORT_READ' }, false],
  ['a short read of a -wal', { role: 'wal', rc: 'SQLITE_IOERR_SHORT_READ' }, true],
  ['a -wal to delete that is gone', { op: 'delete', role: 'wal', rc: 'SQLITE_IOERR_DELETE_NOENT' }, false],
  ['a journal to delete that is gone', { op: 'delete', role: 'journal', rc: 'SQLITE_IOERR_DELETE_NOENT' }, true],
  ['a file control that is not known', { op: 'fileControl', role: 'db', rc: '12' }, false],
  ['a code without a name', { op: 'open', rc: '21' }, true],
  ['a full disk', { op: 'write', rc: 'SQLITE_FULL' }, true],
  ['a file that cannot be opened', { op: 'open', rc: 'SQLITE_CANTOPEN' }, true],
  ['a raw read', { op: 'fileRead', rc: 0 }, false],
  ['a raw read of no file', { op: 'fileRead', rc: 2 }, false],
  ['a flock that somebody else has', { op: 'flock', rc: 11 }, false],
  ['a raw write on a full disk', { op: 'fileWrite', rc: 28 }, true],
  ['a raw write, by a fault', { op: 'fileWrite', rc: 10, injected: true }, true],
  ['a mutex that somebody else has', { op: 'tell', rc: 5 }, false],
])('%s', (_says, more, failed) => {
  expect(isFailed(step(more))).toBe(failed);
});
