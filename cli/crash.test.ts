// `crash` finds what a power loss leaves, writes a plan of it that `replay` takes, and says both in words and as a document.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { callHere } from './front-door.test-support.ts';

vi.setConfig({ testTimeout: 120_000 });

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-crash-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const canary = () => [
  'crash',
  'wal-reset',
  '--engine',
  '3.54.1',
  '--states',
  '300',
  '--recoveries',
  '2',
  '--out',
  folder,
];

async function document(...args: readonly string[]) {
  const { code, out } = await callHere([...args, '--json']);
  return { code, said: JSON.parse(out) as { [field: string]: unknown } };
}

test('a pass says of how many states, under which model and promise; the same again', async () => {
  const [one, again] = [await document(...canary()), await document(...canary())];
  expect(one).toMatchObject({
    code: 0,
    said: { model: 'powersafe', promise: 'order', verdict: 'pass', complete: false, findings: [] },
  });
  expect(one.said['states']).toMatchObject({ tried: 300, failing: 0 });
  expect(one.said['upperBound']).toBeLessThan(0.02);
  const timeless = ({ statesPerSecond: _s, processorMs: _p, ...rest }: { [field: string]: unknown }) => rest;
  expect(timeless(again.said)).toEqual(timeless(one.said));
});

test('syncs that lie: it fails, and its plan is replayed to one hash, by nothing but replay', async () => {
  const { code, said } = await document(...canary(), '--model', 'lying-sync');
  expect(code).toBe(1);
  const [finding] = said['findings'] as { plan: string; hash: string; message: string; invariant: string }[];
  if (finding === undefined) throw new Error('Nothing was found.');
  for (const more of [[], ['--host', 'node'], ['--fresh']]) {
    const replayed = await document('replay', finding.plan, '--times', '2', ...more);
    expect(replayed).toMatchObject({ code: 1, said: { verdict: 'fail', hashes: [finding.hash], times: 2 } });
    expect(replayed.said['violations']).toContainEqual(
      expect.objectContaining({ invariant: finding.invariant, message: finding.message }),
    );
  }
  expect((await callHere(['replay', finding.plan])).out).toContain('The power goes before');
  expect(await callHere(['shrink', finding.plan])).toMatchObject({
    code: 2,
    err: expect.stringContaining('only `lockstep replay` takes such a plan'),
  });
  const plan = JSON.parse(readFileSync(finding.plan, 'utf8')) as { crash: object };
  const late = join(folder, 'late.json');
  writeFileSync(late, JSON.stringify({ ...plan, crash: { ...plan.crash, before: 1_000_000 } }));
  expect(await document('replay', late)).toMatchObject({ code: 2, said: { error: { code: 'CRASH_TOO_LATE' } } });
});

test('who lies is asked only where somebody does', async () => {
  const { code, err } = await callHere([...canary(), '--liars', 'writer-1']);
  expect(code).toBe(2);
  expect(err).toContain('every sync does what it says');
});

test('the time that is given is kept, and what was not tried is no pass', async () => {
  const { code, said } = await document(...canary(), '--time', '1ms');
  expect(code).toBe(3);
  expect(said).toMatchObject({ verdict: 'inconclusive', timeUp: true, complete: false });
});
