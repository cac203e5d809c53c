// Who may work on a campaign: what makes the same runs. What differs is said.
import { expect, test } from 'vitest';
import { checkSameCode } from './spec.ts';
import { specOf } from './testing/campaign-lab.test-support.ts';

const spec = specOf({ code: 'c', machines: { '3.50.4': 'm', '3.51.2': 'n' } });
const own = { code: 'c', machines: { '3.50.4': 'm', '3.51.2': 'n' } };

test('the same code and the same builds', () => {
  expect(() => checkSameCode('x', spec, own)).not.toThrow();
});

test.each([
  [{ ...own, code: 'd' }, /Lockstep itself/],
  [{ ...own, machines: { ...own.machines, '3.51.2': 'o' } }, /the engine 3\.51\.2, its gate or its host/],
])('another one is refused, and what differs is named', (other, words) => {
  expect(() => checkSameCode('x', spec, other)).toThrow(words);
});
