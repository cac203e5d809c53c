import { expect, test } from 'vitest';
import { rounded } from './count.ts';

test.each([
  [0.4321, 2, '0.43'],
  [0.01234, 3, '0.0123'],
  [9.96, 2, '10'],
  [12.6, 2, '13'],
  [8151.4, 2, '8151'],
  [0, 2, '0'],
])('%d with %d digits', (value, digits, said) => {
  expect(rounded(value, digits)).toBe(said);
});
