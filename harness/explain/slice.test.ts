// The way from what the plan did to the harm: the steps that it needs, and no others.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { planOf, process as start, scenarioOf, StepKeeper, coordinatorOf } from '../testing/lab.test-support.ts';
import type { Plan } from '../model/plan.ts';
import { invariant } from '../model/invariant.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Coordinator } from '../run/coordinator.ts';
import { explain } from './explain.test-support.ts';
import type { Link } from './links.ts';
import { sliceOf } from './slice.ts';
import {
  eventsIn,
  close,
  frame,
  lock,
  mapShm,
  open,
  openWal,
  rawRead,
  slot,
  unlock,
  walHeader,
} from './steps.test-support.ts';

/** `a1>b2`: step 1 of a, which b met at step 2; with `~`, weak; with `!`, told of by another fact. */
function linksOf(...all: readonly string[]): readonly Link[] {
  return all.map((text) => {
    const [, lane = '', step, mark, other = '', later] = /^(\D)(\d+)([>~!])(\D)(\d+)$/.exec(text) ?? [];
    return {
      from: { lane, step: Number(step) },
      to: { lane: other, step: Number(later) },
      says: () => text,
      weak: mark === '~',
      about: mark === '!' ? text : undefined,
    };
  });
}

/** From what lane a did from step 10 on to the harm that h did at step 90. */
function wayOf(...all: readonly string[]): readonly string[] | undefined {
  const begins = ({ from }: Link): boolean => from.lane === 'a' && from.step >= 10;
  return sliceOf(linksOf(...all), { step: 10, begins }, { lane: 'h', step: 90 })?.map(({ says }) => says('', ''));
}

describe('the way', () => {
  test('goes over what lanes had from each other, and leaves out what it does not need', () => {
    expect(wayOf('a12>b20', 'b25>h40', 'c5>b21', 'c30>h50', 'b60>c70')).toEqual(['a12>b20', 'b25>h40']);
  });

  test('does not go over what came too late, or was there before', () => {
    expect(wayOf('a12>b20', 'b15>h40')).toBeUndefined();
    expect(wayOf('a12>h91')).toBeUndefined();
    expect(wayOf('a9>h40')).toBeUndefined();
  });

  test('is the shortest, and rather one of what was read than of mere order, and of what is not in every run', () => {
    expect(wayOf('a12>b20', 'b25>h40', 'a13~h50')).toEqual(['a13~h50']);
    expect(wayOf('a12>h40', 'a13~h50')).toEqual(['a12>h40']);
    expect(wayOf('a12>h40', 'a14>h41')).toEqual(['a14>h41']);
    expect(wayOf('a12!h40', 'a14>h41')).toEqual(['a12!h40']);
  });

  test('comes to an end where lanes go round in circles', () => {
    expect(wayOf('b20>h40', 'h30>b35', 'b10>h15', 'h2>b5')).toBeUndefined();
  });
});

/** What links say, with the steps at both ends. */
function saidOf(acts: Parameters<typeof eventsIn>[0]): readonly string[] {
  return eventsIn(acts)
    .links.all()
    .map(({ from, to, says }) => says(`${from.lane} ${from.step}`, `${to.lane} ${to.step}`));
}

describe('what one lane has from another', () => {
  const read = { lane: 'q', op: 'read', role: 'db', file: 'x.db', handle: 1 } as const;
  const write = { ...read, lane: 'p', op: 'write' } as const;
  const at = (offset: number, length = 512) => ({ args: { offset, length, sum: 0 } });

  test('bytes, by who wrote them last', () => {
    const acts = [open('p'), open('q'), { ...write, ...at(0) }, { ...write, ...at(512) }, { ...write, ...at(0, 600) }];
    expect(
      saidOf([...acts, { ...read, ...at(24, 16) }, { ...read, ...at(1000, 24) }, { ...read, ...at(1024) }]),
    ).toEqual([
      'p 4 wrote 600 bytes at 0 of x.db, which q 5 read',
      'p 3 wrote 512 bytes at 512 of x.db, which q 6 read',
    ]);
    expect(saidOf([...acts, rawRead('q')])).toEqual(['p 4 wrote to x.db, which q 5 read as a plain file']);
    expect(saidOf([...acts, { ...read, lane: 'p', ...at(0) }])).toEqual([]);
  });

  test('a lock that is refused, given back, or dropped', () => {
    const refused = { ...lock('q', 'RESERVED'), rc: 'SQLITE_BUSY' };
    const held = [open('p'), open('q'), lock('p', 'SHARED'), lock('q', 'SHARED'), lock('p', 'RESERVED')];
    expect(saidOf([...held, refused])).toEqual(['p 4 had RESERVED on x.db, so that q 5 was refused']);
    expect(saidOf([...held, unlock('p', 'SHARED'), lock('q', 'RESERVED')])).toEqual([
      'p 5 gave back RESERVED on x.db, before q 6 took it',
    ]);
    expect(saidOf([...held, close('p'), lock('q', 'RESERVED')])).toContain(
      'p 5 gave back RESERVED on x.db, before q 6 took it',
    );
    expect(saidOf([...held, rawRead('p'), lock('q', 'RESERVED')])).toEqual([
      'p 5 lost RESERVED on x.db, so that q 6 was granted RESERVED',
    ]);
  });

  test('the wal-index, where one could change it and another reads it', () => {
    const both = [open('p'), openWal('p'), mapShm('p'), open('q'), openWal('q'), mapShm('q')];
    const shared = { ...slot('q', 4, 'lock'), args: { slot: 4, count: 1, action: 'lock', mode: 'shared' } };
    const acts = [...both, slot('p', 0, 'lock'), walHeader('p'), ...frame('p', 0, 5), slot('p', 0, 'unlock'), shared];
    expect(saidOf([...acts, { ...read, ...at(0) }])).toEqual([
      'p 9 could change the wal-index of x.db, before q 11 read it',
    ]);
  });

  test('names and messages', () => {
    const unlinked = { lane: 'p', op: 'unlink', role: 'db', file: 'x.db', rc: 0 } as const;
    expect(saidOf([unlinked, open('q')])).toEqual(['p 0 unlinked x.db, before q 1 met that name']);
    const ask = (lane: string, text: string) => ({ lane, op: 'ask', text, rc: 0 });
    expect(saidOf([ask('p', 'send q "x"'), ask('q', 'receive 5')])).toEqual(['p 0 sent a message, which q 1 received']);
  });
});

/** Violated where the reader saw the row of the writer: not by default, where it comes before it. */
const tooSoon = invariant('too-soon', 'harm', 'the reader sees nothing', function* ({ observations }) {
  for (const { kind, data, step, lane } of observations)
    if (kind === 'count' && data === 1) yield { message: `${lane} saw the row`, step };
});

let coordinator: Coordinator;
beforeAll(async () => {
  coordinator = await coordinatorOf();
}, 900_000);
afterAll(() => coordinator.close());

/** What led to the harm in a run, beside its steps. */
async function ledToIn(scenario: Scenario, plan: Plan) {
  const keeper = new StepKeeper();
  await coordinator.run(scenario, plan, undefined, [keeper]);
  const facts = await explain(coordinator, scenario, plan);
  return { steps: keeper.steps, led: facts.filter(({ kind }) => kind === 'led-there') };
}

test('of a run: from the preemption to the row that was read, and nothing of who has no part in it', async () => {
  const lanes = [
    start('reader', 'reading', 1),
    start('writer', 'inserting', { from: 0, count: 1 }),
    start('other', 'acting', [
      ['flock', 'exclusive'],
      ['append', 'f'],
      ['read', 'f'],
    ]),
  ];
  const scenario: Scenario = { ...scenarioOf(lanes, 'delete'), invariants: [tooSoon] };
  const { steps: before, led: nothing } = await ledToIn(scenario, planOf());
  expect(nothing).toEqual([]);
  const at = before.find(({ lane, op }) => lane === 'reader' && op === 'lock')?.step ?? 0;
  const plan = planOf({ preemptions: [{ at, to: 'writer' }] });
  const { steps, led } = await ledToIn(scenario, plan);
  expect(led.map(({ lanes: those }) => those)).toEqual([['writer', 'reader']]);
  const [fact] = led;
  expect(fact?.sentence).toMatch(
    new RegExp(`^From the preemption at step ${at} the way to the harm leads here: writer`),
  );
  const [from] = fact?.also ?? [];
  const written = steps[from?.step ?? -1];
  const read = steps[fact?.step ?? -1];
  expect(written).toMatchObject({ lane: 'writer', op: 'write', file: 'lab.db' });
  expect(read).toMatchObject({ lane: 'reader', op: 'read', file: 'lab.db' });
  expect((await ledToIn(scenario, plan)).led).toEqual(led);
});

test('of a run: from the preemption to the statement that was refused', async () => {
  const inserts = ['PRAGMA busy_timeout=0', "INSERT INTO t VALUES(50, 'x')"];
  const holding = { from: 0, count: 2, sleepMs: 1000 };
  const lanes = [start('holder', 'inserting', holding), start('late', 'carryingOn', inserts)];
  const scenario = scenarioOf(lanes, 'delete');
  const { steps: before } = await ledToIn(scenario, planOf());
  const has = (level: string) =>
    before.find(({ lane, args, nowMs }) => nowMs > 0 && lane === 'holder' && args?.['level'] === level)?.step;
  const at = has('EXCLUSIVE') ?? 0;
  const { steps, led } = await ledToIn(scenario, planOf({ preemptions: [{ at, to: 'late' }] }));
  const refused = steps.find(({ lane, rc }) => lane === 'late' && rc === 'SQLITE_BUSY');
  expect(refused?.op).toBe('lock');
  expect(led).toMatchObject([
    { step: refused?.step, lanes: ['holder', 'late'], also: [{ step: has('RESERVED'), lane: 'holder' }] },
  ]);
  expect(led[0]?.sentence).toBe(
    `From the preemption at step ${at} the way to the harm leads here: holder (step ${has('RESERVED')}) had RESERVED on lab.db, ` +
      `so that late (step ${refused?.step}) was refused.`,
  );
});
