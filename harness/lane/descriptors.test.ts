// Descriptors of plain files, and file locks that are waited for, in real runs: what the tables, marks, invariants and
// explanations make of them. What stays out: what the calls answer (native/hosts.test.ts).
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { explain } from '../explain/explain.test-support.ts';
import { violationsOf } from '../judge/judge-history.ts';
import type { Plan } from '../model/plan.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Coordinator } from '../run/coordinator.ts';
import { replayChooser } from '../run/choosers/replay.ts';
import { turnsChooser } from '../run/choosers/preemptions.ts';
import { stream } from '../model/random.ts';
import {
  coordinatorOf,
  observed,
  planOf,
  process as start,
  scenarioOf,
  StepKeeper,
} from '../testing/lab.test-support.ts';
import type { StartProcess } from '../model/process.ts';

const module = new URL('./descriptor-programs.test-support.ts', import.meta.url).href;
const names = ['holdsOn', 'tightens', 'closesBeside', 'visits', 'overwrites', 'leavesOpen', 'locks', 'logs'];

/** @param journal of the database */
function lab(all: readonly StartProcess[], journal: 'wal' | 'delete' = 'wal'): Scenario {
  const base = scenarioOf(all, journal);
  const own = Object.fromEntries(names.map((name) => [name, { module, export: name }]));
  return { ...base, programs: { ...own, setup: base.programs['setup']! } };
}

let coordinator: Coordinator;
beforeAll(async () => {
  coordinator = await coordinatorOf();
});
afterAll(() => coordinator.close());

async function run(all: readonly StartProcess[], more: Partial<Plan> = {}, journal: 'wal' | 'delete' = 'wal') {
  const book = new StepKeeper();
  const plan = planOf(more);
  const history = await coordinator.run(lab(all, journal), plan, replayChooser(plan.preemptions), [book]);
  return { history, steps: book.steps };
}

describe('a descriptor that SQLite has', () => {
  const all = [start('p', 'holdsOn'), start('v', 'visits', { file: 'lab.db', atMs: 100 })];

  test('is found by its file, can be locked, and keeps the lock when the process loses its own', async () => {
    const { history, steps } = await run(all);
    expect(observed(history, 'found')).toEqual([[2, 1, 0]]);
    expect(observed(history, 'locked')).toEqual([[true, true]]);
    const [lost, taken] = history.looks;
    const held = (look = lost) =>
      look?.locks.filter(({ kind }) => kind === 'ofd').map(({ file, mode, from, to }) => [file, mode, from, to]);
    expect(held()).toEqual([
      ['lab.db', 'read', 0x4000_0002, 0x4000_01ff],
      ['lab.db-shm', 'read', 128, 128],
    ]);
    expect(lost?.locks.filter(({ kind, file }) => kind === 'posix' && file === 'lab.db')).toEqual([]);
    expect(lost?.broken).toEqual([]);
    expect(held(taken)).toEqual([]);
    expect(taken?.broken).toEqual([]);
    // The visitor, which takes itself for the last, is refused; the last of all ends the WAL.
    expect(steps.filter(({ lane, op, rc }) => lane === 'v' && op === 'lock' && rc === 'SQLITE_BUSY')).toHaveLength(1);
    expect(observed(history, 'left')).toEqual([['lab.db']]);
    const { handle, args, file } = steps.find(({ op }) => op === 'fdLock') ?? {};
    expect({ handle, args, file }).toEqual({
      handle: 1,
      args: { owner: 'descriptor', action: 'lock', length: 510, offset: 0x4000_0002 },
      file: 'lab.db',
    });
  });
});

test('a mode that is changed by a descriptor costs the locks', async () => {
  const { history } = await run([start('p', 'tightens')]);
  expect(history.marks).toMatchObject({ 'locks-cancelled': 1 });
  expect(history.looks[0]?.broken.map(({ what }) => what)).toContain('SHARED');
});

describe('a descriptor of a database', () => {
  test('that is closed cancels the locks of its process, and the mark says so', async () => {
    const { history } = await run([start('p', 'closesBeside', { file: 'lab.db' })]);
    expect(history.marks).toMatchObject({ 'locks-cancelled': 1 });
    const [held, closed] = history.looks;
    expect(held?.broken).toEqual([]);
    // The kernel bears the table out: it has dropped what SQLite believes to hold.
    expect(closed?.broken.map(({ what }) => what)).toContain('SHARED');
  });

  test('that is another file by now cancels nothing there', async () => {
    const { history } = await run([start('p', 'overwrites')]);
    expect(history.marks).toMatchObject({ 'locks-cancelled': 0 });
  });

  test('is a link of the explanation', async () => {
    const all = [start('p', 'closesBeside', { file: 'lab.db' }), start('v', 'visits', { file: 'lab.db', atMs: 150 })];
    const facts = await explain(coordinator, lab(all), planOf());
    expect(facts.map(({ sentence }) => sentence).join('\n')).toMatch(
      /p closed a descriptor of lab\.db, which it had opened as a plain file: with that close the kernel dropped/,
    );
  });

  test('writes to the file that it was opened for, whatever the name means; its time of change is that file’s', async () => {
    const { history, steps } = await run([start('p', 'overwrites')]);
    const writes = steps.filter(({ op }) => op === 'fdWrite');
    expect(writes.map(({ file, args }) => [file, args?.['offset'], args?.['length']])).toEqual([
      ['lab.db', 0, 15],
      ['lab.db', 0, 1],
    ]);
    expect(observed(history, 'stat')).toMatchObject([{ size: 1 }]);
    expect(history.autopsy.files).toContainEqual({ name: 'aside.db', bytes: 1 });
  });

  test('can fail by the plan: what gives back happens all the same', async () => {
    const fault = { kind: 'io-error', at: { lane: 'p', op: 'fdClose', nth: 1 }, code: 'SQLITE_IOERR' } as const;
    const { history, steps } = await run([start('p', 'closesBeside', { file: 'lab.db' })], {
      faults: [fault],
    });
    expect(steps.find(({ op }) => op === 'fdClose')).toMatchObject({ injected: true });
    expect(history.endings).toMatchObject([
      { ending: { how: 'threw', error: expect.stringContaining('close lab.db: EIO') } },
    ]);
    expect(history.marks).toMatchObject({ 'locks-cancelled': 1 });
  });
});

test('a full disk, and one that answers EIO, fail what is done by a descriptor as what is done by a name', async () => {
  const at = { lane: 'p', op: 'fdWrite', nth: 2 } as const;
  const full = await run([start('p', 'logs')], { faults: [{ kind: 'disk-full', at }] });
  const hiccup = await run([start('p', 'logs')], { faults: [{ kind: 'io-hiccup', at, ms: 1000 }] });
  expect([full, hiccup].map(({ history }) => observed(history, 'came'))).toEqual([
    [['done', 'ENOSPC', 'ENOSPC', 'done', 'done', 'done', 'ENOSPC', 'done']],
    [['done', 'EIO', 'EIO', 'EIO', 'EIO', 'EIO', 'EIO', 'done']],
  ]);
});

test('a process whose lane leaves a descriptor open is not used again', async () => {
  const all = [start('p', 'leavesOpen'), start('q', 'leavesOpen')];
  const one = await run(all);
  const two = await run(all);
  expect(two.history.hash).toBe(one.history.hash);
  expect(one.history.endings.map(({ ending }) => ending.how)).toEqual(['returned', 'returned']);
});

describe('a file lock that is waited for', () => {
  const locker = (name: string, mode: string, keepMs: number, timeoutMs?: number) =>
    start(name, 'locks', { mode, keepMs, ...(timeoutMs === undefined ? {} : { timeoutMs }) });

  test('is had when its holder lets go, without a try in between', async () => {
    const { history, steps } = await run([locker('p', 'exclusive', 1000), locker('q', 'exclusive', 10)]);
    expect(observed(history, 'had')).toEqual([0, 1000]);
    expect(steps.filter(({ op, lane }) => op === 'flock' && lane === 'q').map(({ rc }) => rc)).toEqual([11, 0]);
    expect(steps.some(({ op, lane }) => op === 'sleep' && lane === 'q')).toBe(true); // its own, while it has it
    expect(steps.filter(({ op, lane }) => op === 'sleep' && lane === 'q')).toHaveLength(1);
  });

  test('is had at once although who let go of it lives on', async () => {
    const all = [start('p', 'locks', { mode: 'exclusive', keepMs: 1000, restMs: 5000 }), locker('q', 'exclusive', 10)];
    expect(observed((await run(all)).history, 'had')).toEqual([0, 1000]);
  });

  test('is shared by those who share it, and waited for by who does not', async () => {
    const { history } = await run([
      locker('p', 'shared', 500),
      locker('q', 'shared', 700),
      locker('r', 'exclusive', 1),
    ]);
    expect(observed(history, 'had')).toEqual([0, 0, 700]);
  });

  test('is given up when the time is up', async () => {
    const { history } = await run([locker('p', 'exclusive', 1000), locker('q', 'exclusive', 1, 300)]);
    expect(observed(history, 'refused')).toEqual([300]);
  });

  test('is had when its holder dies', async () => {
    const faults = [{ kind: 'kill', at: { timeMs: 200 }, process: 'p' }] as const;
    const { history } = await run([locker('p', 'exclusive', 1000), locker('q', 'exclusive', 1)], { faults });
    expect(observed(history, 'had')).toEqual([0, 200]);
  });

  test('by any schedule each has it once, and a plan replays to its hash', async () => {
    const all = ['p', 'q', 'r'].map((name) => locker(name, 'exclusive', 0));
    for (let seed = 0; seed < 6; seed++) {
      const found = await coordinator.run(lab(all), planOf(), turnsChooser(stream('chooser', 4, seed)));
      expect(observed(found, 'had')).toHaveLength(3);
      const again = await run(all, { preemptions: found.preemptions });
      expect(again.history.hash).toBe(found.hash);
    }
  });
});

test('holds nothing against a run that is sound', async () => {
  const { history } = await run([start('p', 'leavesOpen')]);
  expect(violationsOf(lab([]), history)).toEqual([]);
});
