// Misspelt names, and what is too far from any.
import { expect, test } from 'vitest';
import { didYouMean } from './did-you-mean.ts';

const names = ['wal-reset', 'wal-unlink-wedge', 'init-inode-swap', 'best', 'beast'];

test.each([
  ['wal-rest', ' Did you mean "wal-reset"?'],
  ['WAL-RESET', ' Did you mean "wal-reset"?'],
  ['wal-unlink-wegde', ' Did you mean "wal-unlink-wedge"?'],
  ['beest', ' Did you mean "best" or "beast"?'],
  ['bst', ' Did you mean "best"?'],
  ['nonesuch', ''],
  ['b', ''],
  ['', ''],
  ['w'.repeat(10_000), ''],
])('%s', (name, said) => {
  expect(didYouMean(name, names)).toBe(said);
});
