// What is noticed over runs: counted once, whoever shows it.
import { expect, test } from 'vitest';
import { nothingNoticed, noticedOver, noticedSays, noticedTogether } from './noticed.ts';

const quiet = { atWork: { worker: true, reporter: false } };
const first = {
  process: 'worker-2',
  text: 'Traceback (most recent call last):\n  File "/a/w.py", line 3, in f\nKeyError: 3\n',
};
const loud = { words: first, atWork: { worker: true, reporter: false } };
const later = { words: { process: 'worker-1', text: 'oh' }, atWork: { worker: true, reporter: true } };

test('runs in which programs printed are counted, and the first is kept', () => {
  expect(noticedOver([quiet, loud, later])).toEqual({ words: { runs: 2, first }, idle: [] });
  expect(noticedOver([quiet, loud])).toEqual({ words: { runs: 1, first }, idle: ['reporter'] });
  expect(noticedOver([])).toEqual(nothingNoticed);
});

test('a program is idle where it is in every run that it began with', () => {
  expect(noticedOver([{ atWork: { a: false } }, { atWork: { b: false } }]).idle).toEqual(['a', 'b']);
  expect(noticedOver([{ atWork: { a: false } }, { atWork: { a: true, b: false } }]).idle).toEqual(['b']);
});

test('lots of runs add up', () => {
  const [one, two] = [noticedOver([loud, quiet]), noticedOver([later, later, later])];
  const both = [
    { runs: 2, noticed: one },
    { runs: 3, noticed: two },
  ];
  expect(noticedTogether(both)).toEqual({ words: { runs: 4, first }, idle: [] });
  expect(
    noticedTogether([
      { runs: 0, noticed: nothingNoticed },
      { runs: 2, noticed: one },
    ]),
  ).toEqual(one);
});

test('it is said in sentences', () => {
  expect(noticedSays(noticedOver([quiet, loud]), 2)).toEqual([
    'in 1 of 2 runs programs printed on their standard error, first worker-2: "w.py:3 in f · KeyError: 3"',
    'the program reporter never read or wrote a database, in none of 2 runs: is it told the right one?',
  ]);
  expect(noticedSays(nothingNoticed, 7)).toEqual([]);
});
