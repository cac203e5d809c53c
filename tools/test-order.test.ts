// Which files of tests are begun first.
import { expect, test } from 'vitest';
import { mayTakeS } from './test-order.ts';

test('slow tests of a file add up, and a long one may come on top', () => {
  const slow = { 'room/a.test.ts': { one: 1.5, another: 2 } };
  const withLong = "import { long } from '../testing/long.test-support.ts';";
  expect(mayTakeS('room/a.test.ts', '', slow)).toBe(3.5);
  expect(mayTakeS('room/b.test.ts', '', slow)).toBe(0);
  expect(mayTakeS('room/b.test.ts', withLong, slow)).toBeGreaterThan(3.5);
});
