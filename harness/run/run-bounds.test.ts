// Bounds of one run: each is a sentence with exit code 2 that names the bound, and a run that meets one ends.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { emptyRecord } from '../model/record.ts';
import { op } from '../model/operations.ts';
import type { Coordinator } from './coordinator.ts';
import { coordinatorOf, planOf, process, scenarioOf } from '../testing/lab.test-support.ts';
import { long } from '../testing/long.test-support.ts';
import type { ProcessState } from './lanes.ts';
import { RunBounds, runBounds } from './run-bounds.ts';

const refused = (message: RegExp): unknown =>
  expect.objectContaining({ code: 'RUN_TOO_MUCH', kind: 'usage', message: expect.stringMatching(message) });

describe('what may just be, and what is one too many', () => {
  const bounds = (): RunBounds => new RunBounds();

  test('processes, lanes, names', () => {
    const { processes, processesAtOnce, lanes, namesOfALane } = runBounds;
    const some = (all: number, living: number): readonly Pick<ProcessState, 'ending'>[] =>
      Array.from({ length: all }, (_, i) => ({ ending: i < living ? undefined : { how: 'returned' } }));
    bounds().process(some(processes - 1, processesAtOnce - 1));
    expect(() => bounds().process(some(processes, 1))).toThrow(refused(/in all; at most 2,000 may be started/));
    const living = some(processesAtOnce, processesAtOnce);
    expect(() => bounds().process(living)).toThrow(refused(/at once; at most 100 may live/));
    bounds().lane(lanes - 1);
    expect(() => bounds().lane(lanes)).toThrow(refused(/more lanes/));
    bounds().names(namesOfALane);
    expect(() => bounds().names(namesOfALane + 1)).toThrow(refused(/files may be touched/));
  });

  test('bytes: a failed write is none', () => {
    const { fileBytes, bytesWritten } = runBounds;
    const one = bounds();
    const write = { ...emptyRecord(), op: op.write, a: 4096 };
    one.see({ ...write, b: fileBytes - 4096 });
    one.see({ ...write, b: fileBytes, rc: 13 });
    expect(() => one.see({ ...write, b: fileBytes })).toThrow(refused(/a longer file; at most 1,073,741,824 bytes/));
    expect(() => one.see({ ...emptyRecord(), op: op.truncate, b: fileBytes + 1 })).toThrow(refused(/a longer file/));
    const copy = { ...emptyRecord(), op: op.copy, b: fileBytes };
    const whole = bounds();
    for (let i = 0; i < bytesWritten / fileBytes; i++) whole.see(copy);
    expect(() => whole.see(copy)).toThrow(refused(/written more/));
  });

  test('words', () => {
    const text = 'x'.repeat(runBounds.charactersSaid / 16);
    const one = bounds();
    for (let i = 0; i < 16; i++) one.see({ ...emptyRecord(), op: op.observe, text });
    expect(() => one.see({ ...emptyRecord(), op: op.observe, text: 'x' })).toThrow(refused(/characters may be/));
  });
});

describe('a run', () => {
  let coordinator: Coordinator;
  beforeAll(async () => {
    coordinator = await coordinatorOf();
  });
  afterAll(() => coordinator.close());

  test('that meets a bound ends with its sentence, and the next one goes on', async () => {
    const acts = Array.from({ length: runBounds.namesOfALane + 1 }, (_, i) => ['exists', `file-${i}`]);
    const lab = scenarioOf([process('shell', 'shelling', { afterMs: 1, acts })]);
    await expect(coordinator.run(lab, planOf())).rejects.toThrow(refused(/files may be touched/));
    expect((await coordinator.run(scenarioOf([process('p', 'nothing')]), planOf())).end).toBe('done');
  });

  test('that asks for too many processes ends with that sentence, and the next one goes on', {
    ...long,
    timeout: 120_000,
  }, async () => {
    const lab = scenarioOf([process('sleeper', 'sleepingUntilStopped', 1000)]);
    const orphan = { kind: 'orphan', at: { timeMs: 1 }, process: 'sleeper' } as const;
    const plan = planOf({ faults: Array.from({ length: runBounds.processesAtOnce }, () => orphan) });
    await expect(coordinator.run(lab, plan)).rejects.toThrow(refused(/more processes at once/));
    expect((await coordinator.run(lab, planOf())).end).toBe('stopped');
  });
});
