// init-swap: which inode and which rows the name stands for afterwards, and what the one who had it open still holds.
import { describe, expect, test } from 'vitest';
import type { History } from '../../model/history.ts';
import { observed, process } from '../../testing/lab.test-support.ts';
import type { Fault } from '../../model/fault.ts';
import { faultLab } from './fault-lab.test-support.ts';

const run = faultLab();
type Swap = Extract<Fault, { kind: 'init-swap' }>;
const swap = (way: Swap['way'], more: Partial<Swap> = {}): Swap => {
  return { kind: 'init-swap', at: { timeMs: 1500 }, way, ...more };
};

/** Inserts at 0 s, 1 s, 2 s, … on one connection, and looks from outside in the end. */
const holder = process('p', 'insertingAndLooking', { count: 4, everyMs: 1000 });
const steps = (seen: { steps: readonly { lane: string; op: string; file?: string; text?: string }[] }) =>
  seen.steps
    .filter(({ lane, op }) => lane === 'init-swap-1' && ['unlink', 'rename', 'copy'].includes(op))
    .map(({ op, file, text }) => [op, file, ...(text === undefined ? [] : [text])].join(' '));

/** Does `p` hold an inode that the name does not stand for any more? */
function isStale(history: History): boolean {
  const [look] = history.looks;
  const named = look?.paths.find(({ file }) => file === 'lab.db')?.generation;
  return (
    look?.openFiles.some(({ process: name, file, deleted, generation }) => {
      return name === 'p' && file.startsWith('lab.db') && !file.includes('-') && (deleted || generation !== named);
    }) === true
  );
}
const rows = (history: History) => {
  const found = history.autopsy.queries['t'];
  return found === undefined || 'error' in found ? found : found.map(([key]) => key);
};

describe('what each way does', () => {
  test('rm: the name is a new, empty database; the holder has the old one', async () => {
    const seen = await run([holder], [swap('rm')]);
    expect(steps(seen)).toEqual(['unlink lab.db']);
    expect(isStale(seen.history)).toBe(true);
    // Making the new database closed the sidecars that both have by name: they are gone under the holder.
    const refused = { error: 'SQLITE_IOERR_SHORT_READ' };
    expect(observed(seen.history, 'insert')).toEqual([0, 1, refused, refused]);
    expect(observed(seen.history, 'replaced')).toEqual([{ way: 'rm', database: 'lab.db', absent: [] }]);
    expect(seen.history.endings.map(({ lane }) => lane)).toContain('init-swap-1.init');
    expect(observed(seen.history, 'init-ended')).toMatchObject([{ process: 'init-swap-1.init' }]);
    expect(seen.violations.map(({ invariant }) => invariant)).toContain('acknowledged-commits');
  });

  test('rm-all: with -wal, -shm and -journal', async () => {
    const seen = await run([holder], [swap('rm-all')]);
    expect(steps(seen)).toEqual(
      ['lab.db', 'lab.db-wal', 'lab.db-shm', 'lab.db-journal'].map((file) => `unlink ${file}`),
    );
    expect(observed(seen.history, 'replaced')).toMatchObject([{ absent: ['lab.db-journal'] }]);
    expect(isStale(seen.history)).toBe(true);
    expect(rows(seen.history)).toEqual([]);
  });

  test('mv-aside: the old database stays under another name, its sidecars under the old one', async () => {
    const seen = await run([holder], [swap('mv-aside')]);
    expect(steps(seen)).toEqual(['rename lab.db lab.db.aside']);
    expect(isStale(seen.history) || seen.history.looks[0]?.openFiles.some(({ file }) => file === 'lab.db.aside')).toBe(
      true,
    );
    expect(seen.history.autopsy.files.map(({ name }) => name)).toContain('lab.db.aside');
  });

  test('mv-all: with the sidecars', async () => {
    const seen = await run([holder], [swap('mv-all')]);
    expect(steps(seen)).toEqual([
      'rename lab.db lab.db.aside',
      'rename lab.db-wal lab.db.aside-wal',
      'rename lab.db-shm lab.db.aside-shm',
      'rename lab.db-journal lab.db.aside-journal',
    ]);
    expect(rows(seen.history)).toEqual([]);
  });

  test('cp-over: the live inode has old bytes', async () => {
    const seen = await run([holder], [swap('cp-over', { pauseMs: 1000 })]);
    expect(steps(seen)).toEqual(['copy lab.db lab.db.copy', 'copy lab.db.copy lab.db']);
    expect(isStale(seen.history)).toBe(false);
    const [first, second] = seen.steps.filter(({ lane, op }) => lane === 'init-swap-1' && op === 'copy');
    expect((second?.nowMs ?? 0) - (first?.nowMs ?? 0)).toBe(1000);
    expect(seen.history.endings.map(({ lane }) => lane)).not.toContain('init-swap-1.init');
    expect(seen.history.strikes).toMatchObject([{ nowMs: 1500, liftedMs: 2500 }]);
  });

  test('restore: a new inode with old bytes', async () => {
    const seen = await run([holder], [swap('restore')]);
    expect(steps(seen)).toEqual(['copy lab.db lab.db.copy', 'rename lab.db.copy lab.db']);
    expect(isStale(seen.history)).toBe(true);
  });

  test('rebuild: a new inode with what was there when it was taken', async () => {
    const seen = await run([holder], [swap('rebuild')]);
    expect(steps(seen)).toEqual(['rename lab.db.rebuilt lab.db']);
    expect(seen.steps.some(({ op, file }) => op === 'open' && file === 'lab.db.rebuilt')).toBe(true);
    expect(isStale(seen.history)).toBe(true);
    expect(observed(seen.history, 'replaced')).toHaveLength(1);
  });
});

describe('struck', () => {
  const idle = process('q', 'sleeping', 5000);

  test.each<[string, Fault['at']]>([
    ['at a step', { step: 1 }],
    ['at an operation', { lane: 'q', op: 'sleep', nth: 1 }],
    ['at a time', { timeMs: 100 }],
  ])('%s, on a database that nobody has open: it is replaced, and sound', async (_how, at) => {
    const { history, violations } = await run([idle], [swap('rm-all', { at })]);
    expect(observed(history, 'init-ended')).toEqual([{ process: 'init-swap-1.init', how: 'returned' }]);
    expect(history.autopsy.integrity).toEqual(['ok']);
    expect(violations).toEqual([]);
  });

  test('without making a new one: there is none', async () => {
    const { history } = await run([idle], [swap('rm', { init: false })]);
    expect(history.autopsy.opened).toBe('SQLITE_CANTOPEN');
  });

  test('a way that keeps one may make one too', async () => {
    const { history } = await run([idle], [swap('restore', { init: true })]);
    expect(observed(history, 'init-ended')).toEqual([{ process: 'init-swap-1.init', how: 'threw' }]); // the table is there
  });

  test('what a person cannot do is seen, and ends it', async () => {
    const { history, violations } = await run(
      [idle],
      [{ kind: 'disk-full', at: { timeMs: 1000 } }, swap('cp-over'), swap('rebuild')],
    );
    expect(observed(history, 'replace-failed')).toEqual([
      { way: 'cp-over', database: 'lab.db', action: 'copy', code: 'ENOSPC' },
      { way: 'rebuild', database: 'lab.db', action: 'vacuum', code: 'SQLITE_CANTOPEN' },
    ]);
    expect(violations).toEqual([]);
  });

  test('another database than that of the scenario', async () => {
    const seen = await run(
      [process('p', 'usingFiles', { times: 1, everyMs: 100 }), idle],
      [swap('rm', { database: 'a', init: false })],
    );
    expect(steps(seen)).toEqual(['unlink a']);
  });
});
