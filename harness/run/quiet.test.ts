// Quiet hours: what is skipped is what would have repeated; nothing else changes, and no promise is taken on trust.
import { fc, test as property } from '@fast-check/vitest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Coordinator } from './coordinator.ts';
import type { History } from '../model/history.ts';
import type { Json } from '../model/values.ts';
import { coordinatorOf, observed, planOf, process as start, scenarioOf } from '../testing/lab.test-support.ts';
import { livingPrograms } from '../testing/living.test-support.ts';
import type { StartProcess } from '../model/process.ts';
import { runsOf } from '../testing/long.test-support.ts';

let coordinator: Coordinator;
beforeAll(async () => {
  coordinator = await coordinatorOf();
});
afterAll(() => coordinator.close());

const horizonMs = 3_600_000;
const always = { quietUntilMs: 10 * horizonMs };

function run(processes: readonly StartProcess[], quiet: 'skip' | 'step', more: object = {}): Promise<History> {
  const base = scenarioOf(processes);
  const programs = { ...livingPrograms, setup: base.programs['setup'] ?? { module: '', export: '' } };
  return coordinator.run(
    { ...base, programs },
    planOf({ parameters: { ...base.parameters, horizonMs, quiet }, ...more }),
  );
}

const periodic = (name: string, args: Json) => start(name, 'periodic', args);
const ticks = (history: History) => observed(history, 'ticks').map(Number);
const wakings = (history: History) =>
  observed(history, 'quiet').reduce((sum: number, data) => sum + (data as { wakings: number }).wakings, 0);

describe('a periodic lane', () => {
  test('that promises is skipped, but for the ticks that show that it repeats itself', async () => {
    const lanes = [periodic('p', { everyMs: 5000, ...always })];
    const [stepped, skipped] = [await run(lanes, 'step'), await run(lanes, 'skip')];
    const all = ticks(stepped)[0] ?? 0;
    expect(all).toBe(721);
    expect(wakings(stepped)).toBe(0);
    expect(ticks(skipped)[0]).toBeLessThan(6);
    expect((ticks(skipped)[0] ?? 0) + wakings(skipped)).toBe(all);
    expect(skipped.virtualMs).toBe(stepped.virtualMs);
  });

  test('that does not promise is not', async () => {
    expect(wakings(await run([periodic('p', { everyMs: 5000 })], 'skip'))).toBe(0);
  });

  test('is awake when its promise ends', async () => {
    const history = await run([periodic('p', { everyMs: 5000, quietUntilMs: 1_800_000 })], 'skip');
    expect((ticks(history)[0] ?? 0) + wakings(history)).toBe(721);
    expect(ticks(history)[0]).toBeGreaterThan(350);
  });

  test('does not sleep over what a process does that waits for messages and never sleeps', async () => {
    const lanes = [periodic('p', { everyMs: 5000, ...always }), start('w', 'writingBetweenWaits', 600_000)];
    const rows = async (quiet: 'skip' | 'step') => observed(await run(lanes, quiet), 'rows');
    expect(await rows('skip')).toEqual(await rows('step'));
    expect((await rows('skip')).length).toBeGreaterThan(5);
  });

  test('does not sleep over what another process does, or over a fault', async () => {
    const lanes = [periodic('p', { everyMs: 5000, ...always }), start('w', 'writingOnce', 1_234_567)];
    const history = await run(lanes, 'skip');
    expect(observed(history, 'rows')).toEqual([
      { rows: 0, atMs: 0 },
      { rows: 1, atMs: 1_235_000 },
    ]);
    const struck = await run(lanes.slice(0, 1), 'skip', {
      faults: [{ kind: 'kill', at: { timeMs: 2_000_001 }, process: 'p' }],
    });
    expect(struck.virtualMs).toBe(2_000_001);
    const [quiet] = observed(struck, 'quiet');
    expect(quiet).toMatchObject({ untilMs: 2_000_001 });
  });
});

property.prop(
  [
    fc.array(fc.record({ everyMs: fc.integer({ min: 5, max: 40 }).map((n) => n * 1000), promises: fc.boolean() }), {
      minLength: 1,
      maxLength: 3,
    }),
    fc.array(fc.integer({ min: 0, max: horizonMs }), { maxLength: 2 }),
  ],
  { numRuns: runsOf(6, 2) },
)('skipping changes neither what is seen nor when, and replays', async (lanes, writes) => {
  const processes = [
    ...lanes.map(({ everyMs, promises }, i) => periodic(`p${i}`, { everyMs, ...(promises ? always : {}) })),
    ...writes.slice(0, 1).map((atMs, i) => start(`w${i}`, 'writingOnce', atMs)),
  ];
  const [stepped, skipped, again] = [
    await run(processes, 'step'),
    await run(processes, 'skip'),
    await run(processes, 'skip'),
  ];
  expect(again.hash).toBe(skipped.hash);
  const seen = (history: History) =>
    history.observations.filter(({ kind }) => kind === 'rows').map(({ lane, data }) => ({ lane, data }));
  expect(seen(skipped)).toEqual(seen(stepped));
  expect(skipped.autopsy.queries).toEqual(stepped.autopsy.queries);
  const sum = (history: History) => ticks(history).reduce((a, b) => a + b, 0) + wakings(history);
  expect(sum(skipped)).toBe(sum(stepped));
});
