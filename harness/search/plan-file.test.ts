// Plans on disk: every way in which a file can be wrong is a sentence with exit code 2, and what is written is read back.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fc, test as property } from '@fast-check/vitest';
import { withDir } from 'tmp-promise';
import { describe, expect, test } from 'vitest';
import { LockstepError } from '../errors/errors.ts';
import { planOf } from '../testing/lab.test-support.ts';
import { visibleLines } from '../model/visible.ts';
import { writeWhole } from '../host/write-whole.ts';
import { checkWritable, parsePlan, planText, readPlan } from './plan-file.ts';

function refusal(text: string): LockstepError {
  try {
    parsePlan(text, 'x.json');
  } catch (error) {
    if (error instanceof LockstepError) return error;
    throw error;
  }
  throw new Error('it was read');
}

function faults(count: number): readonly object[] {
  return Array.from({ length: count }, () => ({ kind: 'orphan', at: { step: 1 }, process: 'p' }));
}

function parameters(more: object): object {
  return { parameters: { ...planOf().parameters, ...more } };
}

const whole = planText(
  planOf({ faults: [{ kind: 'pause', at: { step: 3 }, ms: 5 }], preemptions: [{ at: 4, to: 'p/q' }] }),
);
const changed = (more: object) => JSON.stringify({ ...planOf(), ...more });

test('what the machine does not let be read is no fault of the file', () => {
  // Reading the first page of a process's memory gives EIO (proc(5)): nothing is mapped there.
  expect(() => readPlan('/proc/self/mem')).toThrow(
    expect.objectContaining({
      kind: 'harness',
      code: 'DISK_FAILED',
      message: expect.stringContaining('/proc/self/mem'),
    }),
  );
});

describe('refused with a sentence', () => {
  test.each([
    ['empty', '', 'PLAN_EMPTY', /is empty/],
    ['blank', ' \n', 'PLAN_EMPTY', /is empty/],
    ['truncated', whole.slice(0, 80), 'PLAN_BROKEN', /is cut off/],
    [
      'results',
      '{"format":2,"about":{},"cells":[]}',
      'PLAN_NOT_PLAN',
      /x\.json is no plan: it is the results of a comparison\.$/,
    ],
    ['a trace', `{"format":1,"plan":${JSON.stringify(planOf())}}\n{"step":0}\n`, 'PLAN_NOT_PLAN', /the trace of a run/],
    ['not a plan', '[1]', 'PLAN_FORMAT', /no "format"/],
    ['of another version', changed({ format: 99 }), 'PLAN_FORMAT', /format 99; this Lockstep reads format 1/],
    ['without a scenario', changed({ scenario: undefined }), 'PLAN_INVALID', /scenario/],
    ['with a field too many', changed({ colour: 'red' }), 'PLAN_INVALID', /colour/],
    ['with an unknown fault', changed({ faults: [{ kind: 'flood', at: { step: 1 } }] }), 'PLAN_INVALID', /faults/],
    ['with an impossible address', changed({ faults: [{ kind: 'kill', at: { step: -1 } }] }), 'PLAN_INVALID', /faults/],
    [
      'with a fault at a time and no victim',
      changed({ faults: [{ kind: 'kill', at: { timeMs: 5 } }] }),
      'PLAN_INVALID',
      /victim/,
    ],
    [
      'with an operation that is never waited at',
      changed({ faults: [{ kind: 'pause', at: { lane: 'p', op: 'randomness', nth: 1 }, ms: 1 }] }),
      'PLAN_INVALID',
      /faults/,
    ],
    ['with a torn read', changed({ faults: [{ kind: 'kill', at: { step: 1 }, bytes: 5 }] }), 'PLAN_INVALID', /faults/],
    ['with a seed that is no number', changed({ seed: 'x' }), 'PLAN_INVALID', /seed/],
    [
      'deeper than a stack',
      whole.replace('null', '['.repeat(20_000) + ']'.repeat(20_000)),
      'PLAN_TOO_MUCH',
      /is nested 20,001 levels deep; at most 50 are read/,
    ],
    ['of brackets only', '['.repeat(20_000), 'PLAN_TOO_MUCH', /nested 20,000 levels deep/],
    ['with too many values', `[${'1,'.repeat(3_000_001)}1]`, 'PLAN_TOO_MUCH', /has 3,000,002 values/],
    ['with too many faults', changed({ faults: faults(1001) }), 'PLAN_INVALID', /faults: at most 1,000, not more/],
    [
      'with too many preemptions',
      changed({ preemptions: Array.from({ length: 500_001 }, () => 0) }),
      'PLAN_INVALID',
      /preemptions: at most 500,000, not more/,
    ],
    [
      'with a workload of too many values',
      changed({ workload: Array.from({ length: 100_001 }, () => 0) }),
      'PLAN_INVALID',
      /a workload has at most 100000 values/,
    ],
    ['with a workload that hides a field', whole.replace('null', '{"__proto__": {}}'), 'PLAN_INVALID', /"__proto__"/],
    ['with a horizon of centuries', changed(parameters({ horizonMs: 1e13 })), 'PLAN_INVALID', /horizonMs/],
    ['with endless steps', changed(parameters({ stepsMax: 1e9 })), 'PLAN_INVALID', /stepsMax/],
    ['with a scenario that moves the cursor', changed({ scenario: 'a\u001b[2J' }), 'PLAN_INVALID', /at scenario/],
    ['with a strategy in two lines', changed({ strategy: 'wal\u2028::error::' }), 'PLAN_INVALID', /at strategy/],
    ['with an engine without end', changed({ engine: '3'.repeat(101) }), 'PLAN_INVALID', /at engine/],
    [
      'with a field that moves the cursor',
      changed({ '\u001b[2J': 1 }),
      'PLAN_INVALID',
      /Unrecognized key: "\\u001b\[2J"/,
    ],
    [
      'with a name that leads out',
      changed({ faults: [{ kind: 'init-swap', at: { step: 1 }, way: 'rm', database: 'a\n/../../../../OUT/file' }] }),
      'PLAN_INVALID',
      /a file in the directory of the world, such as kanban\.db: it has a control character/,
    ],
    [
      'with statements without end',
      changed({ faults: [{ kind: 'mixed-mode', at: { step: 1 }, statements: ['x'.repeat(5001)] }] }),
      'PLAN_INVALID',
      /statements/,
    ],
  ])('%s', (_what, text, code, message) => {
    const error = refusal(text);
    expect({ code: error.code, kind: error.kind }).toEqual({ code, kind: 'usage' });
    expect(error.message).toContain('x.json');
    expect(error.message).toMatch(message);
    expect(error.remedy.length).toBeGreaterThan(10);
  });

  test('however much is wrong, on one screen, with the number of what is left out', () => {
    const bad = Array.from({ length: 150 }, () => ({ kind: 'flood', ['\u001b[31m'.repeat(50)]: 'x'.repeat(1000) }));
    const { message } = refusal(changed({ faults: bad, ['key '.repeat(2000)]: 1 }));
    expect(message.split('\n').length).toBeLessThanOrEqual(20);
    expect(message.length).toBeLessThanOrEqual(2000);
    expect(message).toMatch(/\n… and \d{3} more$/);
    expect(visibleLines(message)).toBe(message);
  });

  test('what is no text, or too much of it, before it is read', async () => {
    await withDir(
      ({ path }) => {
        const complaint = (bytes: Buffer): string => {
          const file = join(path, 'plan.json');
          writeFileSync(file, bytes);
          try {
            return planText(readPlan(file));
          } catch (error) {
            return error instanceof LockstepError && error.kind === 'usage' ? error.message : String(error);
          }
        };
        expect(complaint(Buffer.from(`\uFEFF${whole}`))).toBe(whole);
        expect(complaint(Buffer.from(`\uFEFF${whole}`, 'utf16le'))).toMatch(/cannot be read: it is UTF-16, and must/);
        expect(complaint(Buffer.from([0x7b, 0xff, 0x7d]))).toMatch(/cannot be read: it is not text in UTF-8/);
        expect(complaint(Buffer.alloc((64 << 20) + 1, ' '))).toMatch(/cannot be read: it has more than 64 MiB/);
        expect(() => readPlan('/dev/zero')).toThrow(/it has more than 64 MiB/);
        expect(() => readPlan(path)).toThrow(/cannot be read: it is a folder/);
        return Promise.resolve();
      },
      { unsafeCleanup: true },
    );
  });

  test('a file that is not there', () => {
    expect(() => readPlan('/nowhere/plan.json')).toThrow(/\/nowhere\/plan\.json cannot be read/);
  });
});

property.prop([fc.nat(whole.length - 3)])('any cut-off plan is refused, never a crash', (length) => {
  expect(refusal(whole.slice(0, length)).kind).toBe('usage');
});

test('what is written is read back', async () => {
  await withDir(
    ({ path }) => {
      const file = join(path, 'deep', 'plan.json');
      writeWhole(file, whole);
      expect(planText(readPlan(file))).toBe(whole);
      expect(readdirSync(join(path, 'deep'))).toEqual(['plan.json']);
      return Promise.resolve();
    },
    { unsafeCleanup: true },
  );
});

test('a file that cannot be written leaves the old one, and a sentence', async () => {
  await withDir(
    ({ path }) => {
      const file = join(path, 'plan.json');
      mkdirSync(file); // a folder of that name
      expect(() => writeWhole(file, whole)).toThrow(/could not be written/);
      expect(readdirSync(path)).toEqual(['plan.json']);
      const blocked = join(path, 'blocked');
      writeFileSync(blocked, 'here');
      expect(() => checkWritable(join(blocked, 'out'))).toThrow(/cannot be written into/);
      expect(readFileSync(blocked, 'utf8')).toBe('here');
      return Promise.resolve();
    },
    { unsafeCleanup: true },
  );
});
