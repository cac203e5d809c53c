// What is told where no chain of file and lock operations leads to the harm: waits, transactions, copies, second names, and
// what lanes said last. Steps made by hand; that real runs have such steps: scenarios/cases/cases.test.ts.
import { describe, expect, test } from 'vitest';
import type { Observation } from '../model/history.ts';
import { invariant } from '../model/invariant.ts';
import { historyOf } from '../testing/history.test-support.ts';
import { explainSteps } from './explain-steps.ts';
import {
  dbPage,
  frame,
  lock,
  mapShm,
  open,
  openWal,
  rawRead,
  slot,
  stepsOf,
  unlock,
  walHeader,
} from './steps.test-support.ts';

type Acts = Parameters<typeof stepsOf>[0];

/** The sentences about a violation that names no lane, or these. */
function told(
  acts: Acts,
  said: readonly Observation[] = [],
  message = 'it is wrong',
  step?: number,
): readonly string[] {
  const wrong = invariant('wrong', 'harm', 'nothing is wrong', function* () {
    yield { message, ...(step === undefined ? {} : { step }) };
  });
  const endings = ['p', 'q', 'w'].map((lane) => ({ lane, ending: { how: 'returned' } as const }));
  const history = historyOf({ observations: said, endings });
  return explainSteps(stepsOf(acts), history, [wrong]).flatMap(({ sentence, kind }) =>
    kind === 'violation' ? [] : [sentence],
  );
}

const flock = (lane: string, nowMs: number, got: boolean): Acts[number] => ({
  lane,
  op: 'flock',
  role: 'other',
  file: 'app.lock',
  rc: got ? 0 : 11,
  nowMs,
});

describe('who waits for a lock that another has', () => {
  test('a flock, by several, until it is had', () => {
    const acts = [flock('p', 0, true), flock('q', 0, false), flock('w', 500, false), flock('q', 2000, false)];
    const given = [{ lane: 'p', op: 'funlock', role: 'other', file: 'app.lock', rc: 0, nowMs: 2500 }];
    expect(told([...acts, ...given, flock('q', 2500, true)])).toEqual([
      'q was refused the flock on app.lock 2 times from here to step 3, for 2.0 s, and had it at step 5: p had taken it at step 0.',
    ]);
    expect(told([...acts, flock('w', 2600, false)])).toEqual([
      expect.stringMatching(
        /^w was refused .* 2 times .* for 2\.1 s, and never had it: p had taken it at step 0; so were q\.$/,
      ),
    ]);
  });

  test('a lock of SQLite; and what is over at once is no wait', () => {
    const refused = (nowMs: number) => ({ ...lock('q', 'RESERVED'), rc: 'SQLITE_BUSY', nowMs });
    const acts = [open('p'), lock('p', 'SHARED'), lock('p', 'RESERVED'), open('q'), lock('q', 'SHARED'), refused(0)];
    expect(told([...acts, refused(5000)])).toEqual([
      'q was refused RESERVED on x.db 2 times from here to step 6, for 5.0 s, and never had it: p had taken it at step 2.',
    ]);
    expect(told([...acts, refused(20)])).toEqual([]);
  });
});

describe('transactions', () => {
  const write = (rc = 'SQLITE_OK') => ({
    lane: 'p',
    op: 'write',
    role: 'db',
    file: 'x.db',
    handle: 1,
    args: { length: 512, offset: 0, sum: 1 },
    rc,
  });

  test('one that an error ended, and what came after it', () => {
    const acts = [open('p'), lock('p', 'SHARED'), lock('p', 'RESERVED'), write('SQLITE_FULL'), unlock('p', 'NONE')];
    const [one] = told(acts);
    expect(one).toMatch(
      /^The transaction of p on x\.db, begun at step 2, ended by an error: its xWrite to x\.db .* met SQLITE_FULL, and at step 4 the write lock was given back .* autocommit again\.$/,
    );
    const [again] = told([...acts, lock('p', 'SHARED'), lock('p', 'RESERVED'), write(), unlock('p', 'NONE')]);
    expect(again).toMatch(/What it wrote from step 6 on stands in other transactions/);
    expect(told([...acts.slice(0, 3), write(), unlock('p', 'NONE')])).toEqual([]);
  });

  const shared = (lane: string, action: 'lock' | 'unlock') => ({
    ...slot(lane, 4, action),
    args: { slot: 4, count: 1, action, mode: 'shared' },
  });
  const inWal = [open('p'), openWal('p'), mapShm('p'), open('q'), openWal('q'), mapShm('q')];
  const commitOf = (lane: string) => [
    slot(lane, 0, 'lock'),
    walHeader(lane),
    ...frame(lane, 0, 5),
    slot(lane, 0, 'unlock'),
  ];

  test('one whose snapshot is not the newest when it comes to write', () => {
    const acts = [...inWal, shared('p', 'lock'), ...commitOf('q'), slot('p', 0, 'lock'), slot('p', 0, 'unlock')];
    expect(told(acts)).toEqual([
      expect.stringMatching(/^p had read x\.db .* from step 6 on when q committed at step 11;.*SQLITE_BUSY_SNAPSHOT/),
    ]);
  });

  const read = (lane: string) => [shared(lane, 'lock'), shared(lane, 'unlock')];
  const barrier = (lane: string) => ({ lane, op: 'shmBarrier', role: 'shm', file: 'x.db-shm', handle: 1 });

  test('one that writes what it has read before another committed', () => {
    const acts = [...inWal, ...read('p'), ...commitOf('q'), shared('p', 'lock'), ...commitOf('p')];
    expect(told(acts)).toEqual([
      'p read x.db from here to step 7.',
      'q committed what it had written to x.db from step 8 on: p knows nothing of it.',
      'p wrote to x.db from here on, and committed at step 18, by what it had read before q committed: it cannot have taken in what q had changed.',
    ]);
    expect(told([...inWal, ...commitOf('q'), ...read('p'), shared('p', 'lock'), ...commitOf('p')])).toEqual([]);
  });

  test('a write that is tried again reads nothing anew; who wrote first had read the same', () => {
    const refused = { ...slot('p', 0, 'lock'), rc: 'SQLITE_BUSY' };
    const [begins, ...rest] = commitOf('q');
    if (begins === undefined) throw new Error('no commit');
    const tries = [shared('p', 'lock'), refused, shared('p', 'unlock')];
    const acts = [...inWal, ...read('q'), begins, ...read('p'), ...tries, ...rest, ...commitOf('p')];
    expect(told(acts).slice(0, 2)).toEqual([
      'p read x.db from here to step 10; q read the same from step 6 to step 7.',
      'q committed what it had written to x.db from step 8 on: p knows nothing of it.',
    ]);
  });

  test('what is read after the wal-index says of a commit is not old', () => {
    const [begins, ...rest] = commitOf('q');
    const ends = rest.at(-1);
    if (begins === undefined || ends === undefined) throw new Error('no commit');
    const acts = [begins, ...rest.slice(0, -1), barrier('q'), ...read('p'), ends, ...commitOf('p')];
    expect(told([...inWal, ...acts])).toEqual([]);
  });

  test('a page that both have read and written is a lost update, and is told by its table', () => {
    const reads = (lane: string) => [lock(lane, 'SHARED'), dbPage(lane, 'read', 1), unlock(lane, 'NONE')];
    const writes = (lane: string, sum: number) => [
      lock(lane, 'SHARED'),
      lock(lane, 'RESERVED'),
      dbPage(lane, 'write', sum),
      unlock(lane, 'NONE'),
    ];
    const acts = [open('p'), open('q'), ...reads('p'), ...reads('q'), ...writes('p', 2), ...writes('q', 3)];
    expect(told(acts)).toEqual([
      'q read x.db from here to step 7 (page 2 of t); p read the same from step 2 to step 4.',
      'p committed what it had written to x.db from step 9 on (page 2 of t): q knows nothing of it.',
      'q wrote to x.db from here on (page 2 of t), and committed at step 15, by what it had read before p committed: it wrote over what p had put there (a lost update).',
    ]);
    expect(told([open('p'), open('q'), ...reads('p'), ...writes('p', 2), ...reads('q'), ...writes('q', 3)])).toEqual(
      [],
    );
  });

  test('a shell script, each of whose statements is a process of its own', () => {
    const forked = (name: string) => ({ lane: 'sh', op: 'ask', text: `forked ${name}`, rc: 0 });
    const statement = (name: string, ...acts: Acts) => [forked(name), open(name), ...acts, { lane: name, op: 'end' }];
    const reads = (lane: string) => [lock(lane, 'SHARED'), unlock(lane, 'NONE')];
    const writes = (lane: string) => [
      lock(lane, 'SHARED'),
      lock(lane, 'RESERVED'),
      { ...write(), lane },
      unlock(lane, 'NONE'),
    ];
    const acts = [
      ...statement('sh.1', ...reads('sh.1')),
      open('q'),
      ...writes('q'),
      ...statement('sh.2', ...writes('sh.2')),
    ];
    expect(told(acts).at(-1)).toMatch(/^sh\.2 wrote to x\.db .*, by what sh\.1 had read before q committed/);
  });
});

describe('files', () => {
  const journal = { role: 'journal', file: 'x.db-journal', handle: 2 } as const;
  const hot = [
    open('p'),
    { lane: 'p', op: 'open', ...journal },
    { lane: 'p', op: 'write', ...journal, args: { length: 512, offset: 0, sum: 1 } },
  ];
  const link = { lane: 'p', op: 'link', role: 'db', file: 'x.db', text: 'y.db', rc: 0 };
  const byOther = { lane: 'q', op: 'open', role: 'db', file: 'y.db', handle: 1 };

  test('a database opened by a name beside which its hot journal does not lie', () => {
    expect(told([...hot, link, byOther])).toEqual([
      expect.stringMatching(
        /^q opened y\.db, which is the same file as x\.db\. .* x\.db-journal, to which p had written, lies beside x\.db/,
      ),
    ]);
    const gone = { lane: 'p', op: 'delete', role: 'journal', file: 'x.db-journal' };
    expect(told([...hot, link, gone, byOther])).toEqual([]);
    expect(told([...hot, link, { ...byOther, file: 'x.db' }])).toEqual([]);
  });

  test('each overwriting under somebody, and no scratch copy', () => {
    const copy = (from: string, to: string) => ({ lane: 'q', op: 'copy', role: 'db', file: from, text: to, rc: 0 });
    const acts = [open('p'), copy('x.db', 'scratch.db'), copy('a.db', 'x.db'), copy('b.db', 'x.db')];
    expect(told(acts)).toEqual([
      'q copied a.db over x.db: other bytes in the same file, while p had it open.',
      'q copied b.db over x.db: other bytes in the same file, while p had it open.',
    ]);
  });

  test('copies that are of no one moment', () => {
    const copy = (from: string, to: string, role: string) => ({
      lane: 'q',
      op: 'copy',
      role,
      file: from,
      text: to,
      rc: 0,
    });
    const two = [copy('x.db', 'b.db', 'db'), copy('x.db-wal', 'b.db-wal', 'wal')] as const;
    const writes = [walHeader('p'), ...frame('p', 0, 5)];
    const before = [open('p'), openWal('p')];
    expect(told([...before, two[0], ...writes, two[1]])).toEqual([
      'q copied x.db to b.db (step 2) and x.db-wal to b.db-wal (step 6); meanwhile p made 3 writes to x.db-wal, and p began ' +
        'x.db-wal anew at step 3: what was copied is not of one moment.',
    ]);
    expect(told([...before, ...writes, ...two])).toEqual([]);
    const pieces = [rawRead('q'), ...frame('p', 0, 5), rawRead('q')];
    const written = { lane: 'q', op: 'fileWrite', role: 'db', file: 'b.db', rc: 0 };
    expect(told([...before, ...pieces, written])).toEqual([
      expect.stringContaining(
        'q copied x.db to b.db (in 2 pieces, steps 2 to 5); meanwhile p made 2 writes to x.db-wal',
      ),
    ]);
  });
});

describe('what lanes said last', () => {
  const say = (step: number, lane: string, kind: string, data: Observation['data']) => ({
    step,
    lane,
    nowMs: 0,
    kind,
    data,
  });

  test('of the lane that the violation names, up to its step, and its last error', () => {
    const said = [
      say(1, 'p', 'tick', { ok: true }),
      say(2, 'p', 'failed', { code: 'SQLITE_BUSY', statement: 'UPDATE t' }),
      say(3, 'p', 'tick', { ok: false }),
      say(4, 'q', 'tick', { ok: true }),
      say(9, 'p', 'tick', { ok: true }),
    ];
    expect(told([], said, 'p does not tick', 5)).toEqual([
      'p met an error, and said failed: {"code":"SQLITE_BUSY","statement":"UPDATE t"}.',
      'p said tick: {"ok":false}.',
    ]);
  });

  test('of whoever spoke last, where it names nobody', () => {
    expect(told([], [say(1, 'p', 'rows', 7), say(2, 'w', 'committed', { table: 't', keys: [1] })])).toEqual([
      'p said rows: 7.',
    ]);
  });
});
