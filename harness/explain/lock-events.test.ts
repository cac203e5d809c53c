// Who holds which lock, and when the kernel does not: as os_unix.c has it.
import { describe, expect, test } from 'vitest';
import { eventsIn, lock, mapShm, open, rawRead, slot, unlock } from './steps.test-support.ts';

type Acts = Parameters<typeof eventsIn>[0];

function told(acts: Acts): readonly string[] {
  return eventsIn(acts).events.flatMap((event) => {
    if (event.kind === 'lock-lost') return [`${event.step} lost ${event.held.map(({ what }) => what).join('+')}`];
    if (event.kind !== 'granted-against') return [];
    const others = event.others.map(({ holder, what, lost }) => `${holder.lane} ${what} lost at ${lost?.step}`);
    return [`${event.step} ${event.lane} ${event.what} against ${others.join(', ')}`];
  });
}

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
