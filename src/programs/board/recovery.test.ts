// A board that is taken away, put back older, or damaged, under the policies `recovery`, `recreation` and `corruption`, on real
// files; and a crash before each step of a recovery, and of the recovery after that.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { generalInvariants } from '../../../harness/judge/invariants/catalogue.ts';
import type { Fault } from '../../../harness/model/fault.ts';
import type { Json } from '../../../harness/model/values.ts';
import type { Coordinator } from '../../../harness/run/coordinator.ts';
import { crashSweep } from '../../../harness/search/crash-sweep.ts';
import {
  coordinatorOf,
  observed,
  planOf,
  process as start,
  scenarioOf,
} from '../../../harness/testing/lab.test-support.ts';
import { long } from '../../../harness/testing/long.test-support.ts';
import { noSilentLoss, statusesName } from '../../oracle/no-silent-loss.ts';
import { onFreshBoard, settingsFor } from '../../testing/board-scenario.test-support.ts';
import type { DamageStep } from '../../testing/damage-programs.test-support.ts';

const module = new URL('../../testing/damage-programs.test-support.ts', import.meta.url).href;

let coordinator: Coordinator;
beforeAll(async () => {
  coordinator = await coordinatorOf();
});
afterAll(() => coordinator.close());

/** Processes `p-1`, `p-2`, … that each do their steps, on a fresh board. */
function scenarioUnder(strategy: string, scripts: readonly (readonly DamageStep[])[]) {
  const board = settingsFor(strategy);
  const processes = scripts.map((steps, i) => start(`p-${i + 1}`, 'damage', { board, steps } as unknown as Json));
  return onFreshBoard(scenarioOf(processes), module, strategy);
}

async function run(strategy: string, ...scripts: readonly (readonly DamageStep[])[]) {
  return runWith([], strategy, ...scripts);
}

async function runWith(faults: readonly Fault[], strategy: string, ...scripts: readonly (readonly DamageStep[])[]) {
  const history = await coordinator.run(scenarioUnder(strategy, scripts), planOf({ strategy, faults }));
  for (const { ending } of history.endings) expect(ending).toEqual({ how: 'returned' });
  const uses = observed(history, 'use').map((one) => (typeof one === 'string' ? one : (one as { code: string }).code));
  const all = (kind: string) => observed(history, kind) as readonly { readonly [key: string]: Json }[];
  const keys = history.autopsy.queries['board'];
  const tasks = (Array.isArray(keys) ? keys : []).filter(([key]) => String(key).startsWith('task:')).length;
  return { history, uses, all, tasks, files: history.autopsy.files.map(({ name }) => name) };
}

const done = 'ok';

// What could not be read just now is not gone: a recovery that went on without it made a board without what is in it.
test.each(['fileRead', 'list', 'copy', 'link', 'stat'] as const)(
  'a %s that fails once takes no row, whichever it is',
  async (op) => {
    const uses: readonly DamageStep[] = ['use', 'use', 's', 's', 'use', 's', 's', 'use', 'use'];
    const ticks: readonly DamageStep[] = ['use', 's', 'tick', 's', 'use', 's', 's', 'use', 'use'];
    const gone: readonly DamageStep[] = ['s', 's', 's', 'remove'];
    const back: readonly DamageStep[] = ['s', 'keep', 's', 's', 'restore'];
    for (const [script, person] of [uses, ticks].flatMap((one) => [gone, back].map((other) => [one, other] as const)))
      for (let nth = 1; nth <= 8; nth++) {
        const failing: Fault = { kind: 'io-error', at: { lane: 'p-1', op, nth }, code: 'SQLITE_IOERR_READ' };
        const { uses: said, all, tasks } = await runWith([failing], 'delete+recovery', script, person);
        const kept = said.filter((one) => one === done).length;
        const lost = all('board-recovered').flatMap((told) => told['lost']);
        expect({ nth, tasks, lost }).toEqual({ nth, tasks: kept, lost: [] });
      }
  },
);

// What the journal has lost only the board has: it is saved first, and while it cannot be nothing takes its place.
test.each([
  ['cut', 11],
  ['lose-journal', 7],
  ['lose-snapshots', 5],
] as const)(
  'a step that fails while a board is saved whose folder has lost something (%s) takes no row: each %dth',
  { timeout: 120_000 },
  async (loses, each) => {
    const uses: readonly DamageStep[] = ['use', 'use', 's', 's', 'use', 's', 's', 'use', 'use'];
    const person: readonly DamageStep[] = ['s', loses];
    const { history } = await runWith([], 'delete+recovery', uses, person);
    const from = history.observations.find(({ kind, data }) => kind === 'act' && data === loses)?.step ?? Infinity;
    expect(history.steps - from).toBeGreaterThan(100);
    const lost: object[] = [];
    for (let step = from + 1; step < history.steps; step += each) {
      const failing: Fault = { kind: 'io-error', at: { step }, lane: 'p-1', code: 'SQLITE_IOERR_READ' };
      const { uses: said, tasks, all } = await runWith([failing], 'delete+recovery', uses, person);
      const kept = said.filter((one) => one === done).length;
      // More than that where a use failed behind its COMMIT.
      if (tasks < kept) lost.push({ step, tasks, kept, why: all('board-recovered') });
    }
    expect(lost).toEqual([]);
  },
);

// The line of a transaction that was rolled back lies there until the next one: the first look takes the board for another.
test.each(['delete+recovery', 'recovery'])(
  'under %s a dispatcher compares all rows after a transaction that was rolled back, too',
  async (strategy) => {
    const pause = Array<DamageStep>(31).fill('s');
    const steps = ['use', 'tick', 'use', 'by-hand', ...pause, 'tick', 'use'] as const;
    const clean = await runWith([], strategy, steps);
    const of = (kind: string) => clean.history.observations.filter((one) => one.kind === kind)[2]?.step ?? Infinity;
    const [from, to] = [of('committing'), of('committed')];
    expect(to - from).toBeGreaterThan(20);
    const said: object[] = [];
    let failed = 0;
    for (let step = from + 1; step < to; step++) {
      const failing: Fault = { kind: 'io-error', at: { step }, lane: 'p-1', code: 'SQLITE_IOERR_WRITE' };
      const { uses, all, tasks } = await runWith([failing], strategy, steps);
      const kept = uses.filter((use) => use === done).length;
      if (kept < 5) failed++;
      const whys = all('board-recovered').map(({ why }) => why);
      const isFound = whys.length === 1 && (whys[0] === 'audit' || whys[0] === 'another');
      if (!isFound || tasks < kept) said.push({ step: step - from, whys, tasks, kept });
    }
    expect(said).toEqual([]);
    expect(failed).toBeGreaterThan(5);
  },
);

describe.each(['recovery', 'delete+recovery', 'delete+recovery+identity-commit+flock-session'])(
  'under %s',
  (strategy) => {
    test.each<readonly [string, readonly DamageStep[], string]>([
      ['is gone', ['use', 'use', 'remove', 'use'], 'missing'],
      ['is put back older', ['use', 'keep', 'use', 'restore', 'use'], 'another'],
      ['is gone, and the journal torn', ['use', 'use', 'tear', 'remove', 'use'], 'missing'],
      ['is gone, and the newest snapshot damaged', ['use', 'tick', 'scramble', 'remove', 'use'], 'missing'],
    ])('a board that %s comes back with all its rows', async (_, steps, why) => {
      const { uses, all, tasks } = await run(strategy, steps);
      expect(uses).toEqual([done, done, done]);
      expect(all('board-recovered')).toMatchObject([{ by: 'p-1', why, lost: [], unlike: 0 }]);
      expect(all('board-created')).toEqual([]);
      expect(tasks).toBe(3);
    });

    test('what comes after a gap in the journal is not done, and named row by row', async () => {
      const steps = ['use', 'tick', 'use', 'scramble', 'gap', 'remove', 'use', 'use'] as const;
      const { uses, all, tasks } = await run(strategy, steps);
      expect(uses).toEqual([done, done, done, done, done]);
      const committed = all('committed').map(({ keys }) => keys as readonly string[]);
      expect(all('board-recovered')).toMatchObject([
        { why: 'missing', sequence: 3, lost: committed.slice(1, 3).flat() },
      ]);
      expect(committed[1]?.length).toBeGreaterThan(0);
      expect(tasks).toBe(2);
    });

    test('what is committed after that comes back whole the next time', async () => {
      const steps = ['use', 'tick', 'use', 'scramble', 'gap', 'remove', 'use', 'use', 'remove', 'use'] as const;
      const { all, tasks } = await run(strategy, steps);
      expect(all('board-recovered').map(({ lost }) => (lost as readonly string[]).length > 0)).toEqual([true, false]);
      expect(tasks).toBe(3);
    });

    test('a board that is as it was left stays, though what lies beside it has a gap', async () => {
      const pause = Array<DamageStep>(31).fill('s');
      const steps = ['use', 'tick', 'use', 'scramble', 'gap', ...pause, 'tick', 'use', 'remove', 'use'] as const;
      const { all, tasks } = await run(strategy, steps);
      expect(all('board-recovered')).toMatchObject([{ why: 'missing', lost: [] }]);
      expect(tasks).toBe(6);
    });

    test('what comes after a damaged line of the journal is not taken for a torn tail: it is named', async () => {
      const { all, tasks } = await run(strategy, ['use', 'use', 'use', 'rot', 'remove', 'use']);
      const committed = all('committed').map(({ keys }) => keys as readonly string[]);
      expect(all('board-recovered')).toMatchObject([{ why: 'missing', lost: committed.slice(1, 3).flat() }]);
      expect(tasks).toBe(1);
    });

    test.each(['rot', 'rot-end'] as const)(
      'a board that is as it was left stays, though a line of its journal is damaged: %s',
      async (damage) => {
        const { all, tasks } = await run(strategy, ['use', 'use', 'use', damage, 'tick', 'use', 'remove', 'use']);
        expect(all('board-recovered')).toMatchObject([{ why: 'missing', lost: [] }]);
        expect(tasks).toBe(6);
      },
    );

    const beside = ['lose', 'cut', 'lose-journal', 'lose-snapshots', 'lose-all', 'rot-head', 'rot', 'rot-end'] as const;
    // What is damaged in the middle of a file no use finds, but a dispatcher's comparison.
    const foundByUse = beside.filter((damage) => damage !== 'rot' && damage !== 'rot-end');
    test.each([
      ...foundByUse.map((damage) => [damage, 'use'] as const),
      ...beside.map((damage) => [damage, 'tick'] as const),
    ])(
      'a board that is as it was left loses nothing by damage beside it, and is kept again by the next use: %s, %s',
      async (damage, next) => {
        const pause = Array<DamageStep>(31).fill('s');
        const steps = ['use', 'tick', 'use', 'use', damage, 'look-up', ...pause, next, 'use', 'remove', 'use'] as const;
        const { uses, all, tasks } = await run(strategy, steps);
        expect(uses.filter((use) => use !== done)).toEqual(['NO_SUCH_TASK']);
        expect(all('board-recovered').map(({ why, lost }) => [why, lost])).toEqual([['missing', []]]);
        expect(tasks).toBe(7);
      },
    );

    test('what is lost where the board is gone too is named, or counted where no row is known', async () => {
      const ends = await run(strategy, ['use', 'use', 'use', 'rot-end', 'remove', 'use']);
      expect(ends.all('board-recovered')).toMatchObject([{ why: 'missing', lost: [], unnamed: 1 }]);
      const middle = await run(strategy, ['use', 'use', 'use', 'rot', 'remove', 'use']);
      expect(middle.all('board-recovered')).toMatchObject([{ why: 'missing', unnamed: 1 }]);
    });

    test('a journal without a snapshot says that there was a board: none is made anew in silence', async () => {
      const { uses, all } = await run(strategy, ['use', 'use', 'lose-snapshots', 'remove', 'use', 'anew', 'use']);
      expect(uses).toEqual([done, done, 'KANBAN_DB_GONE', done]);
      expect(all('board-created')).toMatchObject([{ deliberate: true }]);
    });

    test('a snapshot in which a row has another value is outvoted by the older one: the board stays', async () => {
      const pause = Array<DamageStep>(31).fill('s');
      const steps = ['use', 'tick', ...pause, 'tick', 'use', 'forge', ...pause, 'tick', 'remove', 'use'] as const;
      const { all, tasks, history } = await run(strategy, steps);
      expect(all('board-recovered').map(({ why, lost }) => [why, lost])).toEqual([['missing', []]]);
      expect(tasks).toBe(6);
      const committed = all('committed').flatMap(({ keys }) => keys as readonly string[]);
      const rows = history.autopsy.queries['board'];
      const found = new Set((Array.isArray(rows) ? rows : []).map(([key]) => key as string));
      expect(committed.filter((key) => !found.has(key))).toEqual([]);
    });

    test('a torn line is nobody’s commit: the next one takes its place', async () => {
      const { uses, all, tasks } = await run(strategy, ['use', 'tear', 'use', 'use']);
      expect({ uses, tasks, recovered: all('board-recovered').length }).toEqual({
        uses: [done, done, done],
        tasks: 3,
        recovered: 0,
      });
    });

    test('a board that nothing can bring back is not made anew, but where a person wants it', async () => {
      const { uses, all, tasks } = await run(strategy, ['use', 'scramble-all', 'remove', 'use', 'anew', 'use']);
      expect(uses).toEqual([done, 'KANBAN_DB_GONE', done]);
      expect(all('board-created')).toEqual([{ by: 'p-1', board: 'kanban.db', deliberate: true }]);
      expect(tasks).toBe(1);
    });

    test('a board that a person wanted new is not brought back; what would have been lies beside it', async () => {
      const { all, tasks, files } = await run(strategy, ['use', 'use', 'anew', 'use', 'remove', 'use']);
      expect(all('board-recovered')).toMatchObject([{ why: 'missing', sequence: 1 }]);
      expect(tasks).toBe(2);
      expect(files).toEqual(expect.arrayContaining([expect.stringMatching(/^kanban\.db\.old\./)]));
    });

    // [seconds between its ticks, transactions in the newest snapshot]
    test.each([
      [31, 5],
      [1, 0],
    ])('ticks each %i s: snapshots and journal stay few, and the newest has %i', async (seconds, newest) => {
      const steps = Array.from({ length: 6 }, () => ['tick' as const, ...Array<DamageStep>(seconds).fill('s')]).flat();
      const { files, tasks } = await run(strategy, [...steps, 'remove', 'use']);
      expect(tasks).toBe(7);
      const kept = files.filter((name) => /recovery\/(snapshot|journal)/.test(name));
      expect(kept.length).toBeLessThanOrEqual(4);
      const snapshots = kept.flatMap((name) => /snapshot\.[0-9a-f]{8}\.(\d+)$/.exec(name)?.[1] ?? []);
      expect(Math.max(...snapshots.map(Number))).toBe(newest);
    });
  },
);

describe('repair', () => {
  test.each(['repair', 'delete+repair'])(
    'under %s saves what can be read, tells once, and keeps the damaged file',
    async (strategy) => {
      const { uses, all, files } = await run(strategy, ['use', 'use', 'page', 'use', 'use'], ['s', 'use']);
      expect(uses.filter((use) => use === done).length).toBeGreaterThanOrEqual(4);
      expect(all('corrupt-error')).toHaveLength(1);
      expect(all('backup')).toHaveLength(1);
      expect(all('board-repaired')).toMatchObject([{ by: 'p-1', unread: ['tasks'] }]);
      expect(files.filter((name) => name.includes('.corrupt.'))).toHaveLength(1);
    },
  );

  test('makes the board anew of the journal where there is one', async () => {
    const { all, tasks } = await run('delete+repair+recovery', ['use', 'use', 'page', 'use', 'use']);
    expect(all('board-recovered')).toMatchObject([{ why: 'damaged', lost: [] }]);
    expect(tasks).toBe(3);
  });
});

// A sweep of damaged-foreign-bytes with errors found each second try told as if it were other damage.
test.each([
  ['header', 'delete+repair+recovery'],
  ['header', 'delete+repair'],
  ['page', 'delete+repair+recovery'],
] as const)(
  'damage (%s) under %s is told once, whichever step of the repair fails; what comes later anew',
  async (damages, strategy) => {
    const steps: readonly DamageStep[] = ['use', 'use', damages, 'use', 'use', 'use', damages, 'use', 'use'];
    const { history, all } = await runWith([], strategy, steps);
    expect(all('corrupt-error')).toHaveLength(2);
    const from = history.observations.find(({ kind }) => kind === 'corrupt-error')?.step ?? Infinity;
    const told: object[] = [];
    for (let step = from + 1; step < from + 120; step += 3) {
      const failing: Fault = { kind: 'io-error', at: { step }, lane: 'p-1', code: 'SQLITE_IOERR_READ' };
      const errors = (await runWith([failing], strategy, steps)).all('corrupt-error').length;
      if (errors !== 2) told.push({ step: step - from, errors });
    }
    expect(told).toEqual([]);
  },
);

test('under registry nobody makes a new board where one has been, but a person who wants it', async () => {
  const { uses, all, tasks } = await run(
    'registry',
    ['use', 'keep', 'remove', 'use', 'use', 'anew', 'use'],
    ['s', 'use'],
  );
  expect(uses).toEqual([done, 'KANBAN_DB_GONE', 'KANBAN_BOARD_DISABLED', done, done]);
  expect(all('board-created')).toEqual([{ by: 'p-1', board: 'kanban.db', deliberate: true }]);
  expect(all('board-gone')).toHaveLength(1);
  expect(tasks).toBe(2);
});

/** Kills before each step in which `p-1`, or who comes after it, brings the board back. */
async function sweep(strategy: string, steps: readonly DamageStep[], faults: readonly Fault[] = []) {
  const fresh = scenarioUnder(strategy, [steps, ['s', 's', 'use', 'use'], ['s', 's', 's', 's', 'use', 'tick']]);
  const scenario = {
    ...fresh,
    queries: { ...fresh.queries, [statusesName]: 'SELECT id, status FROM tasks' },
    invariants: [...generalInvariants.filter(({ about }) => about === 'harm'), noSilentLoss],
  };
  const only = scenario.invariants.map(({ name }) => name).filter((name) => name !== 'no-stray-writes');
  const plan = planOf({ strategy, faults });
  const { observations } = await coordinator.run(scenario, plan);
  const replaces = new Set<unknown>(['remove', 'restore', 'page']);
  const begins = observations.find(({ kind, data }) => kind === 'act' && replaces.has(data));
  const back = observations.findLast(({ kind }) => kind === 'board-recovered');
  // Then a few more: whoever comes first once the board is back.
  const to = (back?.step ?? Infinity) + 40;
  const found = await crashSweep({ coordinator, scenario, plan, only, from: begins?.step ?? 0, to });
  expect(found.tried).toBe(found.places);
  expect(found.places).toBeGreaterThan(100);
  return found.findings.map(({ invariant, at, first }) => ({
    invariant,
    at: at.slice(0, 3),
    says: first.violation.message,
  }));
}

describe.each(['delete+recovery+repair+identity-commit', 'recovery+repair+identity-commit'])('under %s', (strategy) => {
  test.each<readonly [string, readonly DamageStep[]]>([
    ['gone', ['use', 'use', 'remove', 'use']],
    ['put back older', ['use', 'keep', 'use', 'restore', 'use']],
    ['damaged', ['use', 'use', 'page', 'look-up', 'use']],
  ])(
    'a board that is %s comes back, whoever is killed before whatever step',
    { ...long, timeout: 600_000 },
    async (_, steps) => {
      expect(await sweep(strategy, steps)).toEqual([]);
    },
  );

  test('also when who brings it back after a crash is killed too', { ...long, timeout: 600_000 }, async () => {
    const kill: Fault = { kind: 'kill', at: { lane: 'p-1', op: 'rename', nth: 1 } };
    expect(await sweep(strategy, ['use', 'use', 'remove', 'use'], [kill])).toEqual([]);
  });
});
