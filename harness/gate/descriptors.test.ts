// Descriptors that threads of a process share, and those that a fork inherits, by a program in C. What stays out: what tables and marks
// make of them (lane/descriptors.test.ts).
import { expect, test } from 'vitest';
import { runInC } from './c-lane.test-support.ts';

const table = 'open a a.db|sql a create table t(k)|sql a insert into t values (1)';

test('a descriptor that another lane opened is told by who did, and its close cancels the locks of the process', async () => {
  const { steps, marks } = await runInC({
    p: `${table}|rawopen r a.db|sql a begin immediate|thread t rawread r+rawclose r|ask wait p/t |sql a commit`,
  });
  const own = steps.filter(({ op }) => op.startsWith('fd'));
  expect(own.map(({ lane, op, opener, role }) => [lane, op, opener ?? lane, role])).toEqual([
    ['p', 'fdOpen', 'p', 'db'],
    ['p/t', 'fdRead', 'p', 'db'],
    ['p/t', 'fdClose', 'p', 'db'],
  ]);
  expect(new Set(own.map(({ handle }) => handle)).size).toBe(1);
  expect(own[1]?.args).toMatchObject({ offset: 0, length: 8 });
  expect(marks).toMatchObject({ 'locks-cancelled': 1 });
});

test('a number that was closed and given again is another descriptor', async () => {
  const { steps, marks } = await runInC({
    p: `${table}|rawopen r a.db|rawclose r|rawopen s a.db|rawread r|rawread s|rawclose s`,
  });
  const handles = steps.flatMap(({ op, handle }) => (op === 'fdOpen' ? [handle] : []));
  expect(new Set(handles).size).toBe(2);
  // The number of the first is that of the second now: as for the kernel.
  expect(steps.filter(({ op }) => op === 'fdRead').map(({ handle }) => handle)).toEqual([handles[1], handles[1]]);
  expect(marks).toMatchObject({ 'locks-cancelled': 0 }); // nobody held any
});

test('a child has the descriptors of its parent: what it closes is its own, and its parent’s locks stay', async () => {
  const { steps, marks } = await runInC({
    p: `${table}|rawopen r a.db|sql a begin immediate|fork c rawwrite r+rawclose r|ask wait c |rawread r|sql a commit|close a|rawclose r`,
  });
  const of = (lane: string) => steps.filter((step) => step.lane === lane && step.op.startsWith('fd'));
  expect(of('c').map(({ op, text, opener }) => [op, text, opener])).toEqual([
    ['fdOpen', 'inherited', undefined],
    ['fdWrite', undefined, undefined],
    ['fdClose', undefined, undefined],
  ]);
  expect(of('p').map(({ op }) => op)).toEqual(['fdOpen', 'fdRead', 'fdClose']);
  // The kernel's POSIX locks are the parent's alone (fcntl(2)): the child's close drops none.
  expect(marks).toMatchObject({ 'locks-cancelled': 0 });
});

test('what opened before the run, or outside of a step, is nobody’s affair', async () => {
  const { steps } = await runInC({ p: `${table}|rawopen r none|rawread r` });
  expect(steps.filter(({ op }) => op.startsWith('fd')).map(({ op, rc }) => [op, rc])).toEqual([['fdOpen', 2]]);
});
