// Timelines of real runs: the same each time, and in step with what the harness knows of the run from elsewhere.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { History, Look } from '../model/history.ts';
import type { Timeline } from '../model/timeline.ts';
import type { StartProcess } from '../model/process.ts';
import { coordinatorOf, planOf, process as start, scenarioOf, StepKeeper } from '../testing/lab.test-support.ts';
import type { Coordinator } from '../run/coordinator.ts';
import { explain } from '../explain/explain.test-support.ts';
import type { Plan } from '../model/plan.ts';
import type { Scenario } from '../model/scenario.ts';
import { eventsIn, inodesIn, locksIn, messagesIn } from '../explain/timeline/timeline.test-support.ts';
import { witness } from './witness.ts';

let coordinator: Coordinator;
beforeAll(async () => {
  coordinator = await coordinatorOf();
});
afterAll(() => coordinator.close());

/** p commits a row a second on one connection, q looks while it is in a transaction, and a raw read of p cancels its locks. */
const writer = start('p', 'inserting', { from: 0, count: 4, sleepMs: 1000 });
const holder = start('q', 'holding', { begin: 'BEGIN IMMEDIATE', ms: 2500 });
const cancel = { kind: 'lock-cancel', at: { timeMs: 1500 }, process: 'q', files: 'db' } as const;
const kill = { kind: 'kill', at: { timeMs: 3200 }, process: 'p' } as const;
const busy = { processes: [writer, holder, start('r', 'reading', 3)], plan: planOf({ faults: [cancel, kill] }) };

/** Locks open at a look as a look has them: the highest level for what covers the same bytes. */
function lockedAt({ locks, lanes, files }: Timeline, { step: at }: Look): readonly string[] {
  const open = locks
    .filter(({ from, to, what }) => from < at && (to === null || to >= at) && what !== 'flock' && what !== 'PENDING')
    .map(({ lane, file, what }) => `${lanes[lane]?.split('/')[0]} ${files[file]} ${what}`);
  return open.filter((lock) => !open.includes(lock.replace(/ SHARED$/, ' EXCLUSIVE')) || !lock.endsWith(' SHARED'));
}

function believedAt({ believed }: Look): readonly string[] {
  return believed
    .filter(({ what }) => what !== 'dead-man switch')
    .map(({ process, file, what }) => `${process} ${file} ${what}`);
}

/** Names that are there at the end. */
function namesAtTheEnd({ inodes, files }: Timeline): readonly string[] {
  return inodes.flatMap(({ to, file }) => (to === null ? [files[file] ?? ''] : []));
}

async function witnessed(processes: readonly StartProcess[], plan: Plan = planOf(), journal: 'wal' | 'delete' = 'wal') {
  const scenario: Scenario = scenarioOf(processes, journal);
  const keeper = new StepKeeper();
  await coordinator.run(scenario, plan, undefined, [keeper]);
  return { scenario, steps: keeper.steps, ...(await witness(coordinator, scenario, plan)) };
}

describe('a run with cancelled locks and a kill', () => {
  test('has the same timeline each time, in used processes and fresh ones, and the explanation of the plan', async () => {
    const { scenario, timeline, facts, history } = await witnessed(busy.processes, busy.plan);
    const again = await witness(coordinator, scenario, busy.plan);
    expect(JSON.stringify(again.timeline)).toBe(JSON.stringify(timeline));
    expect(facts).toEqual(await explain(coordinator, scenario, busy.plan));
    expect(timeline).toMatchObject({ hash: history.hash, total: history.steps });
    const fresh = await coordinatorOf({ fresh: true });
    try {
      expect(JSON.stringify((await witness(fresh, scenario, busy.plan)).timeline)).toBe(JSON.stringify(timeline));
    } finally {
      fresh.close();
    }
  });

  test('shows every step as the trace has it', async () => {
    const { timeline, steps } = await witnessed(busy.processes, busy.plan);
    const { lanes, ops, files, codes } = timeline;
    const told = timeline.steps.map(([step, lane, nowMs, op, file, code]) => {
      const name = file < 0 ? {} : { file: files[file] };
      return { step, lane: lanes[lane], nowMs, op: ops[op], ...name, rc: codes[code] };
    });
    expect(told).toEqual(
      steps.map(({ step, lane, nowMs, op, file, rc }) => {
        return { step, lane, nowMs, op, ...(file === undefined ? {} : { file }), rc };
      }),
    );
  });

  test('shows the locks that were lost, at the step of the raw read, and the faults', async () => {
    const { timeline, steps, history } = await witnessed(busy.processes, busy.plan);
    const raw = steps.find(({ op }) => op === 'raw')?.step;
    expect(locksIn(timeline).filter((lock) => lock.endsWith(` lost ${raw}`))).toEqual([
      expect.stringMatching(/^q SHARED lab\.db /),
    ]);
    const events = eventsIn(timeline);
    expect(events).toContainEqual(expect.stringMatching(/ q fault: lock-cancel q/));
    const commits = history.observations.filter(({ kind }) => kind === 'committed');
    expect(events.filter((event) => event.endsWith(' p commit: committed 1 row of t'))).toHaveLength(commits.length);
    expect(commits.length).toBeGreaterThan(0);
  });

  test('ends all that the killed process had, at its death', async () => {
    const { timeline, history } = await witnessed(busy.processes, busy.plan);
    const died = history.deaths[0]?.step;
    expect(eventsIn(timeline)).toContain(`${died} p death: p was killed by SIGKILL`);
    const ofP = ({ lane }: { readonly lane: number }) => timeline.lanes[lane] === 'p';
    const ends = [...timeline.locks, ...timeline.opens].filter(ofP).map(({ to }) => to);
    expect(ends).not.toContain(null);
    expect(ends.filter((to) => to === died).length).toBeGreaterThan(3);
  });
});

test.each([
  ['wal', ['SHARED', 'WRITE', 'CKPT']],
  ['delete', ['SHARED', 'RESERVED']],
] as const)('at every look the locks are those that are believed (%s)', async (journal, kinds) => {
  const looking = start('l', 'looking', 30);
  const writers = ['a', 'b'].map((name, i) => start(name, 'inserting', { from: i * 100, count: 3 }));
  const leak = start('leak', 'leaking', 100_000);
  const preemptions = Array.from({ length: 60 }, (_, i) => ({ at: 20 + 7 * i, to: ['l', 'a', 'b'][i % 3] ?? 'l' }));
  const all = [...writers, start('h', 'holding', { begin: 'BEGIN IMMEDIATE', ms: 50 }), looking, leak];
  const { timeline, history } = await witnessed(all, planOf({ preemptions }), journal);
  const wrong = history.looks.filter((one) => !sameSet(lockedAt(timeline, one), believedAt(one)));
  expect(wrong.map((one) => [one.step, lockedAt(timeline, one), believedAt(one)])).toEqual([]);
  expect(distinctBelieved(history)).toEqual(expect.arrayContaining([...kinds]));
});

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return JSON.stringify(a.toSorted()) === JSON.stringify(b.toSorted());
}

/** Kinds of locks that were held at any look: the comparison means something. */
function distinctBelieved({ looks }: History): readonly string[] {
  return [...new Set(looks.flatMap(({ believed }) => believed.map(({ what }) => what)))];
}

test('a commit that waits for a reader has PENDING, and the kernel says so too', async () => {
  const reader = start('r', 'holding', { begin: 'BEGIN', ms: 1000 });
  const { timeline, history } = await witnessed(
    [reader, start('w', 'inserting', { from: 0, count: 1 })],
    planOf(),
    'delete',
  );
  const look = history.looks.find(({ label }) => label === 'holding');
  const pendingByte = 0x40000000;
  const waits = look?.locks.find(({ process, from }) => process === 'w' && from === pendingByte);
  expect(waits).toMatchObject({ mode: 'write' });
  const pending = timeline.locks.filter(({ what }) => what === 'PENDING');
  expect(pending.map(({ lane }) => timeline.lanes[lane])).toEqual(['w']);
  expect(pending[0]?.from).toBeLessThan(look?.step ?? 0);
  expect(pending[0]?.to).toBeGreaterThan(look?.step ?? Infinity);
});

test('files, as the disk has them at the end, and who took them away', async () => {
  const acts = [
    ['copy', 'lab.db', 'copy'],
    ['rename', 'copy', 'lab.db'],
    ['unlink', 'lab.db-wal'],
  ];
  const { timeline, history } = await witnessed(
    [writer, start('q', 'shelling', { afterMs: 1500, acts }), start('leak', 'leaking', 1_000_000)],
    planOf({ parameters: { gateways: 1, horizonMs: 10_000, stepsMax: 200_000 } }),
  );
  const told = inodesIn(timeline);
  expect(told).toContainEqual(
    expect.stringMatching(/^lab\.db#1 \d+–\d+ replaced by q, (p and leak|leak and p) has it$/),
  );
  expect(told).toContainEqual(expect.stringMatching(/^lab\.db-wal#1 \d+–\d+ unlinked by q, /));
  const last = history.looks.at(-1);
  expect(last?.paths.length).toBeGreaterThan(0);
  expect(namesAtTheEnd(timeline).toSorted()).toEqual(last?.paths.map(({ file }) => file).toSorted());
});

test('messages: what was sent and received, as the lanes observed it', async () => {
  const { timeline } = await witnessed([start('talker', 'talking', 'listener'), start('listener', 'listening')]);
  expect(messagesIn(timeline)).toEqual([
    expect.stringMatching(/^talker to listener: \{"text":"hello \\"you\\" é"\} \d+–\d+ received$/),
    expect.stringMatching(/^listener to talker: "thanks" \d+–\d+ received$/),
  ]);
});

test('flock: one after the other', async () => {
  const { timeline } = await witnessed(
    ['p', 'q'].map((name) => start(name, 'flocking', { holdMs: 100, timeoutMs: 1000 })),
  );
  const [first, second] = timeline.locks;
  expect(locksIn(timeline)).toEqual([
    expect.stringMatching(/^p flock! the\.lock \d+–\d+$/),
    expect.stringMatching(/^q flock! the\.lock \d+–\d+$/),
  ]);
  expect(first?.to).toBeLessThan(second?.from ?? 0);
});
