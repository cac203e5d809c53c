// Signals are heard where no event loop turns, once each.
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { pollReadable } from './native.ts';
import { hearSignals, holdSignals, onSignals, signalFd } from './signals.ts';

const signal = 'SIGUSR2';
const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** Counts how often it is heard. */
function counter(): { times: number } {
  const heard = { times: 0 };
  ends.push(onSignals([signal], () => void heard.times++));
  return heard;
}

const raise = (): void => void process.kill(process.pid, signal);

describe('a signal is heard', () => {
  test('in synchronous code that asks, and not again when the event loop turns', async () => {
    const heard = counter();
    raise();
    expect(heard.times).toBe(0);
    hearSignals();
    expect(heard.times).toBe(1);
    await wait(20);
    expect(heard.times).toBe(1);
    raise();
    hearSignals();
    expect(heard.times).toBe(2);
  });

  test('by the event loop, of code that never asks', async () => {
    const heard = counter();
    raise();
    while (heard.times === 0) await wait(5);
    hearSignals();
    expect(heard.times).toBe(1);
  });

  test('by each who listens, and by nobody who has stopped', () => {
    const [first, second] = [counter(), counter()];
    raise();
    hearSignals();
    ends.shift()?.();
    raise();
    hearSignals();
    expect([first.times, second.times]).toEqual([1, 2]);
  });
});

test('it wakes a poll, for as long as it was not heard', () => {
  counter();
  expect(pollReadable(undefined, 1, signalFd())).toBe('timeout');
  raise();
  expect(pollReadable(undefined, 60_000, signalFd())).toBe('interrupted');
  hearSignals();
  expect(pollReadable(undefined, 1, signalFd())).toBe('timeout');
});

test('one that comes while signals are held is told when they no longer are', () => {
  const heard = counter();
  const before = holdSignals(() => {
    raise();
    hearSignals();
    return heard.times;
  });
  expect([before, heard.times]).toEqual([0, 1]);
});

test('there is nothing to wait for when nobody listens', () => {
  expect(signalFd()).toBeUndefined();
});

test('a second copy of the module hears them too', async () => {
  vi.resetModules();
  const second = await import('./signals.ts');
  const heard = vi.fn<(signal: NodeJS.Signals) => void>();
  ends.push(second.onSignals([signal], heard));
  raise();
  second.hearSignals();
  expect(heard).toHaveBeenCalledTimes(1);
});
