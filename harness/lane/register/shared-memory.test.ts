// What threads share of a process: who waits where in memory, and in which order they are woken.
import { expect, test } from 'vitest';
import { SharedMemory } from './shared-memory.ts';

test('who came first is woken first, at its own place only, by any thread', () => {
  const memory = new SharedMemory();
  const other = new SharedMemory(memory.buffer);
  const [one, elsewhere, two] = [memory.enter(64, 1), other.enter(72, 2), other.enter(64, 3)];
  expect(memory.notify(80, Infinity)).toBe(0);
  expect(other.notify(64, 1)).toBe(1);
  expect([one, elsewhere, two].map((waiter) => memory.isNotified(waiter))).toEqual([true, false, false]);
  memory.leave(one);
  const three = memory.enter(64, 4); // in the first one's place, and behind the second
  expect(memory.notify(64, 1)).toBe(1);
  expect([two, three].map((waiter) => other.isNotified(waiter))).toEqual([true, false]);
});

test('a thread that has ended waits no more', () => {
  const memory = new SharedMemory();
  memory.enter(64, 1);
  memory.enter(64, 2);
  memory.forget(1);
  expect(memory.notify(64, Infinity)).toBe(1);
});

test('threads see what each has posted', () => {
  const memory = new SharedMemory();
  const other = new SharedMemory(memory.buffer);
  other.countPost();
  other.countThreads(1);
  expect([memory.posted, memory.threads]).toEqual([1, 1]);
  expect(() => Array.from({ length: 1025 }, () => memory.enter(64, 1))).toThrow('More than 1024');
});
