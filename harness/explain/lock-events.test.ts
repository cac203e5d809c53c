// Who holds which lock, and when the kernel does not: as os_unix.c has it.
import { describe, expect, test } from 'vitest';
import { FileTable } from '../observe/file-table.ts';
import { LockTable } from '../observe/lock-table.ts';
import {
  close,
  eventsIn,
  lock,
  mapShm,
  open,
  rangeLock,
  rawRead,
  slot,
  stepsOf,
  unlock,
} from './steps.test-support.ts';

type Acts = Parameters<typeof eventsIn>[0];

function told(acts: Acts): readonly string[] {
  return eventsIn(acts).events.flatMap((event) => {
    if (event.kind === 'lock-lost') return [`${event.step} lost ${event.held.map(({ what }) => what).join('+')}`];
    if (event.kind !== 'granted-against') return [];
    const others = event.others.map(({ holder, what, lost }) => `${holder.lane} ${what} lost at ${lost?.step}`);
    return [`${event.step} ${event.lane} ${event.what} against ${others.join(', ')}`];
  });
}

describe('a lock of an open file description', () => {
  const armed = [open('p/a'), lock('p/a', 'SHARED'), open('p/b'), lock('p/b', 'SHARED'), rangeLock('p/a', 'lock')];

  /** Since which steps one stays through a raw read that follows these. */
  const staysAfter = (acts: Acts): readonly number[] =>
    eventsIn([...armed, ...acts, rawRead('p/c')]).events.flatMap((event) =>
      event.kind === 'lock-lost' ? event.stays.map(({ since }) => since) : [],
    );

  test('stays where the locks of the process go, until it is lifted', () => {
    expect(staysAfter([])).toEqual([4, 4]);
    expect(staysAfter([rangeLock('p/a', 'unlock')])).toEqual([]);
  });

  test('outlives its connection while another of the process has the file locked, as the descriptor does', () => {
    expect(staysAfter([close('p/a')])).toEqual([4]);
    expect(staysAfter([close('p/a'), unlock('p/b', 'NONE'), lock('p/b', 'SHARED')])).toEqual([]);
  });

  test('refuses EXCLUSIVE to all others', () => {
    const files = new FileTable();
    const locks = new LockTable(files);
    const steps = stepsOf([...armed, open('q'), lock('q', 'EXCLUSIVE')]);
    for (const step of steps.slice(0, -1)) {
      locks.see(step);
      files.see(step);
    }
    const refused = steps.at(-1)!;
    const by = locks.refusedBy(refused, files.of(refused)!);
    expect(by.map(({ holder, what }) => `${holder.lane} ${what}`)).toEqual([
      'p/a SHARED',
      'p/b SHARED',
      'p/a EXCLUSIVE, over the read lock of an open file description,',
    ]);
  });

  test('a lock of the process that is taken again is held again', () => {
    const acts = [open('p'), lock('p', 'SHARED'), rawRead('p'), rangeLock('p', 'lock', 'process'), rawRead('p')];
    expect(told(acts)).toEqual(['2 lost SHARED', '4 lost SHARED']);
  });
});

describe('on the database', () => {
  test('a raw read takes what its process holds, and another is granted EXCLUSIVE', () => {
    expect(
      told([
        open('p/a'),
        lock('p/a', 'SHARED'),
        rawRead('p/b'),
        open('q'),
        lock('q', 'SHARED'),
        lock('q', 'EXCLUSIVE'),
      ]),
    ).toEqual(['2 lost SHARED', '5 q EXCLUSIVE against p/a SHARED lost at 2']);
  });

  test('a raw read by another process, or of another file, takes nothing', () => {
    expect(told([open('p'), lock('p', 'SHARED'), rawRead('q'), rawRead('p', 'y.db')])).toEqual([]);
  });

  test('a second raw read has nothing left to take', () => {
    expect(told([open('p'), lock('p', 'SHARED'), rawRead('p'), rawRead('p')])).toEqual(['2 lost SHARED']);
  });

  test('a connection that joins a process without its lock has none either', () => {
    expect(
      told([
        open('p/a'),
        lock('p/a', 'SHARED'),
        rawRead('p/b'),
        open('p/c'),
        lock('p/c', 'SHARED'),
        unlock('p/a', 'NONE'),
        open('q'),
        lock('q', 'EXCLUSIVE'),
      ]),
    ).toEqual(['2 lost SHARED', '7 q EXCLUSIVE against p/c SHARED lost at 2']);
  });

  test('a lock that is given back and taken anew is held again', () => {
    const acts = [open('p'), lock('p', 'SHARED'), rawRead('p'), unlock('p', 'NONE'), lock('p', 'SHARED'), rawRead('p')];
    expect(told(acts)).toEqual(['2 lost SHARED', '5 lost SHARED']);
  });

  test('going back from RESERVED to SHARED asks the kernel for SHARED again', () => {
    const acts = [
      open('p'),
      lock('p', 'SHARED'),
      lock('p', 'RESERVED'),
      rawRead('p'),
      unlock('p', 'SHARED'),
      rawRead('p'),
    ];
    expect(told(acts)).toEqual(['3 lost SHARED+RESERVED', '5 lost SHARED']);
  });

  test('the locks of a dead process contradict nobody', () => {
    const death = { lane: 'p', op: 'end', injected: true } as const;
    expect(
      told([
        { lane: 'p', op: 'start' },
        open('p'),
        lock('p', 'SHARED'),
        rawRead('p'),
        death,
        open('q'),
        lock('q', 'EXCLUSIVE'),
      ]),
    ).toEqual(['3 lost SHARED']);
  });
});

test('on the wal-index a raw read of -shm takes the slots', () => {
  expect(
    told([
      open('p'),
      mapShm('p'),
      slot('p', 0, 'lock'),
      { lane: 'p', op: 'fileRead', role: 'shm', file: 'x.db-shm', rc: 0 },
      open('q'),
      mapShm('q'),
      slot('q', 0, 'lock'),
    ]),
  ).toEqual(['3 lost WRITE', '6 q WRITE against p WRITE lost at 3']);
});
