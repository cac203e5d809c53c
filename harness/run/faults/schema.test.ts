// Faults in plans: what is valid is read, and each thing that is not is refused with a sentence.
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { faultKinds } from './catalogue.ts';
import { faultSchema } from '../../model/fault.ts';

const at = { timeMs: 5 };

function said(fault: object): string {
  const parsed = faultSchema.safeParse(fault);
  return parsed.success ? 'valid' : z.prettifyError(parsed.error);
}

const valid: readonly object[] = [
  { kind: 'orphan', at, process: 'p' },
  { kind: 'orphan', at: { step: 3 }, process: 'p', as: 'old' },
  { kind: 'oom', at },
  { kind: 'oom', at, victim: 'p', scope: 'unit', group: 'unit-1' },
  { kind: 'corrupt', at, how: 'index-entry-dropped', owner: 'idx_notify_task', nth: 1, database: 'kanban.db' },
  { kind: 'file-damage', at, how: 'flip', folder: 'kanban.db.recovery', begins: 'journal.', nth: 1, byte: 0 },
  { kind: 'file-damage', at, how: 'remove-all', folder: 'kanban.db.recovery' },
  { kind: 'disk-full', at, until: { lane: 'p', op: 'write', nth: 3 } },
  { kind: 'io-hiccup', at, ms: 5, process: 'p', files: ['db', 'wal'] },
  { kind: 'mixed-mode', at, process: 'p' },
  { kind: 'mixed-mode', at, statements: ['REINDEX'], tryMs: 5 },
  { kind: 'leaked-connection', at: { lane: 'p', op: 'disconnect', nth: 1 } },
  { kind: 'stalled-lock-holder', at, holds: 'write', ms: 5 },
  { kind: 'stalled-lock-holder', at, holds: 'flock', file: 'kanban.db.init.lock', ms: 5 },
  { kind: 'init-swap', at, way: 'cp-over', pauseMs: 5, init: false },
  { kind: 'gc', at: { step: 3 } },
  { kind: 'gc', at, lane: 'p/t' },
];

test.each(valid)('%j is valid', (fault) => {
  expect(said(fault)).toBe('valid');
});

test('every kind has a schema of its own in the union', () => {
  const known = faultSchema.options.map((schema) => schema.shape.kind.value);
  expect(known).toEqual(Object.keys(faultKinds));
  expect(Object.values(faultKinds).map(({ kind }) => kind)).toEqual(Object.keys(faultKinds));
});

describe('refused', () => {
  test.each<[object, string]>([
    [{ at }, 'a fault is {"kind", "at", …}, and its kind one of kill, pause'],
    [{ kind: 'flood', at }, 'a fault is {"kind", "at", …}, and its kind one of kill, pause'],
    [{ kind: 'oom' }, 'an address is {"step": 120}'],
    [{ kind: 'oom', at: { lane: 'p', op: 'randomness', nth: 1 } }, 'an address is {"step": 120}'],
    [{ kind: 'oom', at: { lane: 'p', op: 'write', nth: 0 } }, 'a whole number, 1 for the first'],
    [{ kind: 'oom', at: { timeMs: -1 } }, 'a whole number, 0 for the first'],
    [{ kind: 'oom', at, scope: 'all' }, '`scope` is "process" or "unit"'],
    [{ kind: 'oom', at, victim: 'p/q' }, 'a name of a process such as gateway-1'],
    [{ kind: 'orphan', at }, 'a name of a process such as gateway-1'],
    [{ kind: 'corrupt', at, how: 'flip' }, '`how` is one of page-scramble, rowid-out-of-order'],
    [{ kind: 'corrupt', at, how: 'foreign-bytes', nth: 1 }, '`owner` and `nth` choose a page'],
    [{ kind: 'file-damage', at, how: 'flip', folder: '../x' }, 'a file in the directory of the world'],
    [{ kind: 'file-damage', at, how: 'rot', folder: 'x' }, '`how` is one of flip, truncate, remove, remove-all'],
    [{ kind: 'file-damage', at, how: 'remove-all', folder: 'x', nth: 1 }, '`nth` chooses one file'],
    [{ kind: 'file-damage', at, how: 'remove', folder: 'x', byte: 1 }, '`byte` goes with "flip" and "truncate"'],
    [{ kind: 'corrupt', at, how: 'page-scramble', database: '/etc/x.db' }, 'a file in the directory of the world'],
    [{ kind: 'corrupt', at, how: 'page-scramble', database: '../x.db' }, 'a file in the directory of the world'],
    [{ kind: 'io-hiccup', at }, 'a whole number of virtual milliseconds'],
    [{ kind: 'io-hiccup', at, ms: 0 }, 'a whole number of virtual milliseconds'],
    [{ kind: 'io-hiccup', at, ms: 1.5 }, 'a whole number of virtual milliseconds'],
    [{ kind: 'io-hiccup', at, ms: 5, files: [] }, '`files` names at least one file role'],
    [{ kind: 'io-hiccup', at, ms: 5, files: ['database'] }, 'a file role: db, wal, shm'],
    [{ kind: 'disk-full', at, until: 5 }, 'an address is {"step": 120}'],
    [{ kind: 'mixed-mode', at, process: 'p', tryMs: 5 }, 'are for the further process'],
    [{ kind: 'leaked-connection', at }, 'needs the name of the victim'],
    [{ kind: 'stalled-lock-holder', at, holds: 'read', ms: 5 }, '`holds` is "write"'],
    [{ kind: 'stalled-lock-holder', at, holds: 'flock', ms: 5 }, '`file` goes with "holds": "flock"'],
    [{ kind: 'stalled-lock-holder', at, holds: 'write', file: 'x', ms: 5 }, '`file` goes with "holds": "flock"'],
    [
      { kind: 'stalled-lock-holder', at, holds: 'flock', file: 'x', database: 'y', ms: 5 },
      '`database` goes with "holds"',
    ],
    [{ kind: 'init-swap', at, way: 'burn' }, '`way` is one of rm, rm-all, mv-aside'],
  ])('%j', (fault, sentence) => {
    expect(said(fault)).toContain(sentence);
  });
});
