// The first step that differs between two logs: wherever it lies, and why another lane goes first there.
import { expect, test } from 'vitest';
import { emptyRecord, type RawRecord } from '../model/record.ts';
import { op, role } from '../model/operations.ts';
import { differenceOf } from './difference.ts';
import { StepLog } from './step-log.ts';

type Fed = Partial<RawRecord> & { readonly lane_?: string };

/** Steps of a log, each a step of its own of lane `p` unless it says otherwise. */
function logOf(count: number, otherwise: { readonly [step: number]: Fed } = {}): StepLog {
  const log = new StepLog();
  for (let i = 0; i < count; i++) {
    const { lane_: name = 'p', ...more } = otherwise[i] ?? {};
    const record = { ...emptyRecord(), op: op.step, role: role.none, text: String(i), ...more };
    log.see(i, record, { name, process: { name, lanes: [] }, files: [] }, i);
  }
  return log;
}

test('none between two that are the same', () => {
  expect(differenceOf(logOf(4100), logOf(4100))).toBeUndefined();
  expect(differenceOf(logOf(0), logOf(0))).toBeUndefined();
});

test.each([0, 1, 1999, 2000, 4000, 4099])('at step %i, with the one before it', (at) => {
  const difference = differenceOf(logOf(4100), logOf(4100, { [at]: { text: 'other' } }));
  expect(difference).toMatchObject({
    step: at,
    one: { step: at, text: String(at) },
    other: { step: at, text: 'other' },
  });
  expect(difference?.common?.step).toBe(at === 0 ? undefined : at - 1);
});

test.each([1, 2000, 2001, 4100])('where one ends after %i steps', (steps) => {
  const [longer, shorter] = [logOf(4500), logOf(steps)];
  const difference = differenceOf(longer, shorter);
  expect(difference).toMatchObject({ step: steps, one: { step: steps }, other: undefined });
  expect(differenceOf(shorter, longer)?.one).toBeUndefined();
  expect(difference?.causes[0]).toMatch(/One of them ends there/);
});

test('a number that has no name in a trace counts, too', () => {
  const difference = differenceOf(logOf(3), logOf(3, { 1: { sum: 7 } }));
  expect(difference?.step).toBe(1);
  expect(difference?.causes[0]).toMatch(/other arguments/);
});

test('another result of the same call is the system’s', () => {
  const difference = differenceOf(logOf(3), logOf(3, { 1: { rc: 10 } }));
  expect(difference?.causes[0]).toMatch(/answered the same call in two ways/);
});

test('where another lane goes first, the lane that stands before another step is the reason', () => {
  const a = { lane_: 'a', op: op.step, text: 'steady' };
  const sleep = (ms: number) => ({ lane_: 'b', op: op.sleep, b: ms, text: '' });
  const difference = differenceOf(logOf(3, { 1: a, 2: sleep(50) }), logOf(3, { 1: sleep(7), 2: a }));
  expect(difference).toMatchObject({ step: 1, one: { lane: 'a' }, other: { lane: 'b' } });
  expect(difference?.own).toMatchObject({
    one: { lane: 'b', args: { ms: 50 } },
    other: { lane: 'b', args: { ms: 7 } },
  });
  expect(difference?.causes[0]).toMatch(/^b sleeps for another time/);
});

test('where another lane goes first and every lane does what it does in the other, it is ours', () => {
  const [a, b] = ['a', 'b'].map((lane_) => ({ lane_, text: 'steady' }));
  const difference = differenceOf(logOf(3, { 1: a!, 2: b! }), logOf(3, { 1: b!, 2: a! }));
  expect(difference?.own).toBeUndefined();
  expect(difference?.causes[0]).toMatch(/a defect of Lockstep/);
});
