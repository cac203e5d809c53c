// `sweep --twice` as a person uses it: what it says of second kills, and that a few of them are no pass.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { corpusFolder } from '../scenarios/corpus-index.ts';
import { callHere } from './front-door.test-support.ts';

const plan = join(corpusFolder, 'minimal/wal-reset.wal.3.51.2.json');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-sweep-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const sweep = (...args: readonly string[]) =>
  callHere(['sweep', plan, '--engine', '3.54.1', '--from', '100', '--to', '102', '--out', folder, ...args]);

test('second kills are told apart, with a bound of those that were drawn; a part of a run is no pass', async () => {
  const { code, out } = await sweep('--twice', '2', '--json');
  expect(code).toBe(3);
  const upperBound: unknown = expect.closeTo(1 - 0.05 ** (1 / 6), 10);
  const second = { tried: 6, drawn: 6, violating: 0, upperBound };
  expect(JSON.parse(out)).toMatchObject({ verdict: 'inconclusive', tried: 3, second });
  expect(JSON.parse((await sweep('--json')).out)).toMatchObject({ second: null });
});

test('in words', async () => {
  const { out } = await sweep('--twice', 'all', '--within', '3');
  expect(out).toMatch(/(\d+) of \1 second kills tried in what followed; nothing was violated\n/);
  expect(out).toContain('only a part of the run was swept: this is no pass');
});

test('a fault of a plan may strike in place of the kill', async () => {
  const fault = { kind: 'pause', lane: 'writer-1', ms: 5 };
  const { code, out } = await sweep('--with', JSON.stringify(fault), '--json');
  expect(code).toBe(3);
  expect(JSON.parse(out)).toMatchObject({ with: 'pause', tried: 3, violating: 0 });
});

test.each([
  [['--with', 'flood'], /--with takes kill, error, or a fault of a plan/],
  [['--with', '{"kind":"pause"}'], /ms/],
  [['--with', '{"kind":"kill","at":{"step":3}}'], /it has an address/],
  [['--within', '5'], /--within says where a second kill may be/],
  [['--twice', '0'], /whole number of 1 or more/],
])('%s is refused', async (args, says) => {
  const { code, err } = await sweep(...args);
  expect(code).toBe(2);
  expect(err).toMatch(says);
});
