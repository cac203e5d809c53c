// lockstep howtocorrupt: a section's wrong ways fail by their shipped plans, its right ways pass; all of them, as a long test.
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { long } from '../harness/testing/long.test-support.ts';
import { callHere, jsonIn } from './front-door.test-support.ts';

const shape = z.object({
  format: z.literal(1),
  ways: z.array(
    z.object({
      section: z.string(),
      way: z.string(),
      engine: z.string(),
      expected: z.enum(['fail', 'pass']),
      verdict: z.string(),
      steps: z.number().nullable(),
      upperBound: z.number().nullable(),
      violated: z.array(z.string()),
      command: z.string(),
    }),
  ),
  notHere: z.array(z.object({ section: z.string(), title: z.string(), why: z.string() })),
  interrupted: z.boolean(),
});

const timeout = 1_800_000;

test('one section', { timeout }, async () => {
  const { code, document } = await jsonIn(tmpdir(), ['howtocorrupt', '1.1', '6.1'], shape);
  expect(document.ways.map(({ way, verdict }) => `${way} ${verdict}`)).toEqual(['stale-number fail', 'kept-open pass']);
  expect(document.ways[0]?.steps).toBeGreaterThan(0);
  expect(document.ways[1]?.upperBound).toBeLessThanOrEqual(0.05);
  expect(document.notHere.map(({ section }) => section)).toEqual(['6.1']);
  expect(code).toBe(0);
});

test('too few runs are no pass', { timeout }, async () => {
  const { code, document } = await jsonIn(tmpdir(), ['howtocorrupt', '1.1', '--runs', '5'], shape);
  expect(document.ways.map(({ verdict }) => verdict)).toEqual(['fail', 'inconclusive']);
  expect(code).toBe(3);
});

test('a section that the page does not have', async () => {
  const { code, err } = await callHere(['howtocorrupt', '1.9']);
  expect(code).toBe(2);
  expect(err).toMatch(/no section "1\.9".*Sections: 1\.1, 1\.2/s);
});

test('all: each wrong way fails, each right way passes', { ...long, timeout }, async () => {
  const { code, document } = await jsonIn(tmpdir(), ['howtocorrupt'], shape);
  expect(document.ways.filter(({ expected, verdict }) => expected !== verdict)).toEqual([]);
  expect(code).toBe(0);
});
