// Mutexes and semaphores of a process, by the real coordinator: who waits, for how long, and who gives back what.
import { describe, expect, test } from 'vitest';
import { turnsChooser } from '../run/choosers/preemptions.ts';
import { stream } from '../model/random.ts';
import { runInC } from './c-lane.test-support.ts';

describe('a mutex', () => {
  test('is had again by who has it, and by nobody else, who may try, or wait for a while', async () => {
    const { said } = await runInC({
      p: 'lock m|lock m|thread t lock m 0+lock m 250+now+lock m+now|sleep 1000|unlock m|sleep 1000|unlock m|unlock m|ask wait p/t ',
    });
    expect(said).toEqual([
      'p: lock → 1',
      'p: lock → 1',
      'p/t: lock → 0',
      'p/t: lock → 0',
      'p/t: now → 250',
      'p: unlock → 1',
      'p: unlock → 1',
      'p: unlock → 0',
      'p/t: lock → 1',
      'p/t: now → 2000',
    ]);
  });

  test('that is given back in time is had before the time is up', async () => {
    const { said } = await runInC({ p: 'lock m|thread t lock m 5000+now|sleep 100|unlock m|ask wait p/t ' });
    expect(said.slice(-2)).toEqual(['p/t: lock → 1', 'p/t: now → 100']);
  });
});

describe('a semaphore', () => {
  test('that nobody has made is a lock that anybody may give back, once', async () => {
    const { said } = await runInC({
      p: 'acquire s|acquire s 0|thread t release s+release s|ask wait p/t |acquire s 0|acquire s 70|now',
    });
    expect(said).toEqual([
      'p: acquire → 1',
      'p: acquire → 0',
      'p/t: release → 1',
      'p/t: release → 0',
      'p: acquire → 1',
      'p: acquire → 0',
      'p: now → 70',
    ]);
  });

  test('counts, up to what it was made for', async () => {
    const { said } = await runInC({
      p: 'semaphore s 2 3|acquire s 0|acquire s 0|acquire s 0|release s|release s|release s|release s',
    });
    expect(said.map((one) => one.at(-1)).join('')).toBe('1101110');
  });

  test('made anew in another process, and in another run, is another', async () => {
    const one = 'acquire s 0|sleep 10|acquire s 0';
    const { said } = await runInC({ p: one, q: one });
    expect(said.toSorted()).toEqual(['p: acquire → 0', 'p: acquire → 1', 'q: acquire → 0', 'q: acquire → 1']);
  });

  test('lets each of those who wait go on once for each that is given back, by any schedule', async () => {
    const waiter = (name: string) => `thread ${name} acquire s+now`;
    for (let seed = 0; seed < 8; seed++) {
      const { said, outcome } = await runInC(
        {
          p: `semaphore s 0 0|${['a', 'b', 'c'].map(waiter).join('|')}|sleep 10|release s|sleep 10|release s|sleep 10|release s|ask wait p/a |ask wait p/b |ask wait p/c `,
        },
        { chooser: turnsChooser(stream('chooser', 2, seed)) },
      );
      expect(outcome.end).toBe('done');
      const times = said.filter((one) => one.includes('now')).map((one) => Number(one.split('→ ')[1]));
      expect(times.toSorted((a, b) => a - b)).toEqual([10, 20, 30]);
    }
  });

  test('that nobody gives back leaves its waiter where it is, until the run is cut off', async () => {
    const { outcome } = await runInC({ p: 'semaphore s 0 0|acquire s' });
    expect(outcome.end).toBe('cut off');
  });
});
