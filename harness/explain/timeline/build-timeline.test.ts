// What lasted in a run, and its moments, from steps made by hand.
import { describe, expect, test } from 'vitest';
import { stepFlag } from '../../model/timeline.ts';
import { planOf } from '../../testing/lab.test-support.ts';
import { lock, mapShm, open, openWal, rawRead, slot, unlock } from '../steps.test-support.ts';
import { type Acts, eventsIn, inodesIn, locksIn, messagesIn, opensIn, timelineOf } from './timeline.test-support.ts';

const start = (lane: string) => ({ lane, op: 'start', rc: 0 });
const end = (lane: string) => ({ lane, op: 'end', rc: 0, text: '{"how":"returned","open":0}' });
const killed = (lane: string) => ({ lane, op: 'end', rc: 0, injected: true as const });
const ask = (lane: string, text: string) => ({ lane, op: 'ask', rc: 0, text });
const flock = (lane: string, text: string, rc = 0) => ({
  lane,
  op: 'flock',
  role: 'other',
  file: 'the.lock',
  rc,
  text,
});
const funlock = (lane: string) => ({ lane, op: 'funlock', role: 'other', file: 'the.lock', rc: 0 });
const named = (lane: string, op: string, file: string, text?: string) => ({
  lane,
  op,
  file,
  role: 'db',
  rc: 0,
  ...(text === undefined ? {} : { text }),
});
const deleted = (lane: string, file: string) => ({ lane, op: 'delete', role: 'wal', file });
const close = (lane: string) => ({ lane, op: 'close', role: 'db', file: 'x.db', handle: 1 });

describe('locks', () => {
  const locks = (acts: Acts) => locksIn(timelineOf(acts));

  test('levels lie on each other, and go back together', () => {
    const acts = [
      open('p'),
      lock('p', 'SHARED'),
      lock('p', 'RESERVED'),
      lock('p', 'EXCLUSIVE'),
      unlock('p', 'SHARED'),
      unlock('p', 'NONE'),
    ];
    expect(locks(acts)).toEqual(['p SHARED x.db 1–5', 'p RESERVED! x.db 2–4', 'p EXCLUSIVE! x.db 3–4']);
  });

  test('EXCLUSIVE that readers do not let through leaves PENDING behind, until it comes through', () => {
    const refused = { ...lock('p', 'EXCLUSIVE'), rc: 'SQLITE_BUSY' };
    const acts = [open('p'), lock('p', 'SHARED'), lock('p', 'RESERVED'), refused, refused, lock('p', 'EXCLUSIVE')];
    expect(locks(acts)).toEqual([
      'p SHARED x.db 1–',
      'p RESERVED! x.db 2–',
      'p PENDING! x.db 3–5',
      'p EXCLUSIVE! x.db 5–',
    ]);
  });

  test('there is no PENDING without RESERVED, nor by a fault that answers busy', () => {
    const refused = { ...lock('p', 'EXCLUSIVE'), rc: 'SQLITE_BUSY' };
    const byFault = { ...refused, injected: true as const };
    expect(locks([open('p'), lock('p', 'SHARED'), refused])).toEqual(['p SHARED x.db 1–']);
    const reserved = [open('p'), lock('p', 'SHARED'), lock('p', 'RESERVED'), byFault];
    expect(locks(reserved)).toEqual(['p SHARED x.db 1–', 'p RESERVED! x.db 2–']);
  });

  test('each slot of the wal-index has its own, shared or exclusive', () => {
    const read = { ...slot('q', 4, 'lock'), args: { slot: 4, count: 1, action: 'lock', mode: 'shared' } };
    const both = { ...slot('p', 0, 'lock'), args: { slot: 0, count: 2, action: 'lock', mode: 'exclusive' } };
    expect(locks([open('p'), mapShm('p'), both, open('q'), mapShm('q'), read, slot('p', 0, 'unlock')])).toEqual([
      'p WRITE! x.db-shm 2–6',
      'p CKPT! x.db-shm 2–',
      'q READ1 x.db-shm 5–',
    ]);
  });

  test('a raw read loses what its process holds, and the span says where; going on is not losing', () => {
    const acts = [open('p/a'), lock('p/a', 'SHARED'), rawRead('p/b'), rawRead('p/b'), unlock('p/a', 'NONE')];
    expect(locks(acts)).toEqual(['p/a SHARED x.db 1–4 lost 2']);
  });

  test('a connection that joins a lost lock never had it, and the kernel takes it anew after RESERVED', () => {
    const acts = [open('p/a'), lock('p/a', 'SHARED'), rawRead('p/a'), open('p/b'), lock('p/b', 'SHARED')];
    expect(locks(acts)).toEqual(['p/a SHARED x.db 1– lost 2', 'p/b SHARED x.db 4– lost 4']);
    const anew = [...acts.slice(0, 3), lock('p/a', 'RESERVED'), unlock('p/a', 'SHARED'), rawRead('p/a')];
    expect(locks(anew)).toEqual(['p/a SHARED x.db 1–4 lost 2', 'p/a RESERVED! x.db 3–4', 'p/a SHARED x.db 4– lost 5']);
  });

  test('flock is held from the try that had it to its release; a try in vain holds nothing', () => {
    const acts = [flock('p', 'exclusive'), flock('q', 'shared', 11), funlock('p'), flock('q', 'shared')];
    expect(locks(acts)).toEqual(['p flock! the.lock 0–2', 'q flock the.lock 3–']);
  });

  test('all end with the process that held them, however many lanes it had, and with a close', () => {
    const acts = [
      start('p'),
      start('p/t'),
      start('q'),
      open('p/t'),
      lock('p/t', 'SHARED'),
      flock('p', 'exclusive'),
      open('q'),
      lock('q', 'SHARED'),
      killed('p'),
      close('q'),
    ];
    expect(locks(acts)).toEqual(['p/t SHARED x.db 4–8', 'p flock! the.lock 5–8', 'q SHARED x.db 7–9']);
  });
});

describe('files', () => {
  test('a -wal that is unlinked under a holder, who goes on with it; the next one is another', () => {
    const acts = [open('p'), openWal('p'), open('q'), deleted('q', 'x.db-wal'), openWal('q'), close('p'), end('q')];
    const timeline = timelineOf(acts);
    expect(inodesIn(timeline)).toEqual(['x.db#1 0–', 'x.db-wal#1 1–3 unlinked by q, p has it', 'x.db-wal#2 4–']);
    expect(opensIn(timeline)).toEqual(['p x.db#1 0–5', 'p x.db-wal#1 1–', 'q x.db#1 2–6', 'q x.db-wal#2 4–6']);
  });

  test('a -shm counts as open while it is mapped, and only the last of a process takes it away', () => {
    const unmap = (lane: string) => ({ ...mapShm(lane), op: 'shmUnmap', args: { delete: 1 } });
    const acts = [open('p/a'), mapShm('p/a'), open('p/b'), mapShm('p/b'), unmap('p/a'), unmap('p/b')];
    const timeline = timelineOf(acts);
    expect(inodesIn(timeline)).toEqual(['x.db#1 0–', 'x.db-shm#1 1–5 unlinked by p/b']);
    expect(opensIn(timeline).filter((one) => one.includes('shm'))).toEqual([
      'p/a x.db-shm#1 1–4',
      'p/b x.db-shm#1 3–5',
    ]);
  });

  test('a database that is replaced: what was renamed over it bore another name before, locks stay with the old one', () => {
    const acts = [
      open('p'),
      lock('p', 'SHARED'),
      named('q', 'copy', 'x.db', 'new'),
      named('q', 'rename', 'new', 'x.db'),
      open('q'),
      lock('q', 'SHARED'),
    ];
    const timeline = timelineOf(acts);
    expect(inodesIn(timeline)).toEqual(['x.db#1 0–3 replaced by q, p has it', 'new#1 2–3 renamed by q', 'x.db#2 3–']);
    expect(timeline.inodes.map(({ formerly }) => formerly)).toEqual([undefined, undefined, 1]);
    expect(timeline.locks.map(({ inode }) => inode)).toEqual([0, 2]);
    expect(opensIn(timeline)).toEqual(['p x.db#1 0–', 'q x.db#2 4–']);
  });

  test('one that is moved aside and back is the same under its old name', () => {
    const acts = [open('p'), named('q', 'rename', 'x.db', 'aside'), named('q', 'rename', 'aside', 'x.db')];
    expect(inodesIn(timelineOf(acts))).toEqual([
      'x.db#1 0–1 renamed by q, p has it',
      'aside#1 1–2 renamed by q, p has it',
      'x.db#1 2–',
    ]);
  });

  test('one that the run never met otherwise is there for the step that takes it away', () => {
    expect(inodesIn(timelineOf([start('q'), named('q', 'unlink', 'old')]))).toEqual(['old#1 1–1 unlinked by q']);
    expect(inodesIn(timelineOf([start('q'), { ...named('q', 'unlink', 'old'), rc: 2 }]))).toEqual([]);
  });

  test('a second name is another span of the same file', () => {
    const timeline = timelineOf([open('p'), named('q', 'link', 'x.db', 'y'), named('q', 'unlink', 'y'), open('q')]);
    expect(inodesIn(timeline)).toEqual(['x.db#1 0–', 'y#1 1–2 unlinked by q, p has it']);
    expect(opensIn(timeline)).toEqual(['p x.db#1 0–', 'q x.db#1 3–']);
  });
});

describe('messages', () => {
  const messages = (acts: Acts) => messagesIn(timelineOf(acts));

  test('lie in a queue until they are received, in order; nothing is received from an empty one', () => {
    const acts = [
      start('p'),
      start('q'),
      ask('q', 'receive 10'),
      ask('p', 'send q "a"'),
      ask('p', 'send q {"b":1}'),
      ask('q', 'receive '),
      ask('q', 'receive '),
      ask('q', 'receive '),
      ask('q', 'send p "c"'),
    ];
    expect(messages(acts)).toEqual(['p to q: "a" 3–5 received', 'p to q: {"b":1} 4–6 received', 'q to p: "c" 8–']);
  });

  test('end unreceived with their lane; the dead and those who never were get none', () => {
    const acts = [
      start('p'),
      start('q'),
      start('q/t'),
      ask('p', 'send q/t 1'),
      ask('p', 'send q 2'),
      end('q/t'),
      ask('p', 'send q/t 3'),
      killed('q'),
      ask('p', 'send q 4'),
      ask('p', 'send nobody 5'),
    ];
    expect(messages(acts)).toEqual(['p to q/t: 1 3–5', 'p to q: 2 4–7']);
  });

  test('wait for one that stands before its first step, and not for one that is not started yet', () => {
    const acts = [start('p'), ask('p', 'send q 1'), ask('p', 'send r 2'), ask('p', 'spawn r prog {}'), start('q')];
    expect(messages([...acts, start('r'), ask('r', 'receive '), ask('q', 'receive ')])).toEqual([
      'p to q: 1 1–7 received',
    ]);
  });
});

describe('events', () => {
  test('tell what struck, who died, what was acknowledged, what failed and what is known of it', () => {
    const acts = [
      start('p'),
      start('q'),
      open('p'),
      { lane: 'p', op: 'fault', rc: 0, injected: true as const },
      killed('p'),
      { lane: 'q', op: 'fileWrite', role: 'other', file: 'note', rc: 28 },
      end('q'),
    ];
    const strike = { fault: 0, kind: 'kill', step: 3, nowMs: 0, liftedMs: 0, note: 'it was largest' };
    const history = {
      plan: { ...planOf(), faults: [{ kind: 'kill' as const, at: { step: 3 }, process: 'p' }] },
      strikes: [strike],
      deaths: [{ process: 'p', ending: { how: 'killed' as const, signal: 'SIGKILL' }, step: 4, nowMs: 0 }],
      preemptions: [{ at: 2, to: 'p' }],
      observations: [
        { step: 5, lane: 'q', nowMs: 0, kind: 'committed', data: { table: 't', keys: [1, 2] } },
        { step: 6, lane: 'q', nowMs: 0, kind: 'tick-failed', data: { code: 'SQLITE_CORRUPT' } },
        { step: 6, lane: 'q', nowMs: 0, kind: 'tick-failed', data: { code: 'SQLITE_BUSY' } },
      ],
      endings: [{ lane: 'q', ending: { how: 'threw' as const, error: 'Error: no' } }],
    };
    const facts = [
      { step: 5, kind: 'rows-lost' as const, sentence: 'They are gone.', lanes: ['q'] },
      { step: 6, kind: 'led-there' as const, sentence: 'By that.', lanes: ['p', 'q'], also: [{ step: 1, lane: 'p' }] },
      { step: null, kind: 'end' as const, sentence: 'All of it.', lanes: [] },
    ];
    const violations = [
      { invariant: 'i', message: 'broken', step: 5 },
      { invariant: 'j', message: 'broken', step: null },
    ];
    expect(eventsIn(timelineOf(acts, { history, facts, violations }))).toEqual([
      '1 p link: By that.',
      '2 p preemption: p goes on instead of q',
      '3 p fault: kill p: it was largest',
      '4 p death: p was killed by SIGKILL',
      '5 q error: errno 28 from raw write of note',
      '5 q commit: committed 2 rows of t',
      '5 q fact: They are gone.',
      '5 - violation: i: broken',
      '6 q error: q threw: Error: no',
      '6 q error: SQLITE_CORRUPT (tick-failed)',
      '6 p fact: By that.',
    ]);
  });
});

test('a step is a row, with names as places', () => {
  const write = { lane: 'p', op: 'write', role: 'db', file: './x.db', handle: 1, args: { length: 4, offset: 0 } };
  const timeline = timelineOf([open('p'), { ...write, rc: 'SQLITE_FULL', injected: true }, ask('q', 'look end')]);
  const { lanes, ops, files, codes, steps } = timeline;
  expect(steps).toEqual([
    [0, 0, 0, 0, 0, 0, { handle: 1 }, null, 0],
    [1, 0, 0, 1, 0, 1, { handle: 1, length: 4, offset: 0 }, null, stepFlag.injected | stepFlag.failed],
    [2, 1, 0, 2, -1, 2, null, 'look end', 0],
  ]);
  expect({ lanes, ops, files, codes }).toEqual({
    lanes: ['p', 'q'],
    ops: ['open', 'write', 'ask'],
    files: ['x.db'],
    codes: ['SQLITE_OK', 'SQLITE_FULL', 0],
  });
});

describe('of a run with too many steps', () => {
  const idle = (lane: string, count: number) => Array.from({ length: count }, () => ({ lane, op: 'step', rc: 0 }));
  const acts = [
    open('p'),
    openWal('p'),
    lock('p', 'SHARED'),
    open('q'),
    deleted('q', 'x.db-wal'),
    close('q'),
    ...idle('p', 50),
    ask('p', 'send p 1'),
    rawRead('p'),
    unlock('p', 'NONE'),
    ...idle('r', 50),
  ];
  const fact = { step: 57, kind: 'lock-lost' as const, sentence: 'Lost.', lanes: ['p'] };

  test('those round the facts are kept, and spans cut to them', () => {
    const timeline = timelineOf(acts, { facts: [fact], stepsMax: 10 });
    const { kept, total, steps, lanes } = timeline;
    expect({ kept, total }).toEqual({ kept: { from: 53, to: 62 }, total: acts.length });
    expect(steps.map(([step]) => step)).toEqual([53, 54, 55, 56, 57, 58, 59, 60, 61, 62]);
    expect(locksIn(timeline)).toEqual(['p SHARED x.db 53–58 lost 57']);
    expect(opensIn(timeline)).toEqual(['p x.db#1 53–', 'p x.db-wal#1 53–']);
    expect(inodesIn(timeline)).toEqual(['x.db#1 53–', 'x.db-wal#1 53–53 unlinked by q, p has it']);
    expect(messagesIn(timeline)).toEqual(['p to p: 1 56–']);
    expect(eventsIn(timeline)).toEqual(['57 p fact: Lost.']);
    expect(lanes).toEqual(['p', 'q', 'r']);
  });

  test('what ends after them has no end, and what came of it is not known yet', () => {
    const timeline = timelineOf(acts, { facts: [{ ...fact, step: 2 }], stepsMax: 4 });
    expect(timeline.kept).toEqual({ from: 1, to: 4 });
    expect(locksIn(timelineOf(acts, { facts: [{ ...fact, step: 0 }], stepsMax: 3 }))).toEqual(['p SHARED x.db 2–']);
    expect(inodesIn(timelineOf(acts, { facts: [{ ...fact, step: 0 }], stepsMax: 3 }))[1]).toBe('x.db-wal#1 1–');
  });
});
